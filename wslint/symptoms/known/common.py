"""Cures and patterns that several symptoms share."""

from __future__ import annotations

KEEP = (
    "keep the connection open for the whole test: patch `channels.db.close_old_connections`, use "
    "the fixture `keep_db_connections_open`, or set `wslint_keep_db_connections = auto`"
)
ENTER = "enter the client around everything: `with TestClient(app) as client:`"
TRANSACTION = "`django_db(transaction=True)`, or a `TransactionTestCase`"
ONE_LOOP = "create, use and disconnect the communicator in one coroutine"

CLOSED = r"connection is closed|connection already closed|Cannot operate on a closed database"
CLOSED_QUOTES = (
    "django.db.utils.OperationalError: the connection is closed",
    "django.db.utils.InterfaceError: connection already closed",
    "django.db.utils.ProgrammingError: Cannot operate on a closed database.",
)
CLOSED_CLASSES = ("OperationalError", "InterfaceError", "ProgrammingError")
OVERRIDE = r"waffle/testutils\.py:"
COMMUNICATOR = r"asgiref/testing\.py:|channels/testing/"
APPLICATION = r"(starlette|fastapi|litestar)/(?!testclient)"
CLIENT = r"(starlette/testclient|litestar/testing)"
TIMED_OUT = r"Timeout \(?>[\d.]+s"
HANG_QUOTE = "Failed: Timeout (>60.0s) from pytest-timeout."
