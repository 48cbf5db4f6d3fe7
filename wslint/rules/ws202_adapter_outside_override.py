"""An adapter and a waffle override decorate a test method in the wrong order.

## What it does
Reports, on a method of a TestCase, `@async_to_sync` above a waffle override, a waffle override
above `@sync_to_async` or `@database_sync_to_async`, and `@database_sync_to_async` above a waffle
override.

## Why is this bad?
The upper decorator runs the lower one. Under `@async_to_sync`, the override is entered inside the
event loop, where Django forbids its queries (SynchronousOnlyOperation). Above `@sync_to_async` it
wraps a coroutine function, with the same result. `@database_sync_to_async` itself closes the
connection of the test's transaction.

## Example
```python
class ChatTests(TestCase):
    @async_to_sync
    @override_flag("chat", active=True)
    async def test_chat(self):
        await check_chat()
```

## Use instead
```python
class ChatTests(TestCase):
    @override_flag("chat", active=True)
    @async_to_sync
    async def test_chat(self):
        await check_chat()
```

## Fix safety
Safe: the override and the patches end up around the adapter, or the adapter of a sync body is
removed. If a communicator is used, the fix also adds the patch that keeps the connection open.

## Evidence
Channels 4.3.2, 129 orders run: `async_to_sync` below every override passes, above any of them it
fails. The order of an override and a patch never matters.

## See also
- https://docs.djangoproject.com/en/stable/topics/async/#async-adapter-functions: the adapters
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, OrderDecorators, RemoveDecorator
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.adapters import overrides_in_lanes, wrong_adapter
from wslint.rules.shared.database import add_keepalive, needs_keepalive
from wslint.timeline.model import Timeline
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="safe", concerns=("asgiref", "django-waffle")
)


@RULE.checks
def adapter_outside_override(timeline: Timeline) -> Iterator[Finding]:
    """Report each adapter once."""
    test, reported = timeline.test, set()
    for scope, lane in overrides_in_lanes(timeline):
        adapter = wrong_adapter(timeline, scope, lane)
        allowed = timeline.environment.async_unsafe and lane.kind == "loop"
        if adapter is None or adapter in reported or allowed:
            continue
        reported.add(adapter)
        override = subject_of(timeline, scope)
        yield RULE.finding(
            Place(test.path, test.function.decorators[adapter].span),
            f"this adapter and {override.name} are in an order that cannot work",
            "put the override and its patches above `@async_to_sync`; a sync test needs no adapter",
            labels=[Label(override.origin.place, "the override")],
            fix=_fix(timeline, adapter),
            cause=override,
        )


def _fix(timeline: Timeline, adapter: int) -> Fix:
    test, target = timeline.test, timeline.test.function.name_span
    decorators = test.function.decorators
    keepalive = add_keepalive(timeline, target) if needs_keepalive(timeline) else ()
    action: Action
    if not test.function.is_async:
        action = RemoveDecorator(test.path, target, decorators[adapter].span)
        return Fix("safe", "remove the adapter: the body is sync", (*keepalive, action))
    order = [number for number in range(len(decorators)) if number != adapter]
    action = OrderDecorators(test.path, target, (*order, adapter))
    return Fix("safe", "put the adapter below the override", (action, *keepalive))
