"""A sync test uses the ORM after a communicator has closed its database connection.

## What it does
Reports a use of the ORM in a **sync** test that runs inside a transaction (`TestCase`, `django_db`
without `transaction=True`) where a communicator was disconnected before, and nothing keeps the
connection open: in the same test, or in the setUp of a `TestCase` whose later tests run behind a
test with a communicator. Also what such a test runs through `database_sync_to_async` itself, and,
up to Channels 4.1, a consumer that does. Where a waffle override is on, that is WS101.

## Why is this bad?
Since Channels 4.2 each consumer closes old connections when it is disconnected, and in a sync test
that is the test's own connection, in the middle of its transaction. It is dead from then on:
`OperationalError: the connection is closed` (psycopg 3), `InterfaceError: connection already
closed` (psycopg2), `ProgrammingError: Cannot operate on a closed database.` (SQLite file). SQLite
in memory never shows it. The tests of a `TestCase` share one connection: a test that does nothing
behind its communicator passes, and the next one of the class fails.

## Example
```python
class ChatTests(TestCase):
    async def test_echo(self):
        communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()
        assert await Message.objects.acount() == 0
```

## Use instead
```python
class ChatTests(TestCase):
    @mock.patch("channels.db.close_old_connections", new=mock.Mock())
    async def test_echo(self):
        communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()
        assert await Message.objects.acount() == 0
```

## Fix safety
Safe: the patch only keeps Channels from closing the connection while the test runs. With
`keepalive-style = "fixture"` it is a fixture of the nearest conftest.py, and a mark on the test.

## Evidence
Channels 4.3.2 and 4.1.0 with a SQLite file, 4.3.2 with PostgreSQL: each form fails as it is said
here, and passes with the patch (20 of 20 runs each on 4.3.2). Native async tests of
pytest are silent, and `asyncio.run`: their database code runs in another thread, with a connection
of its own.

## See also
- https://github.com/django/channels/issues/2118: the connection is closed in later tests (open)
- https://github.com/django/channels/issues/1091: the consumer's own queries
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.connection import closed_at, own_queries, queries
from wslint.rules.shared.keepalive import (
    driven_communicators,
    endangered_overrides,
    has_keepalive,
    in_transaction,
)
from wslint.rules.shared.keepalive_fix import keepalive_fix
from wslint.syntax import nodes as s
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import any_open, before, implies

RULE = Rule.of(
    __name__,
    __doc__,
    status="preview",
    fixable="safe",
    yields_to=("WS101", "WS102", "WS103", "WS201", "WS202", "WS507"),
    concerns=("channels",),
)

_CLOSED = (
    "(PostgreSQL: the connection is closed; SQLite file: Cannot operate on a closed database; "
    "SQLite in memory never shows it)"
)
_HELP = "patch `channels.db.close_old_connections` for the whole test"


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the first use of a connection that is closed."""
    if timeline.environment.test_database == "sqlite-memory":
        return
    if next(endangered_overrides(timeline), None) is not None:
        return
    found = _by_own_adapter(timeline)
    for communicator in driven_communicators(timeline):
        if found is not None:
            break
        if in_transaction(timeline, communicator) and not has_keepalive(timeline, communicator):
            found = (
                _after(timeline, communicator)
                or _in_consumer(timeline, communicator)
                or _in_setup(timeline, communicator)
            )
    if found is not None:
        yield found


def _after(timeline: Timeline, communicator: Scope) -> Finding | None:
    closings = closed_at(timeline, communicator)
    for query, _ in queries(timeline):
        if any(
            before(timeline, closing, query.at) and implies(query.at.path, closing.path)
            for closing in closings
        ):
            message = (
                "this needs the test's database connection behind a communicator: Channels has "
                f"closed it in the middle of the test's transaction {_CLOSED}"
            )
            return _finding(timeline, query, communicator, message)
    return None


