"""Keeps Channels from closing the database connection of a test inside its transaction.

In a sync test the database code of a consumer runs in the thread of the test, on its connection.
Channels closes it when the consumer disconnects, although the transaction of the test is still
open. Connections outside of a transaction, as in a native async test, are closed as always.

With pytest, see docs/pytest-plugin.md. With ``manage.py test``, use the mixin:

    class ChatTests(KeepDbConnectionsOpenMixin, TestCase): ...
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without the import
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


@contextmanager
def keep_db_connections_open() -> Iterator[None]:
    """Keep connections open while they are inside a transaction. Also works as a decorator.

    Every version of Channels calls the one function that is replaced, from each of its threads.
    """
    channels: Any = import_module("channels.db")
    original = channels.close_old_connections
    channels.close_old_connections = close_connections_outside_transactions
    try:
        yield
    finally:
        # Communicators patch the same name and may leave their own patch active (Channels 4.2 and
        # later), so whatever is there now is overwritten.
        channels.close_old_connections = original


def close_connections_outside_transactions() -> None:
    """Do what Django's ``close_old_connections`` does, except inside a transaction."""
    for connection in import_module("django.db").connections.all():
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()


class KeepDbConnectionsOpenMixin:
    """Keeps connections open in every test of a ``TestCase``, setUp and cleanups included.

    Put it before the base class.
    """

    def run(self, result: Any = None) -> Any:
        """Run one test."""
        with keep_db_connections_open():
            return super().run(result)  # type: ignore[misc]
