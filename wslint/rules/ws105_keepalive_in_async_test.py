"""A patch keeps the database connection open in a native async test, where it is not needed.

## What it does
Reports a patch of `channels.db.close_old_connections` by decorator or `with` in a native async test
(an `async def` that pytest's plugin drives) that may use the database. Not a fixture, which sync
tests may share, and not where the test asserts on the mock.

## Why is this bad?
Channels runs its database jobs in another thread there, with a connection of its own: the test's
connection is never closed. With the patch that other connection stays open, and on PostgreSQL the
end of the run warns that the test database `is being accessed by other users`.

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
Unsafe: a connection is closed that was kept open.

## Evidence
Channels 4.3.2: native async tests pass with and without the patch; on PostgreSQL the warning comes
with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import RemoveDecorator, RemoveWithItem
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.keepalive import LOOKED_AT, native_communicators
from wslint.rules.shared.overrides import decorator_of_test
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Resource, Timeline
from wslint.timeline.order import overlaps

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each keepalive that is on around a communicator."""
    test = timeline.test
    native = native_communicators(timeline)
    if not test.is_async or not test.database or mentions(test.function, LOOKED_AT):
        return
    if len(native) < len(timeline.scopes_of("Communicator")):
        return
    for keepalive in timeline.scopes_of("Keepalive"):
        made = timeline.resources[keepalive.subject]
        communicator = next((one for one in native if overlaps(timeline, keepalive, one)), None)
        if communicator is None or made.works is not True:
            continue
        fix = _fix(timeline, made)
        if fix is None:
            continue
        born = timeline.resources[communicator.subject].origin.near(test.path)
        yield RULE.finding(
            made.origin.place,
            "this patch has no use in a native async test: Channels closes the connection of "
            "another thread there, and with the patch that one stays open (PostgreSQL: the test "
            "database is being accessed by other users)",
            "take it away; sync tests need it, and TestCase classes",
            labels=[Label(born, "this communicator's application runs in the test's own loop")],
            fix=fix,
        )


def _fix(timeline: Timeline, made: Resource) -> Fix | str | None:
    """Give the fix; None where the patch is not the test's own decorator or ``with``."""
    test, span = timeline.test, made.origin.place.span
    path = made.origin.place.path
    if path != test.path:
        return None
    if decorator_of_test(timeline, span) is not None:
        if made.injects:
            return "the patch passes its mock as an argument"
        return Fix("unsafe", "take the patch away",
                   (RemoveDecorator(path, test.function.name_span, span),))  # fmt: skip
    step = made.birth[-1]
    if step.frame == "test" and isinstance(step.statement, s.With):
        for item in step.statement.items:
            if item.value.span == span:
                if item.target is not None:
                    return "the mock has a name"
                return Fix("unsafe", "take the patch away", (RemoveWithItem(path, span),))
    return None
