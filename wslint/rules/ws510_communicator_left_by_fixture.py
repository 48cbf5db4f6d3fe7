"""A fixture yields a connected communicator and leaves disconnecting to the tests.

## What it does
Reports a fixture that connects a communicator, yields it and does not disconnect it after the
`yield`, if a test disconnects it in its own body.

## Why is this bad?
The first assertion that fails skips the test's disconnect. The application's task then stays alive,
and later tests may fail with it. A fixture should close what it opens.

## Example
```python
@pytest_asyncio.fixture
async def communicator():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
    connected, _ = await communicator.connect()
    assert connected
    yield communicator
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
Unsafe: the disconnect now also runs after tests that have none. A second disconnect does no harm,
so those of the tests stay. There is no fix if the `yield` is not a statement of its own, or what it
yields has no name.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the fixed form passes with both disconnects, and fails with a
consumer whose `disconnect()` fails.

## See also
- https://github.com/django/channels_redis/issues/367: one failing test makes the others fail
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, InsertStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import Event, Timeline
from wslint.timeline.query import calls_of, subject_of

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))


@RULE.checks
def left_by_fixture(timeline: Timeline) -> Iterator[Finding]:
    """Report each such fixture."""
    test = timeline.test
    for scope in timeline.scopes_of("Communicator"):
        made = subject_of(timeline, scope)
        step, fixture = made.birth[0], made.birth[0].function
        if step.frame != "fixture" or fixture is None or not fixture.is_generator:
            continue
        uses = calls_of(timeline, made)
        inside = [use for use in uses if _is_in(step.path, fixture, use)]
        if made.escaped or made.members or not inside or inside[0].name != "connect":
            continue
        if any(use.name in ("disconnect", "wait") for use in inside):
            continue
        disconnects = [use for use in uses if use.name == "disconnect"]
        left = [use for use in disconnects if _is_in(test.path, test.function, use)]
        if left:
            yield RULE.finding(
                Place(step.path, fixture.name_span),
                "this fixture yields a connected communicator and does not disconnect it",
                "disconnect after the `yield`; a failing assertion skips the test's disconnect",
                labels=[Label(left[0].origin.nearest_place(test.path), "disconnected here")],
                fix=_fix(step.path, fixture, inside[0]),
            )


def _is_in(path: str, function: s.Function, event: Event) -> bool:
    places = (*event.origin.via, event.origin.place)
    return any(place.path == path and function.span.contains(place.span) for place in places)


def _fix(path: str, fixture: s.Function, connect: Event) -> Fix | str:
    last = fixture.body[-1] if fixture.body else None
    value = last.value if isinstance(last, s.Do) else None
    if not isinstance(value, s.Yield) or last is None:
        return "the `yield` is not the last statement of the fixture"
    if not isinstance(value.value, s.Ref):
        return "what the fixture yields has no name"
    if not fixture.is_async or value.value.parts != connect.receiver:
        return "the fixture does not yield the communicator itself, from a coroutine"
    code = Code(f"await {'.'.join(value.value.parts)}.disconnect()")
    action = InsertStatement(path, last.span, code)
    return Fix("unsafe", "disconnect after the yield", (action,))
