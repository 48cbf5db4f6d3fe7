"""A waffle override decorates an `async def`, or is entered inside a coroutine.

## What it does
Reports a waffle override that decorates an `async def`, or is entered by `with` inside a coroutine.

## Why is this bad?
The override writes to the database, and Django forbids that in a thread with a running event loop:
`SynchronousOnlyOperation: You cannot call this from an async context`. Before Django 3.1 the
decorator had no effect, and the test ran with the flag off. No order of decorators helps.

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
old body, so it no longer runs in pytest's event loop. If a communicator is used, the fix also adds
the patch that keeps the connection open, without which the fixed test would fail.

## Evidence
Django 3.1 to 5.2 with waffle 2.7.0 to 5.0.0: SynchronousOnlyOperation in every async form, in all
eight orders of decorators. Django 2.2 and 3.0: the flag stays off.

## See also
- https://docs.djangoproject.com/en/stable/topics/async/#async-safety: SynchronousOnlyOperation
- https://waffle.readthedocs.io/en/stable/testing/automated.html: the overrides
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, AddDecorator, Code, MakeSync
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.adapters import (
    decorator_of_test,
    overrides_in_lanes,
    without_asyncio_marks,
    wrong_adapter,
)
from wslint.rules.shared.database import add_keepalive, needs_keepalive
from wslint.rules.shared.fixes import ASYNC_TO_SYNC
from wslint.timeline.model import Lane, Scope, Timeline
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("django", "django-waffle")
)


@RULE.checks
def override_in_coroutine(timeline: Timeline) -> Iterator[Finding]:
    """Report each override that is entered in a running event loop."""
    if timeline.environment.async_unsafe:
        return
    for override, lane in overrides_in_lanes(timeline):
        if lane.kind == "loop" and wrong_adapter(timeline, override, lane) is None:
            yield _finding(timeline, override, lane)


def _finding(timeline: Timeline, scope: Scope, lane: Lane) -> Finding:
    override, path = subject_of(timeline, scope), timeline.test.path
    labels = []
    if lane.origin is not None:
        labels.append(Label(lane.origin.place, "this runs it in an event loop"))
    place = scope.origin.place
    if place.path != path:
        place = scope.origin.seen_from(path)
    if override.origin.place != place:
        labels.append(Label(override.origin.place, "the override is here"))
    return RULE.finding(
        place,
        f"{override.name} is entered inside a coroutine, where Django forbids its queries",
        "make the test sync and drive its coroutine with `async_to_sync` inside the override",
        labels=labels,
        fix=_fix(timeline, scope),
        cause=override,
    )


def _fix(timeline: Timeline, override: Scope) -> Fix | str:
    test, function = timeline.test, timeline.test.function
    index = decorator_of_test(timeline, override.origin.place.span)
    if index is None:
        return "an override entered by `with` inside a coroutine has to be moved out by hand"
    if not function.is_async or function.is_generator:
        return "the test itself is not an async function"
    actions: list[Action] = []
    if needs_keepalive(timeline):
        actions += add_keepalive(timeline, function.name_span, index)
    adapter = Code("{a}", (ASYNC_TO_SYNC,))
    if test.django:
        actions.append(AddDecorator(test.path, function.name_span, adapter, -1))
        title = "drive the coroutine with async_to_sync inside the override"
        return Fix("safe", title, tuple(actions))
    if test.kind == "method":
        return "the class runs its tests in an event loop; move the override by hand"
    if test.async_fixtures:
        return f"the test uses an async fixture ({test.async_fixtures[0]})"
    actions += without_asyncio_marks(timeline)
    actions.append(MakeSync(test.path, function.name_span, adapter, "run_test"))
    return Fix("unsafe", "make the test sync and drive its body with async_to_sync", tuple(actions))
