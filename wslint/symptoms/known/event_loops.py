"""Event loops and tasks."""

from __future__ import annotations

from wslint.symptoms.known.common import APPLICATION, COMMUNICATOR, ENTER, ONE_LOOP
from wslint.symptoms.model import Cause, Symptom

SYMPTOMS = (
    Symptom(
        "different-loop",
        (
            "RuntimeError: <Queue …> is bound to a different event loop",
            "RuntimeError: Task … got Future … attached to a different loop",
        ),
        (
            Cause(
                "a communicator was connected in one event loop and is used in another: in setUp, "
                "in several `async_to_sync` calls, or in a fixture whose loop scope is wider than "
                "the test's",
                f"{ONE_LOOP}; for a fixture, the same `loop_scope` as the test",
                ("WS507",),
                frames=COMMUNICATOR,
            ),
            Cause(
                "a client that is never entered runs each call and each socket in an event loop of "
                "its own, and the application shares something between them",
                ENTER,
                ("WS301", "WS302", "WS303", "WS306"),
                frames=APPLICATION,
            ),
            Cause(
                "an asyncio object or an async client is made at import, and used by the loops of "
                "several tests",
                "make it in the lifespan of the application",
                ("WS308",),
                frames=APPLICATION,
            ),
            Cause(
                "an async fixture opens it in the loop of the test, and the handler uses it in the "
                "loop of the client",
                "open it in the lifespan of the application",
                frames=APPLICATION,
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"bound to a different event loop|attached to a different loop",
        frames=(rf"{COMMUNICATOR}|{APPLICATION}",),
    ),
    Symptom(
        "closed-loop",
        ("RuntimeError: Event loop is closed",),
        (
            Cause(
                "an async client made at import (httpx, redis, a database driver) keeps a "
                "connection of an earlier test's event loop",
                "make it in the lifespan of the application, and enter the test client",
                ("WS308",),
                frames=APPLICATION,
            ),
            Cause(
                "a communicator is never disconnected, or only by a test that fails before it "
                "does, so that it outlives its event loop",
                "disconnect it on every path, in a fixture after the `yield`",
                ("WS501", "WS510"),
                frames=r"asgiref/|channels(_redis)?/",
            ),
            Cause(
                "a communicator was connected in one event loop and is used in another",
                ONE_LOOP,
                ("WS507",),
                frames=COMMUNICATOR,
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"Event loop is closed",
        in_socket_test=True,
    ),
    Symptom(
        "no-loop",
        ("RuntimeError: There is no current event loop in thread 'MainThread'",),
        (
            Cause(
                "a communicator is created outside of a coroutine, with asgiref before 3.9",
                f"{ONE_LOOP}, or a newer asgiref",
                ("WS507",),
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"[Tt]here is no current event loop|no running event loop",
        frames=(r"asgiref/testing\.py:",),
    ),
    Symptom(
        "adapter-in-loop",
        ("RuntimeError: You cannot use AsyncToSync in the same thread as an async event loop",),
        (
            Cause(
                "a sync test client runs the view on the thread of the test's event loop, and the "
                "view or a signal calls `async_to_sync`",
                "`await sync_to_async(client.post)(…)`, or Django's `AsyncClient`",
                ("WS517",),
                frames=r"django/test/client\.py:",
            ),
            Cause(
                "sync code that calls `async_to_sync` is called directly in a coroutine",
                "call it through `sync_to_async`, or await what it wraps",
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"cannot use AsyncToSync in the same thread",
        in_socket_test=True,
    ),
    Symptom(
        "loop-in-loop",
        (
            "RuntimeError: asyncio.run() cannot be called from a running event loop",
            "RuntimeError: This event loop is already running",
        ),
        (
            Cause(
                "the test is a coroutine already, and starts another event loop in its thread",
                "await it instead, or write a sync test",
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"cannot be called from a running event loop|event loop is already running",
        in_socket_test=True,
    ),
    Symptom(
        "destroyed-task",
        ("Task was destroyed but it is pending!",),
        (
            Cause(
                "a communicator is never disconnected, so its application is still running when "
                "the event loop ends",
                "`await communicator.disconnect()` on every path",
                ("WS501", "WS510"),
            ),
            Cause(
                "the consumer starts a task of its own and does not cancel it in its "
                "`disconnect()`",
                "keep the task and cancel it there",
            ),
        ),
        message=r"Task was destroyed but it is pending",
        in_socket_test=True,
    ),
    Symptom(
        "other-task",
        (
            (
                "RuntimeError: Attempted to exit cancel scope in a different task than it was "
                "entered in"
            ),
        ),
        (
            Cause(
                "an async fixture yields inside a task group or an async websocket client, and "
                "pytest-asyncio ends it in another task",
                "an `@asynccontextmanager` that the test itself enters",
                ("WS311",),
            ),
        ),
        exceptions=("RuntimeError",),
        message=r"Attempted to exit (a )?cancel scope in a different task",
        in_socket_test=True,
    ),
    Symptom(
        "scope-mismatch",
        ("ScopeMismatch: You tried to access the function scoped fixture event_loop",),
        (
            Cause(
                "an async fixture has a wider scope than the event loop it runs in",
                "give the fixture and its tests the same `loop_scope`",
            ),
        ),
        message=r"ScopeMismatch.*(event_loop|_runner|anyio_backend)",
        in_socket_test=True,
    ),
)
