"""A communicator's coroutine is never awaited.

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
Safe where the call is a statement of its own, or its result is unpacked; unsafe inside an `assert`,
which may fail now that it checks something. In a sync function there is no fix: drive the coroutine
with `async_to_sync`.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the asserts pass with a consumer that talks or refuses, a
disconnect that is not awaited with a consumer whose `disconnect()` fails; awaited, they fail.

## See also
- https://docs.python.org/3/library/asyncio-dev.html#detect-never-awaited-coroutines: the warning
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Applicability, Finding, Fix
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Timeline

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels",))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such call."""
    for call in timeline.events_of("Coroutine"):
        made = timeline.resources[call.subject or 0]
        if call.driven or not made.role.endswith("Communicator") or not _is_lost(call):
            continue
        statement = call.statement
        true = isinstance(statement, s.Assert) and statement.test.span == call.origin.place.span
        yield RULE.finding(
            call.origin.place,
            f"the coroutine of {call.name}() is never awaited, so nothing happens"
            + (", and the assert is always true" if true else ""),
            f"await it: `await ….{call.name}(…)`; in a sync function, "
            f"`async_to_sync(….{call.name})(…)`",
            fix=_fix(call),
        )


def _is_lost(call: Event) -> bool:
    """Tell whether the statement drops the coroutine, or makes of it what nothing can drive."""
    statement, function = call.statement, call.function
    if isinstance(statement, s.Assert):
        return True
    if isinstance(statement, s.Do):
        return bool(statement.value.span == call.origin.place.span)
    if not isinstance(statement, s.Assign) or statement.value is None or function is None:
        return False
    if statement.value.span != call.origin.place.span or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    if isinstance(target, s.Seq):
        return True  # a coroutine can't be unpacked
    if not isinstance(target, s.Ref) or len(target.parts) != 1:
        return False
    return not any(mentions(other, {target.parts[0]}) for other in function.body
                   if other is not statement)  # fmt: skip


def _fix(call: Event) -> Fix | str:
    function, statement = call.function, call.statement
    if not isinstance(function, s.Function) or not function.is_async:
        return "the call is in a sync function"
    code = Code("await {0}")
    action = ReplaceExpression(call.origin.place.path, call.origin.place.span, code)
    tier: Applicability = "unsafe" if isinstance(statement, s.Assert) else "safe"
    return Fix(tier, "await the call", (action,))
