"""Database connections, transactions and waffle overrides."""

from __future__ import annotations

from wslint.symptoms.known.common import (
    CLOSED,
    CLOSED_CLASSES,
    CLOSED_QUOTES,
    KEEP,
    OVERRIDE,
    TRANSACTION,
)
from wslint.symptoms.model import Cause, Symptom

_INEFFECTIVE = Cause(
    "a patch is there, but has the wrong name or replacement, ends too early, or is in "
    "a wrapper around the application",
    "patch `channels.db.close_old_connections` with something that can be called "
    "without arguments, for the whole test",
    ("WS102", "WS103"),
)

SYMPTOMS = (
    Symptom(
        "closed-connection-in-override",
        CLOSED_QUOTES,
        (
            Cause(
                "a consumer closed the test's own database connection, inside its transaction, and "
                "the waffle override needs it when it ends",
                KEEP,
                ("WS101",),
            ),
            _INEFFECTIVE,
            Cause(
                "an adapter such as `@async_to_sync` stands above the override",
                "put the override and the patch above the adapter",
                ("WS202",),
            ),
        ),
        where="when a waffle override ends",
        exceptions=CLOSED_CLASSES,
        message=CLOSED,
        frames=(OVERRIDE,),
    ),
    Symptom(
        "closed-connection-in-query",
        CLOSED_QUOTES,
        (
            Cause(
                "a communicator of this test, or of the test before it in the same `TestCase`, "
                "closed the test's own database connection, inside its transaction",
                KEEP,
                ("WS104",),
            ),
            _INEFFECTIVE,
            Cause(
                "the test itself calls `database_sync_to_async`, which closes the connection "
                "before and after what it runs",
                "`sync_to_async` instead",
                ("WS104",),
            ),
        ),
        where="in a later query",
        exceptions=CLOSED_CLASSES,
        message=CLOSED,
        frames=(r"django/db/",),
        without=OVERRIDE,
        in_socket_test=True,
    ),
    Symptom(
        "patched-with-a-coroutine",
        ("TypeError: sync_to_async can only be applied to sync functions.",),
        (
            Cause(
                "`close_old_connections` is patched with an `AsyncMock`, but Channels calls it in "
                "a thread",
                "patch it with `mock.Mock()` or `lambda: None`",
                ("WS102",),
            ),
        ),
        exceptions=("TypeError",),
        message=r"sync_to_async can only be applied to sync functions",
        frames=(r"channels/db\.py:aclose_old_connections",),
    ),
    Symptom(
        "patched-with-arguments",
        ("TypeError: <lambda>() missing 1 required positional argument",),
        (
            Cause(
                "`close_old_connections` is patched with a function that has parameters, but "
                "Channels passes none",
                "patch it with `mock.Mock()` or `lambda: None`",
                ("WS102",),
            ),
        ),
        exceptions=("TypeError",),
        message=r"missing \d+ required positional argument",
        # a function of the project may fail in the same way below the second, but not in it
        frames=(r"channels/db\.py:(aclose_old_connections$|thread_handler\Z)",),
    ),
    Symptom(
        "patch-of-a-later-version",
        ("does not have the attribute 'aclose_old_connections'",),
        (
            Cause(
                "the patched name came with Channels 4.2, and patching it keeps no connection open",
                "patch `channels.db.close_old_connections`, which every version has",
                ("WS102", "WS103"),
            ),
        ),
        exceptions=("AttributeError",),
        message=r"does not have the attribute 'aclose_old_connections'",
    ),
    Symptom(
        "locked-table",
        ("OperationalError: database table is locked",),
        (
            Cause(
                "rows were written inside the test's transaction, and the consumer uses another "
                "connection (SQLite in memory)",
                TRANSACTION,
                ("WS106",),
            ),
        ),
        exceptions=("OperationalError",),
        message=r"database table is locked",
        in_socket_test=True,
    ),
    Symptom(
        "locked-database",
        ("OperationalError: database is locked",),
        (
            Cause(
                "rows were written inside the test's transaction, and the consumer writes on "
                "another connection (a SQLite file)",
                TRANSACTION,
                ("WS106",),
            ),
        ),
        exceptions=("OperationalError",),
        message=r"database is locked",
        in_socket_test=True,
    ),
    Symptom(
        "database-in-use",
        ('database "test_…" is being accessed by other users',),
        (
            Cause(
                "a keepalive in a native async test leaves a connection open",
                "remove it there",
                ("WS105",),
            ),
            Cause(
                "a thread that an async test started still has its own connection",
                TRANSACTION,
                ("WS106",),
            ),
        ),
        message=r"is being accessed by other users",
        in_socket_test=True,
    ),
    Symptom(
        "database-not-allowed",
        ('RuntimeError: Database access not allowed, use the "django_db" mark',),
        (
            Cause(
                "since Channels 4.2 a disconnect asks for the database connection, if an earlier "
                "test had one, even where the consumer uses no database",
                "the `django_db` mark, with `transaction=True` in an async test",
                ("WS501",),
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"Database access not allowed",
        frames=(r"channels/",),
    ),
    Symptom(
        "override-in-coroutine",
        ("SynchronousOnlyOperation: You cannot call this from an async context",),
        (
            Cause(
                "the waffle override begins in a running event loop: it decorates an `async def`, "
                "or is entered in a coroutine",
                "a sync test that drives an inner coroutine; on a TestCase, `@async_to_sync` below "
                "the override",
                ("WS201",),
            ),
            Cause(
                "an adapter stands above the override",
                "put the override above the adapter",
                ("WS202",),
            ),
        ),
        where="in a waffle override",
        exceptions=("SynchronousOnlyOperation",),
        frames=(OVERRIDE,),
    ),
    Symptom(
        "query-in-consumer",
        ("SynchronousOnlyOperation: You cannot call this from an async context",),
        (
            Cause(
                "an async consumer, or something it calls, queries the database synchronously",
                "the async ORM, or `database_sync_to_async` in the consumer",
            ),
        ),
        where="in a consumer",
        exceptions=("SynchronousOnlyOperation",),
        frames=(r"channels/(consumer|generic|middleware|auth|sessions)",),
        without=OVERRIDE,
    ),
    Symptom(
        "login-in-coroutine",
        ("SynchronousOnlyOperation: You cannot call this from an async context",),
        (
            Cause(
                "`login()` or a request of Django's sync test client runs in a coroutine",
                "`await sync_to_async(client.force_login)(user)`, or the AsyncClient",
                ("WS517",),
            ),
        ),
        where="in Django's test client",
        exceptions=("SynchronousOnlyOperation",),
        frames=(r"django/test/client\.py:",),
    ),
    Symptom(
        "query-in-async-test",
        ("SynchronousOnlyOperation: You cannot call this from an async context",),
        (
            Cause(
                "the async test itself queries the database synchronously",
                "`await sync_to_async(…)(…)`, or a method such as `acreate()`",
            ),
        ),
        where="in the test's own query",
        exceptions=("SynchronousOnlyOperation",),
        frames=(r"django/db/",),
        without=rf"{OVERRIDE}|channels/|django/test/client\.py:",
        in_socket_test=True,
    ),
    Symptom(
        "override-on-simple-test-case",
        ("DatabaseOperationForbidden: Database queries to 'default' are not allowed",),
        (
            Cause(
                "a waffle override is used in a test case without a database",
                "a `TestCase`",
                ("WS206",),
            ),
        ),
        exceptions=("DatabaseOperationForbidden",),
        frames=(OVERRIDE,),
    ),
)
