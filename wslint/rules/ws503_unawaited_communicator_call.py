"""A communicator's coroutine is never awaited.

## What it does
Reports a call of a communicator's coroutine method (`connect`, `disconnect`, `send_to`,
`receive_nothing` …) whose coroutine is neither awaited nor passed to anything that could drive it.

## Why is this bad?
Nothing happens: the message is not sent, the websocket is not closed. In an `assert`, the coroutine
itself is true, so the test passes whatever the application does. Python only warns, at the end.

## Example
```python
async def test_silence(communicator):
    assert communicator.receive_nothing()
```

## Use instead
```python
async def test_silence(communicator):
    assert await communicator.receive_nothing()
```

## Fix safety
Safe if the call is a statement of its own, or its result is unpacked. Unsafe inside an `assert`,
which may fail now that it checks something. In a sync function there is no fix: drive the coroutine
with `async_to_sync`. Nor is there one in a generator expression, which would become an async one.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the asserts pass with a consumer that talks or refuses, and a
disconnect that is not awaited passes with a consumer whose `disconnect()` fails; awaited, they
fail.

## See also
- https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines: the warning
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Applicability, Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import called_name, callee, simple_name
from wslint.rules.shared.expectations import asserted_true
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, walk
from wslint.timeline.model import Event, Lost, Timeline
from wslint.timeline.query import subject_of

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels",))


@RULE.checks
def never_awaited(timeline: Timeline) -> Iterator[Finding]:
    """Report each such call."""
    for call in timeline.events_of("Coroutine"):
        communicator, lost = subject_of(timeline, call), _lost(call)
        if call.driven or not communicator.role.endswith("Communicator") or lost is None:
            continue
        place = lost.origin.place
        tested = asserted_true(lost.statement)
        is_true = tested is not None and tested.span == place.span
        made = Label(call.origin.place, "the coroutine is made here")
        yield RULE.finding(
            place,
            f"the coroutine of {call.name}() is never awaited"
            + (", so the assert is always true" if is_true else ""),
            f"await it: `await ….{call.name}(…)`; in a sync function, "
            f"`async_to_sync(….{call.name})(…)`",
            labels=[made] if made.place != place else [],
            fix=_fix(timeline, call, lost),
        )


def _lost(call: Event) -> Lost | None:
    """Return where a coroutine is lost: where it is made, or where a helper's caller drops it."""
    if call.lost is None and _is_lost(call):
        return Lost(call.origin, call.function, call.statement)
    return call.lost


def _is_lost(call: Event) -> bool:
    """Return whether the statement drops the coroutine, or nothing can drive the result."""
    statement, span = call.statement, call.origin.place.span
    if isinstance(statement, s.Assert):
        return True
    if isinstance(statement, s.Do):
        value = statement.value
        is_shown = _is_assertion(statement) or (
            isinstance(value, s.Call) and callee(value) == ("print",)
        )
        is_listed = isinstance(value, s.Comp) and value.element.span == span
        return value.span == span or is_listed or (is_shown and value.span.contains(span))
    if not isinstance(statement, s.Assign) or statement.value is None or call.function is None:
        return False
    if statement.value.span != span or len(statement.targets) != 1:
        return False
    if isinstance(statement.targets[0], s.Seq):
        return True  # a coroutine can't be unpacked
    name = simple_name(statement.targets[0])
    others = (other for other in call.function.body if other is not statement)
    return bool(name) and not any(mentions(other, {name}) for other in others)


def _is_assertion(statement: s.Stmt | None) -> bool:
    """Return whether a statement calls one of unittest's assertions."""
    return isinstance(statement, s.Do) and called_name(statement.value).startswith("assert")


def _fix(timeline: Timeline, call: Event, lost: Lost) -> Fix | str:
    if lost.function is None or not lost.function.is_async:
        return "the call is in a sync function"
    place, made = lost.origin.place, call.statement
    is_assigned = isinstance(made, s.Assign) and made.value is call.node
    if is_assigned and call.function is lost.function:
        place = call.origin.place
    generators = (node for node in walk(lost.statement)
                  if isinstance(node, s.Comp) and node.kind == "generator")  # fmt: skip
    if any(node.span.contains(place.span) for node in generators):
        return "in a generator expression nothing can be awaited for a sync function"
    action = ReplaceExpression(place.path, place.span, Code("await {0}"))
    is_asserted = isinstance(lost.statement, s.Assert) or _is_assertion(lost.statement)
    tier: Applicability = "unsafe" if is_asserted else "safe"
    return Fix(tier, "await the call", (action,), reveals=(timeline.test.qualname,))