def _by_own_adapter(timeline: Timeline) -> Finding | None:
    """Find a query that the test itself sends through ``database_sync_to_async``."""
    keepalives = [
        k
        for k in timeline.scopes_of("Keepalive")
        if timeline.resources[k.subject].works is not False
    ]
    for query, lane in queries(timeline):
        inside = lane.kind == "thread" and lane.adapter == "DatabaseSyncToAsync"
        if not inside or any_open(timeline, keepalives, query.at) is not False:
            continue
        communicator = next(driven_communicators(timeline), None)
        if communicator is not None and in_transaction(timeline, communicator):
            message = (
                "`database_sync_to_async` closes the connection before and after what it runs, "
                "and in this test that is the connection of the test, in the middle of its "
                f"transaction {_CLOSED}"
            )
            return _finding(timeline, query, communicator, message)
    return None


def _in_consumer(timeline: Timeline, communicator: Scope) -> Finding | None:
    """Find a consumer whose own queries come behind the closing that goes with them."""
    if timeline.environment.version("channels") >= (4, 2):
        return None  # the communicator keeps the connection open around each of its calls
    job = next(own_queries(timeline, communicator), None)
    if job is None:
        return None
    born = timeline.resources[communicator.subject].origin
    message = (
        f"`{job.name}` of this communicator's consumer runs through `database_sync_to_async`, "
        "which closes the test's connection in the middle of the test's transaction, and then "
        f"needs it {_CLOSED}"
    )
    return _report(timeline, born.near(timeline.test.path), communicator, message, [])


def _in_setup(timeline: Timeline, communicator: Scope) -> Finding | None:
    """Find a query of setUp that the next test of the class will send through a closed one."""
    test = timeline.test
    closed = any(not moment.path for moment in closed_at(timeline, communicator))
    if test.django != "DjangoTestCase" or not closed or not _has_next_test(timeline):
        return None
    for query, _ in queries(timeline):
        if query.hook == "setUp" and not query.at.path:
            message = (
                "setUp needs the database connection, which the communicator of an earlier test "
                "of this class leaves closed: the tests of a TestCase share one connection "
                f"{_CLOSED}"
            )
            return _finding(timeline, query, communicator, message, for_class=True)
    return None


def _has_next_test(timeline: Timeline) -> bool:
    """Tell whether another test of the class surely comes later; their order is by name."""
    test = timeline.test
    body = test.owner.body if test.owner is not None else ()
    return test.function in body and any(
        isinstance(other, s.Function)
        and other.name.startswith("test")
        and other.name > test.function.name
        and not any("skip" in ".".join(_parts(d)).lower() for d in other.decorators)
        for other in body
    )


def _parts(decorator: s.Expr) -> tuple[str, ...]:
    ref = decorator.func if isinstance(decorator, s.Call) else decorator
    return ref.parts if isinstance(ref, s.Ref) else ()


def _finding(
    timeline: Timeline,
    query: Event,
    communicator: Scope,
    message: str,
    *,
    for_class: bool = False,
) -> Finding:
    path = timeline.test.path
    born = timeline.resources[communicator.subject].origin.near(path)
    labels = [Label(born, "the consumer behind this communicator closes the connection")]
    labels += [Label(by.near(path), "at the latest here") for by in communicator.closed_by[:1]]
    place = query.origin.near(path)
    if place.path != path:
        labels.append(Label(place, "the query is here"))
        place = born
    return _report(timeline, place, communicator, message, labels, for_class=for_class)


def _report(
    timeline: Timeline,
    place: Place,
    communicator: Scope,
    message: str,
    labels: list[Label],
    *,
    for_class: bool = False,
) -> Finding:
    overrides = {scope.subject for scope in timeline.scopes_of("Override")}
    return RULE.finding(
        place,
        message,
        _HELP,
        labels=labels,
        fix=keepalive_fix(timeline, place.span, communicator, for_class=for_class),
        cause=f"communicator {communicator.subject}",
        also=tuple(f"override {subject}" for subject in sorted(overrides)),
    )
