"""A waffle override decorates an `async def`, or is entered inside a coroutine.

## What it does
Reports a waffle override that decorates an `async def`, or is entered by `with` inside a coroutine.

## Why is this bad?
The override writes to the database, and Django forbids that in a thread that runs an event loop:
`SynchronousOnlyOperation: You cannot call this from an async context`. Before Django 3.1 the
decorator did nothing at all, and the test ran with the flag off. No order of decorators helps.

## Example
```python
class ChatTests(TestCase):
    @override_flag("chat", active=True)
    async def test_chat(self):
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()
```

## Use instead
```python
class ChatTests(TestCase):
    @mock.patch("channels.db.close_old_connections", new=mock.Mock())
    @override_flag("chat", active=True)
    @async_to_sync
    async def test_chat(self):
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()
```

## Fix safety
Safe on a method of a TestCase. Unsafe on a pytest function: it becomes a sync test that drives its
old body, so it no longer runs in pytest's event loop. Where a communicator is used, the patch that
keeps the connection open comes with the fix: without it the fixed test fails.

## Evidence
Django 3.1 to 5.2 with waffle 2.7.0 to 5.0.0: SynchronousOnlyOperation in every async shape, in all
eight orders of decorators. Django 2.2 and 3.0: the flag stays off.

## See also
- https://docs.djangoproject.com/en/stable/topics/async/#async-safety: SynchronousOnlyOperation
- https://waffle.readthedocs.io/en/stable/testing/automated.html: the overrides
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, AddDecorator, Code, MakeSync, RemoveDecorator
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.keepalive import uses_communicator
from wslint.rules.shared.keepalive_fix import add_keepalive
from wslint.rules.shared.overrides import (
    ASYNC_TO_SYNC,
    asyncio_marks,
    decorator_of_test,
    overrides_in_lanes,
    wrong_adapter,
)
from wslint.timeline.model import Lane, Scope, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("django", "django-waffle")
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each override that is entered in a running loop."""
    if timeline.environment.async_unsafe:
        return
    for override, lane in overrides_in_lanes(timeline):
        if lane.kind == "loop" and wrong_adapter(timeline, override, lane) is None:
            yield _finding(timeline, override, lane)


def _finding(timeline: Timeline, override: Scope, lane: Lane) -> Finding:
    made = timeline.resources[override.subject]
    fix = _fix(timeline, override)
    labels = []
    if lane.origin is not None:
        labels.append(Label(lane.origin.place, "this runs it in an event loop"))
    place = made.origin.place
    if place.path != timeline.test.path:
        labels.append(Label(place, "the override is here"))
        place = override.origin.seen_from(timeline.test.path)
    return RULE.finding(
        place,
        f"{made.name} is entered inside a coroutine: it writes to the database, which Django "
        "forbids in a running event loop (SynchronousOnlyOperation; before Django 3.1 the override "
        "silently did nothing)",
        "make the test sync and drive its coroutine with async_to_sync inside the override",
        labels=labels,
        fix=fix,
        cause=f"override {override.subject}",
    )


def _fix(timeline: Timeline, override: Scope) -> Fix | str:
    test = timeline.test
    function = test.function
    index = decorator_of_test(timeline, timeline.resources[override.subject].origin.place.span)
    if index is None:
        return "an override entered by `with` inside a coroutine has to be moved out by hand"
    if not function.is_async or function.is_generator:
        return "the test itself is not an async function"
    added: list[Action] = []
    if uses_communicator(timeline):
        added += add_keepalive(timeline, function.name_span, index)
    adapter = Code("{a}", (ASYNC_TO_SYNC,))
    if test.django:
        added.append(AddDecorator(test.path, function.name_span, adapter, -1))
        return Fix("safe", "drive the coroutine with async_to_sync inside the override",
                   tuple(added))  # fmt: skip
    if test.kind == "method":
        return "the class runs its tests in an event loop; the override has to move by hand"
    if test.async_fixtures:
        return f"the test uses an async fixture ({test.async_fixtures[0]})"
    added += [
        RemoveDecorator(test.path, function.name_span, mark.span)
        for mark in asyncio_marks(function)
    ]
    added.append(MakeSync(test.path, function.name_span, adapter, "run_test"))
    return Fix("unsafe", "make the test sync and drive its body with async_to_sync", tuple(added))
