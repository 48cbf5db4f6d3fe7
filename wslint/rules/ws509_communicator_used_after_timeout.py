"""A communicator is used again after a receive that timed out.

## What it does
Reports a receive whose timeout is expected or caught (`pytest.raises(asyncio.TimeoutError)`,
`except TimeoutError`, `except Exception`, `suppress`), if the test goes on and uses its
communicator again, or tries again in a loop (`continue`). A shorter limit around the receive
(`asyncio.wait_for`, `asyncio.timeout`) ends it earlier, and is not reported. An endless loop that
only the timeout ends is reported, whatever it does with the messages. Any other timeout is not if
the test looks at what was received, as in `assert answer == "hello"`, or leaves the code with it
(`break`, `return`). If the expectation admits the AssertionError of a receive that meets a
close, and the consumer may close, there is no finding after a message that it may answer in this
way.

## Why is this bad?
A receive that times out cancels the application. Any later use of the communicator raises
`CancelledError`. With asgiref before 3.9 a `disconnect()` passes, but the consumer's own
`disconnect()` never runs. `receive_nothing()` waits for silence and does not cancel the
application.

## Example
```python
async def test_silence(communicator):
    with pytest.raises(asyncio.TimeoutError):
        await communicator.receive_from()
    await communicator.disconnect()
```

## Use instead
```python
async def test_silence(communicator):
    assert await communicator.receive_nothing(timeout=1)
    await communicator.disconnect()
```

## Fix safety
Safe if the block holds nothing but the receive: `receive_nothing()` waits for the same time. Where
a message may come as well, the receive stays, below `if not await ….receive_nothing()`; in a loop
that tries again, below `if await ….receive_nothing(): continue`; a loop that the timeout ends
becomes `while not await ….receive_nothing()`. Unsafe if `pytest.raises(Exception)` may expect
something else, as a close of the consumer or a message that is no JSON. For other blocks there is
no fix.

## Evidence
Channels 4.1.0 with asgiref 3.9.0 to 3.12.0, and 4.3.2 with 3.13.0: CancelledError. With asgiref
3.7.2 and 3.8.1 the disconnect passes even with a consumer whose `disconnect()` fails, and any other
use raises CancelledError. The fixed tests pass in every version.

## See also
- https://github.com/django/channels/issues/957: CancelledError from disconnect()
- https://github.com/django/asgiref/issues/518: no longer hidden by asgiref
- https://github.com/django/asgiref/issues/32: what led to receive_nothing
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import (
    block_of,
    call_in,
    dotted,
    goes_elsewhere,
    inner_blocks,
    names_assigned,
    simple_name,
)
from wslint.rules.shared.consumers import may_close
from wslint.rules.shared.expectations import asserted, asserts_emptiness, truth_for
from wslint.rules.shared.silence_fixes import (
    continues,
    ended_loop,
    excepted_block,
    is_drain,
    wait_for_silence,
)
from wslint.rules.shared.swallowing import asserts
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.model import Caught, Event, Moment, TestCase, Timeline
from wslint.timeline.order import before, excludes, has_escaped, implies, is_open
from wslint.timeline.query import calls_of, ends_itself, expectations, follows, subject_of
from wslint.vocabulary import RECEIVES

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("channels", "asgiref")
)

# whoever catches anything after a receive with nothing else in its block waits for silence, too
_ANYTHING = ("builtins.Exception", "builtins.BaseException")
_TIMEOUTS = ("TimeoutError", *_ANYTHING)
_OF_A_RECEIVE = (*_TIMEOUTS, "AssertionError", "CancelledError")
_CANCELLED = ("CancelledError", "builtins.BaseException")
_WAITS = RECEIVES | {"connect", "disconnect", "wait"}


@RULE.checks
def used_after_timeout(timeline: Timeline) -> Iterator[Finding]:
    """Report each such receive."""
    path = timeline.test.path
    cancelled: set[int] = set()
    for caught in timeline.caught:
        receive = _timed_out(timeline, caught)
        later = _used_later(timeline, caught, receive) if receive is not None else None
        if receive is not None and later is not None:
            is_raised = _is_raised(timeline, caught, later)
            may_be_other = _may_be_other(timeline, caught, receive) is not False
            is_sure = is_raised and not may_be_other
            made = subject_of(timeline, receive)
            fix = wait_for_silence(
                timeline, caught, receive, is_raised=is_raised, may_be_other=may_be_other
            )
            if made.id in cancelled:
                fix = "an earlier receive has cancelled the application already"
            elif isinstance(fix, str):
                cancelled.add(made.id)
            yield RULE.finding(
                receive.origin.nearest_place(path),
                _message(timeline, receive, later, is_sure=is_sure),
                "wait for silence with `assert await communicator.receive_nothing()`",
                labels=[
                    Label(later.origin.nearest_place(path), "the communicator is used again here")
                ],
                fix=fix,
                cause=made,
            )


def _message(timeline: Timeline, receive: Event, later: Event, *, is_sure: bool) -> str:
    effect = f"the later {later.name}() fails"
    if later.name == "disconnect" and timeline.environment.version("asgiref") < (3, 9):
        effect = "the consumer's disconnect() never runs"
    if is_sure:
        return f"{receive.name}() times out and cancels the application, so {effect}"
    return f"if {receive.name}() times out, it cancels the application, and {effect}"


def _timed_out(timeline: Timeline, caught: Caught) -> Event | None:
    """Return the receive that raised; None if it isn't known which call did."""
    if not any(name.endswith(_TIMEOUTS) for name in caught.names):
        return None
    if not all(name.endswith(_OF_A_RECEIVE) for name in caught.names):
        return None  # the application may be the one that raises
    events = [timeline.events[index] for index in caught.events if index < len(timeline.events)]
    waits = [event for event in events if event.kind == "Communicator" and event.name in _WAITS]
    if not waits or waits[-1].name not in RECEIVES:
        return None
    receive = waits[-1]
    if any(event.subject != receive.subject or event.name == "connect" for event in waits):
        return None
    if _may_be_other(timeline, caught, receive) or _has_a_message(events, receive):
        return None
    if _is_after_a_refusal(timeline, receive):
        return None
    made = subject_of(timeline, receive)
    is_known = not made.members and not has_escaped(timeline, made.id, caught.at)
    return receive if is_known and ends_itself(timeline, receive) else None


