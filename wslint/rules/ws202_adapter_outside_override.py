"""An adapter and a waffle override decorate a test method in the wrong order.

## What it does
Reports, on a method of a TestCase, `@async_to_sync` above a waffle override, a waffle override
above `@sync_to_async` or `@database_sync_to_async`, and `@database_sync_to_async` above a waffle
override.

## Why is this bad?
The upper decorator runs the lower one. Under `@async_to_sync` the override is entered inside the
event loop, where Django forbids its queries (SynchronousOnlyOperation); above `@sync_to_async` it
wraps a coroutine function, with the same end. `@database_sync_to_async` closes the connection
of the test's transaction itself.

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
Safe: the override and the patches end up around the adapter, or the adapter of a sync body goes.
Where a communicator is used, the patch that keeps the connection open comes with the fix.

## Evidence
Channels 4.3.2, 129 orders run: `async_to_sync` below every override passes, above any of them
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
from wslint.rules.shared.keepalive import uses_communicator
from wslint.rules.shared.keepalive_fix import add_keepalive
from wslint.rules.shared.overrides import overrides_in_lanes, wrong_adapter
from wslint.timeline.model import Scope, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="safe", concerns=("asgiref", "django-waffle")
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each adapter once."""
    reported: set[int] = set()
    for override, lane in overrides_in_lanes(timeline):
        adapter = wrong_adapter(timeline, override, lane)
        if adapter is None or adapter in reported:
            continue
        if timeline.environment.async_unsafe and lane.kind == "loop":
            continue
        reported.add(adapter)
        yield _finding(timeline, override, adapter)


def _finding(timeline: Timeline, override: Scope, adapter: int) -> Finding:
    test = timeline.test
    made = timeline.resources[override.subject]
    return RULE.finding(
        Place(test.path, test.function.decorators[adapter].span),
        f"this adapter and {made.name} stand in an order that can't work: the override is entered "
        "inside the event loop, or its connection is closed under it",
        "put the override and its patches above `@async_to_sync`; a sync test needs no adapter",
        labels=[Label(made.origin.place, "the override")],
        fix=_fix(timeline, adapter),
        cause=f"override {override.subject}",
    )


def _fix(timeline: Timeline, adapter: int) -> Fix:
    test = timeline.test
    target, decorators = test.function.name_span, test.function.decorators
    added: list[Action] = []
    if not test.function.is_async:
        if uses_communicator(timeline):
            added += add_keepalive(timeline, target)
        added.append(RemoveDecorator(test.path, target, decorators[adapter].span))
        return Fix("safe", "drop the adapter: the body is sync", tuple(added))
    order = [number for number in range(len(decorators)) if number != adapter]
    added.append(OrderDecorators(test.path, target, (*order, adapter)))
    if uses_communicator(timeline):
        added += add_keepalive(timeline, target)
    return Fix("safe", "put the adapter below the override", tuple(added))
