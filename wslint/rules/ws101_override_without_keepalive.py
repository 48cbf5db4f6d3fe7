"""Waffle override around a communicator, with nothing to keep the database connection open.

## What it does
Reports `override_flag`, `override_switch` and `override_sample` (as a decorator, on a class, as a
`with`, in a fixture or in setUp) that are active while a **sync** test drives a Channels
communicator through `async_to_sync`. The test runs inside a transaction (`TestCase`, `django_db`
without `transaction=True`, the `db` fixture), and no keepalive patch spans the communicator up to
its disconnect.

## Why is this bad?
Channels closes the database connection when a consumer disconnects (since 4.2 also after connect
and receive). In a sync test that is the test's own connection, in the middle of its transaction,
so it stays closed. When the override ends, it restores the flag in the database and fails:
`OperationalError: the connection is closed` (psycopg 3), `InterfaceError: connection already
closed` (psycopg2), `ProgrammingError: Cannot operate on a closed database.` (SQLite file). SQLite
in memory never shows it. The order of the override and the patch does not matter.

## Example
```python
@pytest.mark.django_db
@override_flag("chat", active=True)
def test_chat():
    async def talk():
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()

    async_to_sync(talk)()
```

## Use instead
```python
@pytest.mark.django_db
@mock.patch("channels.db.close_old_connections", new=mock.Mock())
@override_flag("chat", active=True)
def test_chat():
    async def talk():
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()

    async_to_sync(talk)()
```

## Fix safety
Safe: the patch only keeps Channels from closing the connection while the test runs. With
`keepalive-style = "fixture"`, the fix adds a fixture to the nearest conftest.py and a mark to the
test; with `"plugin"`, the mark alone. The rule is silent where wslint's pytest plugin keeps
connections open (`wslint_keep_db_connections = auto` in pytest's settings).

## Evidence
PostgreSQL with psycopg 3 and psycopg2, and a SQLite file, waffle 2.7.0 to 5.0.0: the connection is
closed in every release of Channels from 4.2.0 on, and in earlier ones if the consumer runs database
code in a thread. With the patch, above or below the override, 460 of 460 runs passed.

## See also
- https://github.com/django/channels/issues/2150: the flag cannot be restored (closed)
- https://github.com/django/channels/issues/2118: what changed in 4.2 (open)
- https://github.com/django/channels/pull/2101: the patches inside the communicators
- https://github.com/django/channels/issues/1091: why the test's own connection is affected
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.database import (
    closing_labels,
    endangered_overrides,
    flush_tables,
    keepalive_fix,
)
from wslint.timeline.model import Timeline
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="safe",
    yields_to=("WS102", "WS103", "WS201", "WS202", "WS507"),
    concerns=("channels", "django-waffle"),
)  # fmt: skip


@RULE.checks
def override_loses_its_connection(timeline: Timeline) -> Iterator[Finding]:
    """Report each override once."""
    path = timeline.test.path
    for scope, communicator in endangered_overrides(timeline):
        override = subject_of(timeline, scope)
        place, labels = override.origin.place, closing_labels(timeline, communicator)
        if place.path != path:
            labels.append(Label(place, "the override is here"))
            place = subject_of(timeline, communicator).origin.nearest_place(path)
        yield RULE.finding(
            place,
            f"{override.name} spans a communicator that closes the test's database connection",
            "patch `channels.db.close_old_connections` for the whole test, or the override fails "
            "when it ends",
            labels=labels,
            fix=keepalive_fix(timeline, override.origin.place.span, communicator),
            alternatives=[flush_tables(timeline.test)],
            cause=override,
            also=(communicator.subject,),
        )
