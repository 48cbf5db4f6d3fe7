"""A sync test uses the ORM after a communicator has closed its database connection.

## What it does
Reports a use of the ORM in a **sync** test inside a transaction (`TestCase`, `django_db` without
`transaction=True`) after a communicator was disconnected, with nothing to keep the connection open:
in the same test, or in setUp or a later test of the same `TestCase`. Also reports what such a test
itself runs through `database_sync_to_async` and, up to Channels 4.1, a consumer that does so. If a
waffle override is active, see WS101.

## Why is this bad?
Since Channels 4.2 each consumer closes old connections when it is disconnected. In a sync test that
is the test's own connection, in the middle of its transaction, and every later query fails:
`OperationalError: the connection is closed` (psycopg 3), `InterfaceError: connection already
closed` (psycopg2), `ProgrammingError: Cannot operate on a closed database.` (SQLite file). SQLite
in memory never shows it. The tests of a `TestCase` share one connection: a test that does nothing
after its communicator passes, and the next one of the class fails.

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
`keepalive-style = "fixture"`, the fix adds a fixture to the nearest conftest.py and a mark to the
test; with `"plugin"`, the mark alone. The rule is silent where wslint's pytest plugin keeps
connections open (`wslint_keep_db_connections = auto` in pytest's settings).

## Evidence
Channels 4.3.2 and 4.1.0 with a SQLite file, 4.3.2 with PostgreSQL: each form fails as described
here, and passes with the patch (20 of 20 runs each on 4.3.2). Native async tests of pytest and
`asyncio.run` are not affected: their database code runs in another thread with its own connection.

## See also
- https://github.com/django/channels/issues/2118: the connection is closed in later tests (open)
- https://github.com/django/channels/issues/1091: the consumer's own queries
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee
from wslint.rules.shared.database import (
    closed_at,
    closing_labels,
    driven_communicators,
    endangered_overrides,
    has_keepalive,
    in_transaction,
    keepalive_fix,
    keepalives,
    own_queries,
    queries,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import refs
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import any_open
from wslint.timeline.query import follows, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="safe",
    yields_to=("WS101", "WS102", "WS103", "WS201", "WS202", "WS507"),
    concerns=("channels",),
)  # fmt: skip

_AFTER = "this query needs the database connection after a communicator has closed it"
_ADAPTER = "`database_sync_to_async` closes the test's own database connection in this test"
_CONSUMER = "the consumer's `{}` queries through a connection that Channels has just closed"
_NEXT_TEST = "tests of this class need the database connection, which an earlier one leaves closed"
_SETUP = "setUp needs the database connection, which the previous test of the class leaves closed"


@dataclass(frozen=True)
class _Hazard:
    """A communicator that closes the connection, and the query that needs it, if there is one."""

    message: str
    communicator: Scope
    query: Event | None = None
    for_class: bool = False


@RULE.checks
def closed_connection_is_used(timeline: Timeline) -> Iterator[Finding]:
    """Report the first use of a connection that is closed."""
    environment = timeline.environment
    if environment.test_database == "sqlite-memory" or environment.keeps_connections:
        return
    if next(endangered_overrides(timeline), None) is None:
        hazard = next(_hazards(timeline), None)
        if hazard is not None:
            yield _finding(timeline, hazard)


def _hazards(timeline: Timeline) -> Iterator[_Hazard]:
    yield from _by_own_adapter(timeline)
    for communicator in driven_communicators(timeline):
        if in_transaction(timeline, communicator) and not has_keepalive(timeline, communicator):
            yield from _after(timeline, communicator)
            yield from _in_consumer(timeline, communicator)
            yield from _in_next_test(timeline, communicator)


def _by_own_adapter(timeline: Timeline) -> Iterator[_Hazard]:
    """Yield the queries that the test itself sends through ``database_sync_to_async``."""
    patches = keepalives(timeline)
    communicator = next(driven_communicators(timeline), None)
    if communicator is None or not in_transaction(timeline, communicator):
        return
    for query, lane in queries(timeline):
        inside = lane.kind == "thread" and lane.adapter == "DatabaseSyncToAsync"
        if inside and any_open(timeline, patches, query.at) is False:
            yield _Hazard(_ADAPTER, communicator, query)


def _after(timeline: Timeline, communicator: Scope) -> Iterator[_Hazard]:
    closings = closed_at(timeline, communicator)
    for query, _ in queries(timeline):
        if any(follows(timeline, query.at, closing) for closing in closings):
            yield _Hazard(_AFTER, communicator, query)


def _in_consumer(timeline: Timeline, communicator: Scope) -> Iterator[_Hazard]:
    """Yield a consumer whose queries come after it has closed the connection itself."""
    if timeline.environment.version("channels") < (4, 2):
        # later communicators keep the connection open around each of their calls
        for job in own_queries(timeline, communicator):
            yield _Hazard(_CONSUMER.format(job.name), communicator)


def _in_next_test(timeline: Timeline, communicator: Scope) -> Iterator[_Hazard]:
    """Yield what the next tests of the class send through the closed connection: setUp's, first."""
    closed = any(not moment.path for moment in closed_at(timeline, communicator))
    later = _later_tests(timeline)
    if timeline.test.django != "DjangoTestCase" or not closed or not later:
        return
    for query, _ in queries(timeline):
        if query.hook == "setUp" and not query.at.path:
            yield _Hazard(_SETUP, communicator, query, for_class=True)
    if any(map(_asks_a_model, later)):
        yield _Hazard(_NEXT_TEST, communicator, for_class=True)


def _asks_a_model(function: s.Function) -> bool:
    """Return whether a function names the manager of a class, as ``Message.objects``."""
    return any("objects" in ref.parts[1:] and ref.parts[0].istitle() for ref in refs(function.body))


def _later_tests(timeline: Timeline) -> list[s.Function]:
    """Return the tests of the class that surely run later; their order is by name."""
    test = timeline.test
    body = test.owner.body if test.owner is not None and test.function in test.owner.body else ()
    return [
        other
        for other in body
        if isinstance(other, s.Function)
        and other.name.startswith("test")
        and other.name > test.function.name
        and not any("skip" in ".".join(callee(d)).lower() for d in other.decorators)
    ]


def _finding(timeline: Timeline, hazard: _Hazard) -> Finding:
    path, communicator = timeline.test.path, hazard.communicator
    made = place = subject_of(timeline, communicator).origin.nearest_place(path)
    labels = []
    if hazard.for_class and hazard.query is None and timeline.test.owner is not None:
        # one finding for all tests of the class
        place = Place(path, timeline.test.owner.name_span)
        labels = [Label(made, "this communicator's consumer closes it")]
    if hazard.query is not None:
        labels = closing_labels(timeline, communicator)
        at = hazard.query.origin.nearest_place(path)
        if at.path == path:
            place = at
        else:
            labels.append(Label(at, "the query is here"))
    overrides = {scope.subject for scope in timeline.scopes_of("Override")}
    return RULE.finding(
        place,
        hazard.message,
        "patch `channels.db.close_old_connections` for the whole test",
        labels=labels,
        fix=keepalive_fix(timeline, made.span, communicator, for_class=hazard.for_class),
        cause=communicator.subject,
        also=sorted(overrides),
    )
