"""The application's own side: stale sockets, startup that never ran, and refused origins."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any
from weakref import WeakKeyDictionary

from wslint.pytest_plugin.witness.watch import Watch, WatchedTest, in_event_loop


def stale_socket(watch: Watch, websockets: Any) -> None:
    """An application sends to a socket of an earlier test, which it has kept."""
    tests: WeakKeyDictionary[Any, WatchedTest] = WeakKeyDictionary()

    def make(websocket: Any, *_: Any, **__: Any) -> None:
        if watch.test is not None:
            tests[websocket] = watch.test

    def send(websocket: Any, *_: Any, **__: Any) -> Generator[None, Any, None]:
        try:
            yield
        except Exception as error:
            # of anyio, whose streams end with the session
            if type(error).__name__ in ("ClosedResourceError", "BrokenResourceError"):
                test = tests.get(websocket, watch.test)
                if test is not watch.test:
                    watch.see(
                        "WS304",
                        "the application sent to a websocket that an earlier test has left",
                    )
            raise

    watch.observe(websockets, "WebSocket.__init__", make)
    watch.observe(websockets, "WebSocket.send", send)


def sent_from_another_loop(watch: Watch, websockets: Any) -> None:
    """An application sends to a socket from another event loop than the socket's own.

    That only matters if somebody waits for the message at that moment.
    """
    loops: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()

    def make(websocket: Any, *_: Any, **__: Any) -> None:
        if in_event_loop():
            loops[websocket] = asyncio.get_running_loop()

    def send(websocket: Any, *_: Any, **__: Any) -> None:
        own = loops.get(websocket)
        if own is not None and not own.is_closed() and own is not asyncio.get_running_loop():
            watch.see(
                "WS314",
                "the application sent to a websocket from another event loop than its own",
                only_if_failed=True,
            )

    watch.observe(websockets, "WebSocket.__init__", make)
    watch.observe(websockets, "WebSocket.send", send)


def startup_never_ran(watch: Watch, testclient: Any) -> None:
    """A failed test reaches an application that has a lifespan by a client that is not entered."""

    def call(client: Any, *_: Any, **__: Any) -> None:
        router = getattr(client.app, "router", None)
        lifespan = type(getattr(router, "lifespan_context", None)).__name__
        has_lifespan = lifespan not in ("NoneType", "_DefaultLifespan")
        if client.portal is None and (has_lifespan or getattr(router, "on_startup", None)):
            watch.see(
                "WS306",
                "the startup of the application never ran: the client was not entered",
                only_if_failed=True,
            )

    watch.observe(testclient, "TestClient.websocket_connect", call)
    watch.observe(testclient, "TestClient.request", call)


def origin_not_sent(watch: Watch, websocket: Any) -> None:
    """A websocket is refused because it has no origin."""

    def valid(_: Any, origin: Any) -> Generator[None, Any, None]:
        is_valid = yield
        if origin is None and not is_valid:
            watch.see("WS514", "a websocket without an origin was refused")

    watch.observe(websocket, "OriginValidator.valid_origin", valid)
