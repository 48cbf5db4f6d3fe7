"""A patch keeps the database connection open in a native async test, where it is not needed.

## What it does
Reports a patch of `channels.db.close_old_connections`, by decorator or in the body, of a native
async test (an `async def` that a pytest plugin drives) that may use the database. Fixtures, which
sync tests may share, and tests that assert on the mock are not reported.

## Why is this bad?
In such a test Channels runs its database jobs in another thread with its own connection, so the
test's connection is never closed. With the patch, that other connection stays open, and on
PostgreSQL the end of the run warns that the test database `is being accessed by other users`.

## Example
```python
@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@mock.patch("channels.db.close_old_connections", new=mock.Mock())
async def test_echo():
    communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
```

## Use instead
```python
@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_echo():
    communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
```

## Fix safety
Unsafe: a connection that was kept open is now closed.

## Evidence
Channels 4.3.2: native async tests pass with and without the patch; on PostgreSQL the warning
appears only with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import RemoveDecorator, RemoveWithItem
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.adapters import decorator_of_test
from wslint.rules.shared.code import with_item
from wslint.rules.shared.database import MOCK_ASSERTIONS, native_communicators
from wslint.syntax.search import mentions
from wslint.timeline.model import Resource, Scope, Timeline
from wslint.timeline.order import overlaps
from wslint.timeline.query import subject_of
from wslint.vocabulary import OWN_KEEPALIVE

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))


@RULE.checks
def keepalive_is_not_needed(timeline: Timeline) -> Iterator[Finding]:
    """Report each keepalive that is active around a communicator."""
    test, native = timeline.test, native_communicators(timeline)
    if not test.is_async or not test.database or mentions(test.function, MOCK_ASSERTIONS):
        return
    if len(native) < len(timeline.scopes_of("Communicator")):
        return
    for keepalive in timeline.scopes_of("Keepalive"):
        patch = subject_of(timeline, keepalive)
        inside = [scope for scope in native if overlaps(timeline, keepalive, scope)]
        fix = _fix(timeline, patch, keepalive)
        if not inside or patch.works is not True or patch.name == OWN_KEEPALIVE or fix is None:
            continue
        born = subject_of(timeline, inside[0]).origin.nearest_place(test.path)
        yield RULE.finding(
            keepalive.origin.place,
            "this patch is not needed in a native async test, and leaves a connection open",
            "remove it; only sync tests and TestCase classes need it",
            labels=[Label(born, "this communicator's application runs in the test's own loop")],
            fix=fix,
        )


def _fix(timeline: Timeline, patch: Resource, keepalive: Scope) -> Fix | str | None:
    """Return the fix; None if the patch is not the test's own."""
    test, place, step = timeline.test, keepalive.origin.place, patch.birth[-1]
    if place.path != test.path:
        return None
    if decorator_of_test(timeline, place.span) is not None:
        if patch.injects:
            return "the patch passes its mock as an argument"
        action = RemoveDecorator(test.path, test.function.name_span, place.span)
        return Fix("unsafe", "remove the patch", (action,))
    owner = test.owner.decorators if test.owner is not None else ()
    if any(decorator.span == place.span for decorator in owner):
        return "it decorates the class, in which sync tests may need it"
    if step.frame != "test":
        return None
    item = with_item(step.statement, place.span)
    if item is None:
        return "no `with` and no decorator applies it"
    if item.target is not None:
        return "the mock has a name"
    return Fix("unsafe", "remove the patch", (RemoveWithItem(test.path, place.span),))
