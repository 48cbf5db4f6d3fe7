"""An assert or a receive of a websocket test whose failure is swallowed.

## What it does
Reports an assert inside `try: … except Exception:` (or a bare `except`, `except AssertionError`,
`contextlib.suppress(Exception)`, a context manager of the project that does no more) whose handler
does nothing: `pass`, `break`, `continue`, `return`, a log message, `pytest.skip()`. Also a receive
there, if nothing is checked after the block, and `except KeyError` around an assert that looks a
key up: a message without that key passes.

Not reported if the block is tried again until it succeeds, if something that it changes is checked
after it, or if it calls `pytest.fail()`, whose exception passes `except Exception`.
[WS405](WS405.md) is about blocks in which the websocket is opened.

## Why is this bad?
A failed assert raises AssertionError, which is an Exception. It is swallowed like the timeout that
the handler was written for, so the test passes whatever the application sends.

## Example
```python
async def test_answer(communicator):
    await communicator.send_json_to({"name": "ann"})
    try:
        answer = await communicator.receive_json_from()
        assert answer["name"] == "ann"
    except Exception:
        pass
```

## Use instead
```python
async def test_answer(communicator):
    await communicator.send_json_to({"name": "ann"})
    answer = await communicator.receive_json_from()
    assert answer["name"] == "ann"
```

Where silence is right too, leave only the receive in the `try`, and assert in its `else`.

## Fix safety
Unsafe: what checks the message moves to an `else`, so its failure counts. The handler still
tolerates all others, also those of calls before the check. Display-only if calls follow it.

Where the receive can't be left alone in the block, the fix is display-only, as it may be meant to
fail: the handler or `suppress` goes; a flag that the block sets, and nothing reads, is asserted at
the end; a connect is expected to raise what the handler names. `extend-unsafe-fixes = ["WS410"]`
makes these as well.

There is no fix for a receive that nothing checks if the handler leaves a loop, or goes on with it:
what the loop does depends on the exception. If no message is a correct outcome, `await
communicator.receive_nothing()` asserts it.

## Evidence
Channels 4.3.2, Starlette 1.10.0: such tests pass for an application that answers wrongly. Read in
75 repositories: 6 findings in 3, all true.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place, Span
from wslint.rules.rule import Rule
from wslint.rules.shared.code import block_of, blocks_of, called_name, callee, caught_names
from wslint.rules.shared.swallowing import (
    LOOKUP_ERRORS,
    asserts,
    checks_at_end,
    leaves_loop,
    only_goes_on,
    returns,
    unswallowed,
)
from wslint.rules.shared.swallowing_fixes import (
    expect_the_failure,
    let_assert_fail,
    let_receive_fail,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements, walk
from wslint.timeline.model import Asserted, Event, Moment, Scope, Timeline
from wslint.timeline.order import is_open
from wslint.vocabulary import LOGS

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS405",),
    concerns=("channels", "starlette", "fastapi", "httpx-ws"),
)  # fmt: skip

_BROAD = frozenset(("Exception", "BaseException"))
_ASSERTIONS = _BROAD | {"AssertionError"}
_BASE = frozenset(("BaseException",))
_PYTEST_FAIL = (("pytest", "fail"), ("fail",))
_GROWS = frozenset(("append", "extend", "insert", "add", "update", "put", "put_nowait"))


@RULE.checks
def swallowed_failure(timeline: Timeline) -> Iterator[Finding]:
    """Report each such block of a test or helper."""
    if not timeline.events_of("Communicator") and not timeline.scopes_of("Socket"):
        return
    for scope in timeline.scopes_of("Try"):
        function = scope.function
        if scope.frame not in ("test", "helper") or function is None:
            continue
        asserted = _asserted_in(timeline, scope)
        later = _checks_after(scope, function)
        if asserted is not None and asserted.origin is not None:
            if mentions(tuple(later), _changed(scope.statement, function)):
                continue
            what = "a failure" if _swallows(scope, _ASSERTIONS) else "the KeyError"
            if what == "a failure" or (
                _looks_up(scope, asserted) and _swallows(scope, LOOKUP_ERRORS)
            ):
                fix: Fix | str = "it is not known which call should fail"
                if not _is_always_false(asserted) or _receives_before(timeline, scope, asserted):
                    fix = let_assert_fail(timeline, scope, asserted.origin)
                yield _finding(
                    timeline, scope, asserted.origin.place, f"{what} of this assert", fix
                )
        elif scope.frame == "test":
            receive = _receive_in(timeline, scope)
            is_lost = receive is not None and not later and _swallows(scope, _BROAD)
            if not is_lost or receive is None:
                yield from _either_way(timeline, scope, function)
            elif not _must_raise(scope) and not _used_after(timeline, scope):
                fix = let_receive_fail(timeline, scope, function)
                yield _finding(
                    timeline, scope, receive.origin.place, "a failure of this receive", fix
                )


def _finding(timeline: Timeline, scope: Scope, place: Place, what: str, fix: Fix | str) -> Finding:
    message = f"{what} is swallowed, so the test passes whatever happens"
    where = scope.origin.place
    labels = [Label(where, "this block goes on after it")]
    if place.path != where.path:
        place = where
    is_channels = bool(timeline.events_of("Communicator"))
    silence = "; where silence is correct, assert `receive_nothing()`" if is_channels else ""
    return RULE.finding(
        place, message, f"let it fail{silence}", labels=labels, fix=fix, cause=f"expected {where}",
    )  # fmt: skip


def _either_way(timeline: Timeline, scope: Scope, function: s.Function) -> Iterator[Finding]:
    """Report a connect whose failure may pass, in a test that checks nothing else."""
    statement = scope.statement
    if timeline.asserts or any(map(asserts, statements(function.body))):
        return
    if isinstance(statement, s.Try):
        if statement.orelse or checks_at_end(statement):
            return
        if not all(only_goes_on(handler.body) for handler in statement.handlers):
            return
    elif not isinstance(statement, s.With):
        return
    for event in timeline.events_of("Communicator"):
        if (
            event.name == "connect"
            and event.result_uses <= {"dropped", "unused"}
            and _is_innermost(timeline, scope, event.at)
        ):
            yield RULE.finding(
                event.origin.nearest_place(timeline.test.path),
                "accepted, refused or failed: the test passes whatever becomes of this connect",
                "expect the exception with `pytest.raises`, or assert what connect() returns",
                labels=[Label(scope.origin.place, "this block goes on after an exception")],
                fix=_revealing(timeline, expect_the_failure(scope)),
                cause=f"connect {event.origin.place}",
            )


def _revealing(timeline: Timeline, fix: Fix | str) -> Fix | str:
    """Return a fix after which other rules may report that nothing asserts the connect."""
    return replace(fix, reveals=(timeline.test.qualname,)) if isinstance(fix, Fix) else fix


def _swallows(scope: Scope, names: frozenset[str]) -> bool:
    """Return whether an exception of one of these names surely goes unnoticed."""
    statement = scope.statement
    if isinstance(statement, s.With):
        catching = {name.rpartition(".")[2] for name in scope.expected}
        return not names.isdisjoint(catching) and not returns(statement.body)
    if not isinstance(statement, s.Try) or statement.orelse or checks_at_end(statement):
        return False
    handler = next((h for h in statement.handlers if _catches(scope, h, names)), None)
    if handler is None or not only_goes_on(handler.body):
        return False
    if scope.function is not None and _is_noticed(scope.function, statement, handler):
        return False
    # otherwise it is tried again until it succeeds, or success has a way of its own
    return not returns(statement.body) or leaves_loop(handler.body)


def _is_noticed(function: s.Function, statement: s.Try, handler: s.Handler) -> bool:
    """Return whether only success goes on after a block in a loop, or what is logged is checked."""
    goes_on = any(isinstance(one, s.Jump) and one.kind == "continue" for one in handler.body)
    block = block_of(function.body, statement)
    if goes_on and block and block[-1] is not statement:
        return True
    logs = any(isinstance(one, s.Do) and called_name(one.value) in LOGS for one in handler.body)
    return logs and mentions(function.body, {"caplog", "assertLogs", "capsys"})


def _must_raise(scope: Scope) -> bool:
    """Return whether the block calls ``pytest.fail``, whose exception is no Exception."""
    statement = scope.statement
    if isinstance(statement, s.Try):
        caught = any(_catches(scope, handler, _BASE) for handler in statement.handlers)
    else:
        caught = any(name.endswith("BaseException") for name in scope.expected)
    body = blocks_of(statement)[0] if statement is not None else ()
    return not caught and any(
        isinstance(one, s.Do) and callee(one.value) in _PYTEST_FAIL for one in body
    )


def _catches(scope: Scope, handler: s.Handler, names: frozenset[str]) -> bool:
    caught = caught_names(handler)
    if isinstance(scope.statement, s.Try) and len(scope.statement.handlers) == 1:
        caught |= {name.rpartition(".")[2] for name in scope.expected}  # also those of a constant
    return not names.isdisjoint(caught)


def _is_innermost(timeline: Timeline, scope: Scope, at: Moment) -> bool:
    """Return whether no other block inside of this one may catch what is raised at a moment."""
    inner = [
        other
        for other in timeline.scopes
        if other.kind in ("Try", "Raises") and other.opened.index > scope.opened.index
    ]
    return is_open(timeline, scope, at) is True and all(
        is_open(timeline, other, at) is False for other in inner
    )


def _asserted_in(timeline: Timeline, scope: Scope) -> Asserted | None:
    return next(
        (
            asserted
            for asserted in timeline.asserts
            if asserted.origin is not None and _is_innermost(timeline, scope, asserted.at)
        ),
        None,
    )


def _is_always_false(asserted: Asserted) -> bool:
    """Return whether it is ``assert False``, by which a test says that something must raise."""
    return asserted.node is not None and isinstance(asserted.node.test, s.Const)


def _receives_before(timeline: Timeline, scope: Scope, asserted: Asserted) -> bool:
    """Return whether a receive in the same block comes before an assertion."""
    return any(
        event.at.index < asserted.at.index and _is_innermost(timeline, scope, event.at)
        for event in _receives(timeline)
    )


def _receives(timeline: Timeline) -> Iterator[Event]:
    for event in timeline.events:
        if event.kind in ("Communicator", "Socket") and event.name.startswith("receive"):
            yield event


def _looks_up(scope: Scope, asserted: Asserted) -> bool:
    """Return whether an assert takes an item of what it checks, which may not be there."""
    span = asserted.origin.place.span if asserted.origin is not None else None
    checks = (node for node in walk(scope.statement) if getattr(node, "span", None) == span)
    return any(isinstance(node, s.Item) for check in checks for node in walk(check))


def _receive_in(timeline: Timeline, scope: Scope) -> Event | None:
    """Return a receive in a block whose message the block uses.

    One whose message is dropped counts if the test checks nothing at all: it may drain the socket.
    A communicator that is used after it is what WS509 is about.
    """
    function = scope.function
    checks = bool(timeline.asserts) or any(
        map(asserts, statements(function.body if function else ()))
    )
    for event in _receives(timeline):
        if (
            event.name != "receive_nothing"
            and _is_innermost(timeline, scope, event.at)
            and (_is_used(scope, event) or (event.kind == "Socket" and not checks))
        ):
            return event
    return None


def _is_used(scope: Scope, event: Event) -> bool:
    """Return whether the block's own code binds or reads what a call gives."""
    statement = scope.statement
    if event.origin.place.path != scope.origin.place.path or statement is None:
        return False
    for node in walk(statement):
        if isinstance(node, s.Do) and node.span.contains(event.origin.place.span):
            value = node.value.value if isinstance(node.value, s.Await) else node.value
            return value.span != event.origin.place.span
    return statement.span.contains(event.origin.place.span)