def _is_after_a_refusal(timeline: Timeline, receive: Event) -> bool:
    """Return whether an ``if`` around a receive asks whether the connection was refused."""
    connects = (c for c in calls_of(timeline, subject_of(timeline, receive)) if c.name == "connect")
    names = {name for connect in connects for name in _names_of(connect.statement)}
    function, statement = receive.function, receive.statement
    if function is None or statement is None:
        return False
    branches = (one for one in statements(function.body) if isinstance(one, s.Branch))
    for branch in (one for one in branches if mentions(one.test, names)):
        is_inside = [block_of(arm, statement) != () for arm in branch.arms]
        is_negated = isinstance(branch.test, s.Op) and branch.test.kind == "not"
        if is_inside[:1] == [True] if is_negated else is_inside[1:2] == [True]:
            return True
    return False


def _names_of(statement: s.Stmt | None) -> tuple[str, ...]:
    """Return the first name to which a statement unpacks a value."""
    targets = statement.targets if isinstance(statement, s.Assign) else ()
    first = [to.items[0] if isinstance(to, s.Seq) and to.items else to for to in targets]
    return tuple(filter(None, map(simple_name, first)))


def _has_a_message(events: list[Event], receive: Event) -> bool:
    """Return whether a receive only runs where `receive_nothing()` has said that there is one."""
    earlier = [
        event
        for event in events
        if event.subject == receive.subject
        and event.at.index < receive.at.index
        and event.node is not receive.node
    ]
    if not earlier or earlier[-1].name != "receive_nothing":
        return False
    last, at = earlier[-1].at, receive.at
    return implies(at.path, last.path) and at.path != last.path


def _may_be_other(timeline: Timeline, caught: Caught, receive: Event) -> bool | None:
    """Return whether the exception may be no timeout, as that of a close; None if unknown.

    A receive of a text that meets a close raises an AssertionError, and nothing is cancelled. Nor
    is it by a message that is no JSON.
    """
    if not any(name.endswith(("AssertionError", *_ANYTHING)) for name in caught.names):
        return False
    blocks = inner_blocks(caught.statement) if caught.statement is not None else []
    inside = [one for block in blocks for one in statements(block)]
    made = subject_of(timeline, receive)
    may_be = may_close(made.consumers)
    is_repeated = any(isinstance(one, (s.Loop, s.Jump)) for one in inside)
    if is_repeated and (may_be is not False or not _is_alone(caught, receive)):
        return True
    is_asked = any(
        use.name.startswith("send") and before(timeline, use.at, receive.at) is not False
        for use in calls_of(timeline, made)
    )
    if not may_be and _is_broad(caught) and _may_be_no_json(caught, receive):
        return None
    return None if may_be and not is_asked else may_be


def _is_alone(caught: Caught, receive: Event) -> bool:
    """Return whether a block, or a loop in it, holds nothing but a receive."""
    body = caught.statement.body if isinstance(caught.statement, (s.With, s.Try)) else ()
    if len(body) == 1 and isinstance(body[0], s.Loop):
        body = body[0].body
    return len(body) == 1 and body[0] is receive.statement


