"""A test function is decorated as a fixture, so it never runs.

## What it does
Reports `@pytest.fixture` on a function with a test's name that opens a socket or uses a
communicator or an override. Not where it yields or returns a value, has a `name=` or `autouse=`, or
where other code of the file names it: then it is a fixture that is only called like a test.

## Why is this bad?
pytest collects no fixture as a test, and nothing asks for this one: it never runs, and nothing says
so. With a mark on it, pytest 9 stops at the collection of the file.

## Example
```python
@pytest.fixture
async def test_echo():
    communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.disconnect()
```

## Use instead
```python
@pytest.mark.asyncio
async def test_echo():
    communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.disconnect()
```

## Fix safety
Unsafe: the test runs now, and may fail. An `async def` gets the mark of pytest-asyncio, where it
has none.

## Evidence
pytest 9.2: such a file passes with a consumer that refuses every connection. With a mark above or
below the decorator: `Marks cannot be applied to fixtures`.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, AddDecorator, Code, RemoveDecorator, Symbol
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.overrides import asyncio_marks
from wslint.syntax import nodes as s
from wslint.timeline.model import Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("pytest",), never_runs=True
)

_ASYNCIO = Code("{a}", (Symbol("pytest.mark.asyncio", module="pytest"),))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the decorator."""
    idle = timeline.never_runs
    if idle is None or idle.kind != "fixture":
        return
    function = timeline.test.function
    own = next((d for d in function.decorators if _is_fixture(d)), None)
    yield RULE.finding(
        idle.place if own is None else Place(timeline.test.path, own.span),
        f"{function.name} is a fixture, which pytest collects as no test, and nothing asks for it: "
        "it never runs",
        "take the decorator away; an `async def` needs its asyncio mark then",
        fix=_fix(timeline, own),
    )


def _is_fixture(decorator: s.Expr) -> bool:
    ref = decorator.func if isinstance(decorator, s.Call) else decorator
    return isinstance(ref, s.Ref) and ref.parts[-1] == "fixture"


def _fix(timeline: Timeline, decorator: s.Expr | None) -> Fix | str:
    test, function = timeline.test, timeline.test.function
    if decorator is None:
        return "the decorator is not called fixture here"
    if isinstance(decorator, s.Call) and decorator.args:
        return "the fixture has options, so it may be meant to be one"
    actions: list[Action] = [RemoveDecorator(test.path, function.name_span, decorator.span)]
    if function.is_async and not asyncio_marks(function):
        actions.append(AddDecorator(test.path, function.name_span, _ASYNCIO))
    return Fix("unsafe", "make it a test", tuple(actions), reveals=(test.qualname,))
