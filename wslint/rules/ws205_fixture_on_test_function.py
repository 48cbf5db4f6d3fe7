"""A test function is decorated as a fixture, so it never runs.

## What it does
Reports `@pytest.fixture` on a function with a test's name that opens a socket or uses a
communicator or an override. Functions that yield or return a value, have a `name=` or `autouse=`,
or are referred to by other code of the file are not reported: they are fixtures named like tests.

## Why is this bad?
pytest does not collect fixtures as tests, and nothing requests this one, so it silently never runs.
With a mark on it, pytest 9 stops at the collection of the file.

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
Unsafe: the test now runs, and may fail. An `async def` without an asyncio mark gets one.

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
from wslint.rules.shared.adapters import asyncio_marks
from wslint.rules.shared.code import callee
from wslint.syntax import nodes as s
from wslint.timeline.model import Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("pytest",), never_runs=True
)

_ASYNCIO = Code("{a}", (Symbol("pytest.mark.asyncio", module="pytest"),))


@RULE.checks
def fixture_on_test(timeline: Timeline) -> Iterator[Finding]:
    """Report the decorator."""
    test, reason = timeline.test, timeline.never_runs
    if reason is None or reason.kind != "fixture":
        return
    fixtures = (d for d in test.function.decorators if callee(d)[-1:] == ("fixture",))
    own = next(fixtures, None)
    yield RULE.finding(
        reason.place if own is None else Place(test.path, own.span),
        f"{test.function.name} is a fixture that nothing requests, so it never runs",
        "remove the decorator; an `async def` then needs an asyncio mark",
        fix=_fix(timeline, own),
    )


def _fix(timeline: Timeline, decorator: s.Expr | None) -> Fix | str:
    test, function = timeline.test, timeline.test.function
    if decorator is None:
        return "the decorator is not called `fixture` here"
    if isinstance(decorator, s.Call) and decorator.args:
        return "the fixture has options, so it may be intended"
    actions: list[Action] = [RemoveDecorator(test.path, function.name_span, decorator.span)]
    if function.is_async and not asyncio_marks(function):
        actions.append(AddDecorator(test.path, function.name_span, _ASYNCIO))
    return Fix("unsafe", "make it a test", tuple(actions), reveals=(test.qualname,))
