"""Starlette's websocket sessions: their loops, their beginning and their end."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any
from weakref import WeakKeyDictionary

from wslint.pytest_plugin.witness.applications import ApplicationRun, observed
from wslint.pytest_plugin.witness.place import cause
from wslint.pytest_plugin.witness.watch import Watch


def counts(watch: Watch, testclient: Any) -> None:
    """A test with an open websocket counts."""

    def use(*_: Any, **__: Any) -> None:
        watch.use()

    for name in ("__enter__", "send", "receive"):
        watch.observe(testclient, f"WebSocketTestSession.{name}", use)


def several_loops(watch: Watch, testclient: Any) -> None:
    """A client that is not entered runs each websocket and each call in a loop of its own."""
    clients: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
    open_sessions: set[Any] = set()

    def is_split(client: Any, portal: Any) -> bool:
        """Return whether the client has an open websocket in another loop."""
        return any(
            clients.get(session) is client and session.portal is not portal
            for session in tuple(open_sessions)
        )

    def connect(client: Any, *_: Any, **__: Any) -> Generator[None, Any, None]:
        session = yield
        clients[session] = client

    def enter(session: Any) -> Generator[None, Any, None]:
        try:
            yield
            open_sessions.add(session)
        finally:
            portal = getattr(session, "portal", None)
            if portal is not None and is_split(clients.get(session), portal):
                watch.see(
                    "WS302",
                    "a second websocket was open in an event loop of its own",
                )

    def leave(session: Any, *_: Any) -> Generator[None, Any, None]:
        try:
            yield
        finally:
            open_sessions.discard(session)

    def request(client: Any, *_: Any, **__: Any) -> None:
        if client.portal is None and is_split(client, None):
            watch.see(
                "WS301",
                "an HTTP call ran in another event loop than the open websocket",
            )

    watch.observe(testclient, "TestClient.websocket_connect", connect)
    watch.observe(testclient, "TestClient.request", request)
    watch.observe(testclient, "WebSocketTestSession.__enter__", enter)
    watch.observe(testclient, "WebSocketTestSession.__exit__", leave)


def never_entered(watch: Watch, testclient: Any) -> None:
    """A session is used without being entered, or dropped without its application having run."""
    made: dict[int, Any] = {}

    def make(session: Any, *_: Any, **__: Any) -> None:
        if watch.test is not None:
            made[id(session)] = (session, watch.test, cause())

    def forget(session: Any, *_: Any, **__: Any) -> None:
        made.pop(id(session), None)

    def report() -> None:
        for _, test, place in made.values():
            test.counts = True
            watch.see(
                "WS401",
                "a session of `websocket_connect()` was never entered: its application never ran",
                place,
                test,
            )

    watch.observe(testclient, "WebSocketTestSession.__init__", make)
    watch.observe(testclient, "WebSocketTestSession.__enter__", forget)
    watch.observe_reads(testclient.WebSocketTestSession, "scope", forget)
    watch.at_end(report)


def used_after_its_end(watch: Watch, testclient: Any) -> None:
    """A session is used after its block, or left after its client."""
    running: set[Any] = set()
    ended: set[Any] = set()

    def enter(session: Any) -> Generator[None, Any, None]:
        yield
        ended.discard(session)
        running.add(session)

    def leave(session: Any, *_: Any) -> Generator[None, Any, None]:
        running.discard(session)
        try:
            yield
        finally:
            ended.add(session)

    def use(session: Any, *_: Any, **__: Any) -> None:
        if session in ended:
            watch.see(
                "WS402",
                "a websocket was used after its block had ended",
                only_if_failed=True,
            )

    def leave_client(client: Any, *_: Any) -> None:
        if any(session.portal is client.portal for session in running):
            watch.see(
                "WS402",
                "a client was left while its websocket was open",
            )

    watch.observe(testclient, "WebSocketTestSession.__enter__", enter)
    watch.observe(testclient, "WebSocketTestSession.__exit__", leave)
    watch.observe(testclient, "WebSocketTestSession.send", use)
    watch.observe(testclient, "WebSocketTestSession.receive", use)
    watch.observe(testclient, "TestClient.__exit__", leave_client)
    watch.after_test(lambda _: ended.clear())


def application_of_session(watch: Watch, testclient: Any) -> None:
    """The application ends without an answer, or is cancelled by the end of the block."""
    runs: WeakKeyDictionary[Any, ApplicationRun] = WeakKeyDictionary()

    def make(session: Any, *_: Any, **__: Any) -> Generator[None, Any, None]:
        yield
        runs[session] = run = ApplicationRun()
        session.app = observed(session.app, run)

    def enter(session: Any) -> Generator[None, Any, None]:
        try:
            yield
        finally:
            run = runs[session]
            if run.outcome != "raised" and not run.sent:
                watch.see(
                    "WS409",
                    "the application neither accepted nor refused the websocket",
                    only_if_failed=run.outcome != "returned",
                )

    def leave(session: Any, error: Any = None, *_: Any) -> Generator[None, Any, None]:
        yield
        run = runs[session]
        if run.outcome == "cancelled":
            watch.see(
                "WS309",
                "the end of its block cancelled the websocket's handler",
                latent=True,
            )
            if run.has_disconnected and error is None:
                watch.see(
                    "WS309",
                    "the end of its block cancelled the websocket's handler, which had begun to "
                    "clean up",
                    only_if_failed=True,
                )

    watch.observe(testclient, "WebSocketTestSession.__init__", make)
    watch.observe(testclient, "WebSocketTestSession.__enter__", enter)
    watch.observe(testclient, "WebSocketTestSession.__exit__", leave)
