"""A native async test with a communicator runs inside a transaction the consumer cannot see.

## What it does
Reports a `django_db` mark without `transaction=True` on a native async test (an `async def` that a
pytest plugin drives) that uses a communicator, in two cases:

- a sync fixture or pytest-django's `admin_user` writes rows, and the consumer uses the database;
- the test writes rows with an async query such as `acreate`, or through `sync_to_async` or
  `database_sync_to_async`.

## Why is this bad?
The mark opens a transaction on the test's own connection. The consumer's database jobs run in
another thread, on another connection. They do not see what sync fixtures have written (with SQLite
in memory: `database table is locked`). What they and the test's own async queries write is not
rolled back, so later tests see it.

## Example
```python
@pytest.mark.asyncio
@pytest.mark.django_db
async def test_kept(message):
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/lobby/")
```

## Use instead
```python
@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_kept(message):
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/chat/lobby/")
```

## Fix safety
Unsafe: the test is slower, since its tables are flushed afterwards, and the consumer sees different
rows.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2 with PostgreSQL, 4.3.2 with a SQLite file: the consumer does not
find a fixture's rows, and a later test finds what was written. With `transaction=True` neither
happens.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import keyword_of
from wslint.rules.shared.consumers import uses_database
from wslint.rules.shared.database import (
    WRITES,
    database_marks,
    flush_tables,
    in_transaction,
    native_communicators,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Resource, Timeline
from wslint.timeline.query import calls_of, lane_outside_tasks, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("channels", "pytest-django")
)

_MAKES = WRITES - {"delete", "update", "bulk_update"}
_ROWS = frozenset(("admin_user", "admin_client"))


@RULE.checks
def transaction_hides_rows(timeline: Timeline) -> Iterator[Finding]:
    """Report the mark once."""
    test = timeline.test
    if not test.is_async or test.database != "transaction":
        return
    native = [one for one in native_communicators(timeline) if in_transaction(timeline, one)]
    mark = next(iter(database_marks(test)), None)
    given = keyword_of(mark, "transaction") if mark is not None else None
    # `transaction=False` is meant; `True` has no effect here, as another mark is nearer
    if not native or not (given is None or (isinstance(given, s.Const) and given.value is True)):
        return
    made = subject_of(timeline, native[0])
    row, own = _looked_up(timeline, made), _written_elsewhere(timeline)
    has_rows = row is not None or not _ROWS.isdisjoint(test.fixtures)
    if has_rows and _looks_them_up(timeline, made):
        message = "the consumer runs outside this test's transaction and sees none of its rows"
    elif own is not None and not _is_deleted(own):
        message = "the row that this test writes is not rolled back, as another connection wrote it"
        row = own
    else:
        return
    labels = [Label(made.origin.nearest_place(test.path), "this communicator's consumer")]
    if row is not None:
        labels.insert(0, Label(row.origin.nearest_place(test.path), "a row is written here"))
    yield RULE.finding(
        Place(test.path, mark.span if mark is not None else test.function.name_span),
        message,
        "use `@pytest.mark.django_db(transaction=True)`; what the consumer writes is not rolled "
        "back otherwise",
        labels=labels,
        fix=flush_tables(test),
    )


def _looked_up(timeline: Timeline, made: Resource) -> Event | None:
    """Return a query of a sync fixture that writes a row before the communicator is used last.

    One in the test's own coroutine fails.
    """
    last = max((call.at.index for call in calls_of(timeline, made)), default=0)
    for query in timeline.events_of("Orm"):
        lane = lane_outside_tasks(timeline, query.at.lane)
        is_sync = not query.awaited and lane.kind not in ("thread", "loop")
        if query.name in _MAKES and is_sync and query.at.index < last:
            return query
    return None


def _written_elsewhere(timeline: Timeline) -> Event | None:
    """Return a query that writes a row in another thread, and so with another connection.

    That is an async query, and what an adapter runs.
    """
    for query in timeline.events_of("Orm"):
        lane = lane_outside_tasks(timeline, query.at.lane)
        if query.name in WRITES and (query.awaited or lane.kind == "thread"):
            return query
    return None


def _is_deleted(row: Event) -> bool:
    """Return whether the function that writes a row, such as a fixture, deletes something."""
    return row.function is not None and mentions(row.function.body, {"delete", "adelete"})


def _looks_them_up(timeline: Timeline, made: Resource) -> bool:
    """Return whether the consumer uses the database.

    One that can't be followed does if the test gives the communicator something of a fixture.
    """
    django = timeline.environment.version("django")
    if django and django < (3,):
        return False  # a coroutine may query, with the connection of its own thread
    if made.consumers:
        return uses_database(made.consumers)
    given = made.node.args if made.node is not None else ()
    return mentions(tuple(arg.value for arg in given), frozenset(timeline.test.fixtures))
