"""An async fixture is made with `pytest.fixture`, which pytest-asyncio does not run.

## What it does
Reports an `async def` fixture with `@pytest.fixture` that a test with the mark `asyncio` uses, if
pytest-asyncio is in its strict mode, the default. Not reported where anyio's plugin runs the
fixture, or where a conftest.py changes the mode or sets up fixtures itself.

## Why is this bad?
In strict mode pytest-asyncio runs only fixtures made with `pytest_asyncio.fixture`. pytest hands
the test what the call returns, a coroutine or an async generator: `'async_generator' object has no
attribute …`. pytest 9 stops: `requested an async fixture …, with no plugin or hook that handled
it`.

## Example
```python
@pytest.fixture
async def communicator():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
    connected, _ = await communicator.connect()
    assert connected
    yield communicator
    await communicator.disconnect()
```

## Use instead
```python
@pytest_asyncio.fixture
async def communicator():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
    connected, _ = await communicator.connect()
    assert connected
    yield communicator
    await communicator.disconnect()
```

## Fix safety
Unsafe: the fixture now runs, and may fail. `asyncio_mode = "auto"` is the other way.

## Evidence
pytest 9.2 with pytest-asyncio 1.5: each test that asks for the fixture has an error; with the fix
they pass. Read in 115 repositories: 1 finding, true.

## See also
- https://pytest-asyncio.readthedocs.io/en/stable/concepts.html#test-discovery-modes:
  the modes of pytest-asyncio
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee
from wslint.syntax import nodes as s
from wslint.timeline.model import Decorated, Timeline

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("pytest-asyncio>=0.19",)
)

_FIXTURE = Code("{a}", (Symbol("pytest_asyncio.fixture", module="pytest_asyncio"),))


@RULE.checks
def fixture_is_not_run(timeline: Timeline) -> Iterator[Finding]:
    """Report each such fixture of a test."""
    test = timeline.test
    for fixture in test.idle_fixtures:
        place = Place(fixture.path, fixture.node.name_span)
        yield RULE.finding(
            place,
            f"{fixture.node.name} is an async fixture that pytest-asyncio does not run",
            "use `@pytest_asyncio.fixture`, or set `asyncio_mode` to auto",
            labels=[Label(Place(test.path, test.function.name_span), "a test that asks for it")],
            fix=_fix(fixture),
            cause=f"fixture {place}",
        )


def _fix(fixture: Decorated) -> Fix | str:
    if any("mark" in callee(decorator) for decorator in fixture.node.decorators):
        return "pytest allows no mark on a fixture"
    for decorator in fixture.node.decorators:
        if callee(decorator)[-1:] == ("fixture",):
            made_by = decorator.func if isinstance(decorator, s.Call) else decorator
            action = ReplaceExpression(fixture.path, made_by.span, _FIXTURE)
            return Fix("unsafe", "let pytest-asyncio run it", (action,))
    return "its decorator is not called `fixture` here"
