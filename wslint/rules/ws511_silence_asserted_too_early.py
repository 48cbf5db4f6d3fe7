"""Silence is asserted before the application has run, or after it has ended.

## What it does
Reports an assert that a communicator's `output_queue` is empty, with nothing awaited since a
message was sent: `assert communicator.output_queue.qsize() == 0`, `.empty()`, and unittest's forms
of them. Also `receive_nothing()` after `disconnect()`, if something happened in between.

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
Unsafe: `receive_nothing()` waits, so the test fails if the application answers. For a check after
`disconnect()` there is no fix: move it before the disconnect.

## Evidence
Channels 4.3.2 with asgiref 3.13.0: `qsize()` is 0 right after a send to a consumer that echoes,
and 1 after five rounds of the event loop. After `disconnect()`, `receive_nothing()` is true of a
message that is then sent to the consumer's group, and false of one that was sent before.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression, ReplaceStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Span
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee
from wslint.rules.shared.fixes import assertion
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.model import Asserted, Event, TestCase, Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import calls_of, follows, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("channels", "asgiref")
)

_NOTHING_HAPPENS = frozenset(("disconnect", "receive_nothing", "print", "assertTrue", "bool"))


@RULE.checks
def silence_asserted_too_early(timeline: Timeline) -> Iterator[Finding]:
    """Report each such assertion."""
    for asserted in timeline.asserts:
        found = _too_early(timeline, asserted)
        if found is not None and asserted.origin is not None:
            send, queue = found
            yield RULE.finding(
                asserted.origin.place,
                "nothing is awaited since the send, so the application has not run yet",
                "wait for silence with `assert await communicator.receive_nothing()`",
                labels=[Label(send.origin.place, "the message is sent here")],
                fix=_fix(timeline.test, asserted, queue),
                cause=f"silence {asserted.origin.place}",
            )
    for check in timeline.events_of("Communicator"):
        end = _ended_before(timeline, check) if check.name == "receive_nothing" else None
        if end is not None:
            yield RULE.finding(
                check.origin.nearest_place(timeline.test.path),
                "the application has ended with disconnect(), so nothing can be received",
                "assert the silence before the disconnect",
                labels=[
                    Label(end.origin.nearest_place(timeline.test.path), "it is disconnected here")
                ],
                fix="what should happen before the disconnect is not known",
                cause=f"silence {check.origin.place}",
            )


def _too_early(timeline: Timeline, asserted: Asserted) -> tuple[Event, tuple[str, ...]] | None:
    """Return the send before an assertion that a queue is empty, and the name of its owner."""
    origin, function = asserted.origin, timeline.test.function
    if origin is None or not timeline.test.holds(origin):
        return None
    queue = _empty_queue(asserted.node or _call_at(function, origin.place.span))
    if queue is None:
        return None
    span = origin.place.span
    for event in reversed(timeline.events):
        if event.kind != "Communicator" or event.at.index > asserted.at.index:
            continue
        inner = event.function
        if inner is None or not inner.span.contains(span) or not event.name.startswith("send_"):
            return None
        near = follows(timeline, asserted.at, event.at)
        return (event, queue) if near and not _awaits(inner, event, span) else None
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


def _fix(test: TestCase, asserted: Asserted, queue: tuple[str, ...]) -> Fix | str:
    if asserted.origin is None or not test.function.is_async:
        return "the test is not a coroutine"
    path, silence = asserted.origin.place.path, f"await {'.'.join(queue)}.receive_nothing()"
    if asserted.node is not None:
        code = Code(silence)
        replaced: ReplaceExpression | ReplaceStatement = ReplaceExpression(
            path, asserted.node.test.span, code
        )
    else:
        call = _call_at(test.function, asserted.origin.place.span)
        if call is None or len(call.args) > 2:
            return "the assertion has a message of its own"
        replaced = ReplaceStatement(path, call.span, Code(assertion(test, silence)))
    return Fix("unsafe", "wait for silence", (replaced,))