def _is_broad(caught: Caught) -> bool:
    return any(name.endswith(_ANYTHING) for name in caught.names)


def _may_be_no_json(caught: Caught, receive: Event) -> bool:
    return receive.name == "receive_json_from" or mentions(caught.statement, {"loads"})


def _used_later(timeline: Timeline, caught: Caught, receive: Event) -> Event | None:
    for use in calls_of(timeline, subject_of(timeline, receive)):
        if (
            use.name not in ("wait", "connect")
            and before(timeline, caught.at, use.at) is True
            and not excludes(use.at.path, caught.at.path)
            and not _may_fail(timeline, use.at)
        ):
            expected = (
                _is_raised(timeline, caught, use)
                or _is_tried_again(caught, use, receive)
                or _expects_timeout(timeline.test, caught, receive)
            )
            return use if expected or not _is_looked_at(caught, receive) else None
    return None


def _is_tried_again(caught: Caught, later: Event, receive: Event) -> bool:
    """Return whether a loop repeats a receive, and its handler does nothing but go on."""
    return later.node is receive.node and continues(caught.statement)


def _is_raised(timeline: Timeline, caught: Caught, later: Event) -> bool:
    """Return whether a later use is only reached if the receive has raised."""
    if ended_loop(timeline, caught) is not None:
        return True
    block = excepted_block(caught.statement) if caught.statement is not None else ()
    may_not = caught.may_not and not (block and is_drain(block[-1]))
    is_only_way = follows(timeline, later.at, caught.at) and not _goes_elsewhere(caught)
    return is_only_way and not may_not


def _goes_elsewhere(caught: Caught) -> bool:
    """Return whether a test that gets a message leaves the code around the ``try``."""
    return isinstance(caught.statement, s.Try) and goes_elsewhere(caught.statement.body)


def _may_fail(timeline: Timeline, at: Moment) -> bool:
    """Return whether a CancelledError may be expected or caught at a moment."""
    return any(
        scope.kind == "Raises" or any(not n or n.endswith(_CANCELLED) for n in scope.expected)
        for scope in expectations(timeline)
        if is_open(timeline, scope, at) is not False
    )


def _is_looked_at(caught: Caught, receive: Event) -> bool:
    """Return whether the test looks at what was received, so that it fails after a timeout."""
    statement, function = caught.statement, receive.function
    if statement is None or function is None or _goes_elsewhere(caught):
        return True
    if function.is_generator:
        return True  # whoever goes through it does
    inside = [one for block in inner_blocks(statement) for one in statements(block)]
    if any(isinstance(one, s.Return) and one.value is not None for one in inside):
        return True
    if any(map(asserts, inside)):
        return True
    names = {name for one in inside for name in (*names_assigned(one), *_filled(one))}
    end = statement.span[2:]
    later = [one for one in statements(function.body) if one.span[:2] >= end]
    return any(mentions(_tested(one), names) and not asserts_emptiness(one) for one in later)


def _expects_timeout(owner: TestCase, caught: Caught, receive: Event) -> bool:
    """Return whether an assertion only holds if the receive times out.

    It looks at a flag that the handler sets, or at the constant that a helper returns from it.
    """
    handlers = caught.statement.handlers if isinstance(caught.statement, s.Try) else ()
    helper_calls = {place.span for place in receive.origin.via if place.path == owner.path}
    for end in (one for handler in handlers for one in handler.body):
        value = end.value if isinstance(end, (s.Assign, s.Return)) else None
        if not isinstance(value, s.Const):
            continue
        if isinstance(end, s.Return):
            body, flags = owner.function.body, set()
        else:
            body, flags = receive.function.body if receive.function else (), names_assigned(end)

        def is_value(expr: s.Expr, flags: set[str] = flags) -> bool:
            if flags:
                return isinstance(expr, s.Ref) and expr.parts[-1] in flags
            call = expr.value if isinstance(expr, s.Await) else expr
            return isinstance(call, s.Call) and call.span in helper_calls

        expressions = [one for part in statements(body) if (one := asserted(part)) is not None]
        if any(truth_for(test, is_value, value) for test in expressions):
            return True
    return False


def _filled(statement: s.Stmt) -> tuple[str, ...]:
    """Return the name of the list to which a statement such as ``seen.append(…)`` adds."""
    call = statement.value if isinstance(statement, s.Do) else None
    return dotted(call.func)[-2:-1] if isinstance(call, s.Call) else ()


def _tested(statement: s.Stmt) -> s.Expr | None:
    """Return what a statement asserts, decides about or gives to a call, such as assertEqual."""
    if isinstance(statement, (s.Assert, s.Branch)):
        return statement.test
    return call_in(statement) if isinstance(statement, s.Do) else None
