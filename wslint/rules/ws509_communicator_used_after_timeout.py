"""A communicator is used again after a receive that is expected to time out.

## What it does
Reports a receive that must time out for the test to continue
(`pytest.raises(asyncio.TimeoutError)`, or `except TimeoutError` after a `try` that fails if it does
not), if its communicator is used again.

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
Safe if the block holds nothing but the receive: the new assert waits for the same time. For other
blocks there is no fix.

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

from wslint.findings.actions import Code, ReplaceStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.fixes import assertion
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Caught, Event, Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import calls_of, follows, is_failure_expected, subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("channels", "asgiref")
)

# whoever catches anything after a receive with nothing else in its block waits for silence, too
_TIMEOUTS = ("TimeoutError", "builtins.Exception", "builtins.BaseException")
_RECEIVES = frozenset(("receive_from", "receive_json_from", "receive_output"))
# these end a wait themselves, and the application is not cancelled
_OTHER_LIMITS = frozenset(("wait_for", "timeout", "timeout_at", "fail_after", "move_on_after"))


@RULE.checks
def used_after_timeout(timeline: Timeline) -> Iterator[Finding]:
    """Report each such receive."""
    path = timeline.test.path
    for caught in timeline.caught:
        if not all(name.endswith(_TIMEOUTS) for name in caught.names):
            continue
        receive = _timed_out(timeline, caught)
        later = _used_later(timeline, caught, receive) if receive is not None else None
        if receive is not None and later is not None:
            yield RULE.finding(
                receive.origin.nearest_place(path),
                f"{receive.name}() times out and cancels the application, so the later "
                f"{later.name}() fails",
                "wait for silence with `assert await communicator.receive_nothing()`",
                labels=[
                    Label(later.origin.nearest_place(path), "the communicator is used again here")
                ],
                fix=_fix(timeline, caught, receive),
                cause=subject_of(timeline, receive),
            )


def _timed_out(timeline: Timeline, caught: Caught) -> Event | None:
    """Return the receive that raised; None if it isn't known which call did."""
    events = [timeline.events[index] for index in caught.events]
    used = [event for event in events if event.kind == "Communicator"]
    receives = [event for event in used if event.name in _RECEIVES]
    if len(receives) != 1 or used[-1] is not receives[0]:
        return None
    (receive,) = receives
    if receive.function is None or mentions(receive.function.body, _OTHER_LIMITS):
        return None
    made = subject_of(timeline, receive)
    return None if made.members or has_escaped(timeline, made.id, caught.at) else receive


def _used_later(timeline: Timeline, caught: Caught, receive: Event) -> Event | None:
    for use in calls_of(timeline, subject_of(timeline, receive)):
        if (
            use.name not in ("wait", "connect")
            and follows(timeline, use.at, caught.at)
            and is_failure_expected(timeline, use.at) is False
        ):
            return use
    return None


def _fix(timeline: Timeline, caught: Caught, receive: Event) -> Fix | str:
    statement, place = caught.statement, receive.origin.place
    call = _only_call(statement) if statement is not None else None
    if call is None or statement is None or call.span != place.span or not receive.receiver:
        return "the block holds more than the receive"
    given = next((arg.value for arg in call.args), None)
    if len(call.args) > 1 or (given is not None and not isinstance(given, s.Const)):
        return "the timeout of the receive is not a number"
    timeout = given.value if isinstance(given, s.Const) else 1
    silence = f"await {'.'.join(receive.receiver)}.receive_nothing(timeout={timeout})"
    code = Code(assertion(timeline.test, silence))
    action = ReplaceStatement(place.path, statement.span, code)
    return Fix("safe", "wait for silence", (action,))


def _only_call(statement: s.Stmt) -> s.Call | None:
    """Return the call that a block awaits, if it holds nothing else that matters."""
    if isinstance(statement, s.With):
        if len(statement.items) > 1 or statement.items[0].target is not None:
            return None
        body = statement.body
    elif isinstance(statement, s.Try):
        handled = len(statement.handlers) == 1 and not statement.handlers[0].body
        if not handled or statement.final:
            return None
        body = statement.body[:1]
    else:
        return None
    only = body[0] if len(body) == 1 else None
    awaited = only.value if isinstance(only, s.Do) else None
    call = awaited.value if isinstance(awaited, s.Await) else None
    return call if isinstance(call, s.Call) else None
