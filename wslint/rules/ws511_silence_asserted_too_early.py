"""Silence is asserted before the application has run, or after it has ended.

## What it does
Reports an assert that a communicator's `output_queue` is empty, with nothing awaited since a
message was sent: `assert communicator.output_queue.qsize() == 0`, `.empty()`, unittest's forms of
them, and `pytest.raises(QueueEmpty)` around `get_nowait()`. Also `receive_nothing()` after
`disconnect()`, if something happened in between.

## Why is this bad?
`send_to()` puts the message into a queue and returns. The consumer runs when the test next awaits
something that takes time, so the queue is empty for an application that answers, too. After
`disconnect()` the application has ended: nothing that happens later can reach it.

## Example
```python
async def test_unknown_page(communicator):
    await communicator.send_json_to({"page": "unknown"})
    assert communicator.output_queue.qsize() == 0
    await communicator.disconnect()
```

## Use instead
```python
async def test_unknown_page(communicator):
    await communicator.send_json_to({"page": "unknown"})
    assert await communicator.receive_nothing()
    await communicator.disconnect()
```

## Fix safety
Unsafe: `receive_nothing()` waits, so the test fails if the application answers. If the test
receives an answer later, the assert is removed instead. For a check after
`disconnect()` there is no fix: move it before the disconnect.

## Evidence
Channels 4.3.2 with asgiref 3.13.0: `qsize()` is 0 right after a send to a consumer that echoes,
and 1 after five rounds of the event loop. After `disconnect()`, `receive_nothing()` is true of a
message that is then sent to the consumer's group, and false of one that was sent before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wslint.findings.actions import (
    Code,
    RemoveStatement,
    ReplaceExpression,
    ReplaceStatement,
)
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Span
from wslint.rules.rule import Rule
from wslint.rules.shared.code import called_name, callee
from wslint.rules.shared.fixes import assertion
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.model import Event, Moment, Origin, Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import calls_of, follows, subject_of
from wslint.vocabulary import RECEIVES

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("channels", "asgiref")
)

_NOTHING_HAPPENS = frozenset(("disconnect", "receive_nothing", "print", "assertTrue", "bool"))


@RULE.checks
def silence_asserted_too_early(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assertion."""
    for check in (*_asserted(timeline), *_expected(timeline)):
        send = _sent_just_before(timeline, check)
        if send is not None:
            yield RULE.finding(
                check.origin.place,
                "nothing is awaited since the send, so the application has not run yet",
                "wait for silence with `assert await communicator.receive_nothing()`",
                labels=[Label(send.origin.place, "the message is sent here")],
                fix=_fix(timeline, check, send),
                cause=f"silence {check.origin.place}",
            )
    for receive in timeline.events_of("Communicator"):
        end = _ended_before(timeline, receive) if receive.name == "receive_nothing" else None
        if end is not None:
            yield RULE.finding(
                receive.origin.nearest_place(timeline.test.path),
                "the application has ended with disconnect(), so nothing can be received",
                "assert the silence before the disconnect",
                labels=[
                    Label(end.origin.nearest_place(timeline.test.path), "it is disconnected here")
                ],
                fix="what should happen before the disconnect is not known",
                cause=f"silence {receive.origin.place}",
            )


class _Check(NamedTuple):
    """Where a test says that the output queue of a communicator with this name is empty."""

    at: Moment
    origin: Origin
    node: s.Assert | s.Call | s.With
    queue: tuple[str, ...]


def _asserted(timeline: Timeline) -> Iterator[_Check]:
    """Yield each assertion that a queue is empty."""
    for one in timeline.asserts:
        if one.origin is None or not timeline.test.holds(one.origin):
            continue
        node = one.node or _call_at(timeline.test.function, one.origin.place.span)
        queue = _empty_queue(node)
        if node is not None and queue is not None:
            yield _Check(one.at, one.origin, node, queue)


def _expected(timeline: Timeline) -> Iterator[_Check]:
    """Yield each ``raises(QueueEmpty)`` around nothing but a ``get_nowait``."""
    for scope in timeline.scopes_of("Raises"):
        block = scope.statement
        if (
            isinstance(block, s.With)
            and timeline.test.holds(scope.origin)
            and scope.expected in (("asyncio.QueueEmpty",), ("asyncio.queues.QueueEmpty",))
            and len(block.body) == len(block.items) == 1
            and isinstance(block.body[0], s.Do)
        ):
            queue = _queue_of(block.body[0].value, "get_nowait")
            if queue is not None:
                yield _Check(scope.opened, scope.origin, block, queue)


def _sent_just_before(timeline: Timeline, check: _Check) -> Event | None:
    """Return the send before a check, if the test awaits nothing in between."""
    span = check.origin.place.span
    for event in reversed(timeline.events):
        if event.kind != "Communicator" or event.at.index > check.at.index:
            continue
        inner = event.function
        if inner is None or not inner.span.contains(span) or not event.name.startswith("send_"):
            return None
        near = follows(timeline, check.at, event.at)
        return event if near and not _awaits(inner, event, span) else None
    return None