def _used_after(timeline: Timeline, scope: Scope) -> bool:
    """Return whether the test receives again, which fails if the application has ended."""
    return any(
        event.at.index > max(end.index for end in scope.closings)
        for event in _receives(timeline)
        if scope.closings
    )


def _checks_after(scope: Scope, function: s.Function) -> list[s.Stmt]:
    """Return the statements after a block that check something."""
    span: Span = scope.statement.span if scope.statement is not None else scope.origin.place.span
    return [
        statement
        for statement in unswallowed(function.body)
        if statement.span.line > span.end_line and asserts(statement)
    ]


def _changed(statement: s.Stmt | None, function: s.Function) -> set[str]:
    """Return the names that a block binds or adds something to, or what follows it in a loop."""
    if statement is None:
        return set()
    names: set[str] = set()
    block = block_of(function.body, statement)
    in_loop = any(isinstance(one, s.Loop) and one.body is block for one in walk(function.body))
    after = block[block.index(statement) + 1 :] if in_loop else ()
    body = (*blocks_of(statement)[0], *after)
    for node in walk(body):
        if isinstance(node, s.Assign):
            names |= {ref.parts[-1] for target in node.targets for ref in refs(target)}
        elif isinstance(node, s.Call) and callee(node)[-1:] in {(name,) for name in _GROWS}:
            names |= set(callee(node)[:-1])
    return names
