"""An async fixture of pytest-asyncio yields inside a task group.

## What it does
Reports an async fixture that yields inside a task group or cancel scope of anyio, such as that of
httpx-ws's `aconnect_ws`, if pytest-asyncio runs it.

## Why is this bad?
pytest-asyncio runs what comes before the `yield` and what comes after it in two tasks. anyio's
scopes must be left by the task that entered them: `RuntimeError: Attempted to exit cancel scope in
a different task than it was entered in`, or a test that hangs. anyio's own pytest plugin uses one
task.

## Example
```python
@pytest_asyncio.fixture
async def line(client):
    async with aconnect_ws("http://echo/echo", client) as line:
        yield line
```

## Use instead
```python
@pytest.mark.asyncio
async def test_echo(client):
    async with aconnect_ws("http://echo/echo", client) as line:
        await line.send_text("hello")
```

## Fix safety
There is no fix: what the tests should open instead is a decision.

## Evidence
httpx-ws 0.7 with anyio 4 and pytest-asyncio 1: an error at the end of each test; none with anyio's
plugin, or with the context in the test.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee
from wslint.syntax import nodes as s
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="none",
    concerns=("starlette", "fastapi", "pytest-asyncio"),
)  # fmt: skip


@RULE.checks
def left_in_another_task(timeline: Timeline) -> Iterator[Finding]:
    """Report each such fixture once."""
    path, reported = timeline.test.path, set[int]()
    for scope in timeline.scopes_of("CancelScope"):
        function, place = scope.function, scope.origin.place
        if function is None or not _is_fixture(timeline, scope, function):
            continue
        if timeline.called is None or is_open(timeline, scope, timeline.called) is not True:
            continue
        if id(function) in reported:
            continue
        reported.add(id(function))
        yield RULE.finding(
            place,
            "the fixture yields inside a task group, which another task then leaves",
            "open it in the test, or run fixture and test with anyio's own pytest plugin",
            labels=[
                Label(Place(place.path, function.name_span), "the fixture"),
                Label(Place(path, timeline.test.function.name_span), "a test that uses it"),
            ],
            fix="what the tests should open instead is a decision",
            cause=f"fixture {place}",
        )


def _is_fixture(timeline: Timeline, scope: Scope, function: s.Function) -> bool:
    """Return whether pytest-asyncio runs the fixture in which a scope opens."""
    names = [callee(decorator) for decorator in function.decorators]
    if scope.frame != "fixture" or not function.is_async:
        return False
    is_anyio = any("anyio" in callee(d) for d in timeline.test.function.decorators)
    by_auto = timeline.environment.asyncio_mode == "auto" and not is_anyio
    own: set[tuple[str, ...]] = {("pytest_asyncio", "fixture")}
    if by_auto:
        own |= {("pytest", "fixture"), ("fixture",)}
    return not own.isdisjoint(names)
