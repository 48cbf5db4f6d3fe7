"""A coroutine of a communicator is never awaited.

## What it does
Reports a call of a communicator's coroutine method (`connect`, `disconnect`, `send_to`,
`receive_nothing` …) whose coroutine is neither awaited nor given to anything that could drive it.

## Why is this bad?
Nothing happens: the message is not sent, the socket is not closed. In an `assert` the coroutine
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
Safe where the call is a statement of its own; unsafe inside an `assert`, which may fail now that it
checks something. In a sync function there is no fix: drive the coroutine with `async_to_sync`.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the un-awaited asserts pass for every application.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.actions import Code, ReplaceExpression
from wslint.finding import Finding, Fix
from wslint.lower import script as s
from wslint.rules.rule import Rule
from wslint.timeline.model import Event, Timeline


def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such call."""
    for call in timeline.events_of("Coroutine"):
        if call.facts["driven"]:
            continue
        fix = _fix(call)
        yield RULE.finding(
            call.origin.place,
            f"the coroutine of {call.name}() is never awaited, so nothing happens"
            + (", and the assert is always true" if _asserted(call) else ""),
            f"await it: `await ….{call.name}(…)`; in a sync function, "
            f"`async_to_sync(….{call.name})(…)`",
            fix=fix if isinstance(fix, Fix) else None,
            no_fix=fix if isinstance(fix, str) else "",
            test=timeline.test.qualname,
        )


def _asserted(call: Event) -> bool:
    return isinstance(call.facts["statement"], s.Assert)


def _fix(call: Event) -> Fix | str:
    function, statement = call.facts["function"], call.facts["statement"]
    if not isinstance(function, s.Function) or not function.is_async:
        return "the call is in a sync function"
    alone = isinstance(statement, s.Do) and statement.value.span == call.origin.place.span
    if not alone and not _asserted(call):
        return "what becomes of the coroutine can't be seen from the statement alone"
    code = Code("await {0}")
    action = ReplaceExpression(call.origin.place.path, call.origin.place.span, code)
    return Fix("safe" if alone else "unsafe", "await the call", (action,))


RULE = Rule(
    code="WS503",
    name="unawaited-communicator-call",
    summary="a coroutine of a communicator is never awaited",
    status="preview",
    fixable="sometimes",
    page=__doc__ or "",
    check=check,
    concerns=("channels",),
)
