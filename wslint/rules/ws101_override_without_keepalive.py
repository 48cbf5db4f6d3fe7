"""Waffle override around a communicator, with nothing to keep the database connection open.

## What it does
Reports `override_flag`, `override_switch` and `override_sample` (as a decorator, a class decorator,
`with`, in a fixture or in setUp) where a Channels communicator is used meanwhile in a **sync** test
that drives it through `async_to_sync`, the test runs inside a transaction (`TestCase`,
`django_db` without `transaction=True`, the `db` fixture), and no keepalive patch spans the
communicator up to its disconnect.

## Why is this bad?
Channels closes the database connection when a consumer disconnects (since 4.2 also after connect
and receive). In a sync test it is the test's own connection, and the test is inside a transaction:
the connection stays dead. When the override is left, it writes the flag back and fails:
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
`keepalive-style = "fixture"` it is a fixture of the nearest conftest.py, and a mark on the test.

## Evidence
PostgreSQL with psycopg 3 and psycopg2, and a SQLite file, waffle 2.7.0 to 5.0.0: the connection is
closed in every release of Channels from 4.2.0 on, and before where the consumer runs database code
in a thread. With the patch, above or below the override, 460 of 460 runs passed.

## See also
- https://github.com/django/channels/issues/2150: the flag can't be put back (closed)
- https://github.com/django/channels/issues/2118: what changed in 4.2 (open)
- https://github.com/django/channels/pull/2101: the patches inside of the communicators
- https://github.com/django/channels/issues/1091: why the test's own connection is met
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.keepalive import endangered_overrides
from wslint.rules.shared.keepalive_fix import keepalive_fix
from wslint.timeline.model import Scope, Timeline

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="safe",
    yields_to=("WS102", "WS103", "WS201", "WS202", "WS507"),
    concerns=("channels", "django-waffle"),
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each override once."""
    for override, communicator in endangered_overrides(timeline):
        yield _finding(timeline, override, communicator)


def _finding(timeline: Timeline, override: Scope, communicator: Scope) -> Finding:
    test = timeline.test
    made = timeline.resources[override.subject]
    born = timeline.resources[communicator.subject].origin.near(test.path)
    labels = [Label(born, "the consumer behind this communicator closes the connection")]
    labels += [
        Label(closed_by.near(test.path), "at the latest here")
        for closed_by in communicator.closed_by[:1]
    ]
    place = made.origin.place
    if place.path != test.path:
        labels.append(Label(place, "the override is here"))
        place = born
    return RULE.finding(
        place,
        f"{made.name} is on while a communicator runs in a sync test, and nothing keeps the "
        "database connection open: Channels closes the test's connection, and leaving the override "
        "then fails (PostgreSQL: the connection is closed; SQLite file: Cannot operate on a closed "
        "database; SQLite in memory never shows it)",
        "patch `channels.db.close_old_connections` for the whole test; above or below the override "
        "makes no difference",
        labels=labels,
        fix=keepalive_fix(timeline, made.origin.place.span, communicator),
        cause=f"override {override.subject}",
        also=(f"communicator {communicator.subject}",),
    )