def _call_at(function: s.Function, span: Span) -> s.Call | None:
    found = (node for node in walk(function) if isinstance(node, s.Call) and node.span == span)
    return next(found, None)


def _empty_queue(checked: s.Assert | s.Call | None) -> tuple[str, ...] | None:
    """Return whose output queue an assertion says to be empty, None if it says anything else."""
    if isinstance(checked, s.Assert):
        return _empty(checked.test)
    args = [arg.value for arg in checked.args] if checked is not None else []
    name = callee(checked)[-1:]
    if name == ("assertTrue",) and args:
        return _empty(args[0])
    if name == ("assertFalse",) and args:
        return _queue_of(args[0], "qsize")
    if name in (("assertEqual",), ("assertEquals",)) and len(args) > 1:
        return _zero(args[0], args[1]) or _zero(args[1], args[0])
    return None


def _empty(test: s.Expr) -> tuple[str, ...] | None:
    if isinstance(test, s.Compare) and len(test.rights) == 1 and test.ops[0] in ("==", "is"):
        right = test.rights[0]
        if isinstance(right, s.Const) and right.value is True:
            return _queue_of(test.left, "empty")
        return _zero(test.left, right) or _zero(right, test.left)
    if isinstance(test, s.Op) and test.kind == "not":
        return _queue_of(test.operands[0], "qsize")
    return _queue_of(test, "empty")


def _zero(size: s.Expr, number: s.Expr) -> tuple[str, ...] | None:
    is_zero = isinstance(number, s.Const) and number.value == 0 and number.value is not False
    return _queue_of(size, "qsize") if is_zero else None


def _queue_of(call: s.Expr, method: str) -> tuple[str, ...] | None:
    parts = callee(call) if isinstance(call, s.Call) else ()
    return parts[:-2] if len(parts) > 2 and parts[-2:] == ("output_queue", method) else None


def _awaits(function: s.Function, send: Event, end: Span) -> bool:
    """Return whether a function awaits anything between a send and the end."""
    start = send.origin.place.span
    return any(
        _is_between(node.span, start, end)
        for node in walk(function)
        if isinstance(node, s.Await) or (isinstance(node, (s.With, s.Loop)) and node.is_async)
    )


def _is_between(span: Span, start: Span, end: Span) -> bool:
    after = (span.line, span.column) > (start.end_line, start.end_column)
    return after and (span.line, span.column) < (end.end_line, end.end_column)


def _ended_before(timeline: Timeline, check: Event) -> Event | None:
    """Return the disconnect before a check, if something has happened since."""
    made, function = subject_of(timeline, check), check.function
    if function is None or not timeline.test.function.span.contains(function.span):
        return None
    if made.members or has_escaped(timeline, made.id, check.at):
        return None
    for event in reversed(calls_of(timeline, made)):
        if event.at.index >= check.at.index:
            continue
        if event.name != "disconnect" or event.function is not function:
            return None
        start, end = event.origin.place.span, check.origin.place.span
        happens = any(
            isinstance(node, s.Call)
            and callee(node)[-1:] not in {(name,) for name in _NOTHING_HAPPENS}
            and _is_between(node.span, start, Span(end.line, end.column, end.line, end.column))
            for node in walk(function)
        )
        return event if happens and follows(timeline, check.at, event.at) else None
    return None


def _fix(timeline: Timeline, check: _Check, send: Event) -> Fix | str:
    test, path, node = timeline.test, check.origin.place.path, check.node
    if not test.function.is_async:
        return "the test is not a coroutine"
    if _is_answered(timeline, send):
        title = "remove the assert: an answer is received later"
        return Fix("unsafe", title, (RemoveStatement(path, node.span),))
    silence = f"await {'.'.join(check.queue)}.receive_nothing()"
    replaced: ReplaceExpression | ReplaceStatement
    if isinstance(node, s.Assert):
        replaced = ReplaceExpression(path, node.test.span, Code(silence))
    elif isinstance(node, s.Call) and called_name(node) == "assertTrue":
        replaced = ReplaceExpression(path, node.args[0].value.span, Code(silence))
    elif isinstance(node, s.Call) and len(node.args) > (1 if "False" in called_name(node) else 2):
        return "the assertion has a message of its own"
    else:
        check_it = assertion(test, test.function, silence)
        replaced = ReplaceStatement(path, node.span, Code(check_it))
    return Fix("unsafe", "wait for silence", (replaced,))


def _is_answered(timeline: Timeline, send: Event) -> bool:
    """Return whether the test receives something before it sends again."""
    calls = calls_of(timeline, subject_of(timeline, send))
    later = (call.name for call in calls if call.at.index > send.at.index)
    return next(later, "") in RECEIVES
