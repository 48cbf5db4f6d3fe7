"""The application's own side: stale sockets, startup that never ran, and refused origins."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from wslint.pytest_plugin.witness.watch import (
    Missing,
    Observer,
    Watch,
    WatchedTest,
    in_event_loop,
)


@dataclass(frozen=True)
class Birth:
    """Where the application got a websocket: in which test, and in which event loop, if any."""

    test: WatchedTest | None
    loop: Any


def record_websockets(watch: Watch, websockets: Any) -> None:
    """Record where each websocket of an application comes from; the signals below read it."""
    births: WeakKeyDictionary[Any, Birth] = WeakKeyDictionary()

    def make(websocket: Any, *_: Any, **__: Any) -> None:
        loop = asyncio.get_running_loop() if in_event_loop() else None
        births[websocket] = Birth(watch.test, loop)

    watch.observe(websockets, "WebSocket.__init__", make)
    watch.records["websockets"] = births


def _birth(watch: Watch, websocket: Any) -> Birth | None:
    found: Birth | None = watch.records["websockets"].get(websocket)
    return found


def stale_socket(watch: Watch, websockets: Any) -> None:
    """An application sends to a socket of an earlier test, which it has kept."""

    def send(websocket: Any, *_: Any, **__: Any) -> Generator[None, Any, None]:
        try:
            yield
        except Exception as error:
            birth = _birth(watch, websocket)
            # of anyio, whose streams end with the session
            is_over = type(error).__name__ in ("ClosedResourceError", "BrokenResourceError")
            if is_over and birth and birth.test not in (None, watch.test):
                watch.see(
                    "WS304",
                    "the application sent to a websocket that an earlier test has left",
                )
            raise

    _observe_sends(watch, websockets, send)


def sent_from_another_loop(watch: Watch, websockets: Any) -> None:
    """An application sends to a socket from another event loop than the socket's own.

    That only matters if somebody waits for the message at that moment.
    """

    def send(websocket: Any, *_: Any, **__: Any) -> None:
        birth = _birth(watch, websocket)
        own = birth.loop if birth is not None else None
        if own is not None and not own.is_closed() and own is not asyncio.get_running_loop():
            watch.see(
                "WS314",
                "the application sent to a websocket from another event loop than its own",
                only_if_failed=True,
            )

    _observe_sends(watch, websockets, send)


def _observe_sends(watch: Watch, websockets: Any, observer: Observer) -> None:
    if "websockets" not in watch.records:
        raise Missing("websockets are not recorded")
    watch.observe(websockets, "WebSocket.send", observer)


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
    """A websocket is refused because it has no origin. A test that passes may be about that."""

    def valid(_: Any, origin: Any) -> Generator[None, Any, None]:
        is_valid = yield
        if origin is None and not is_valid:
            message = "a websocket without an origin was refused"
            watch.see("WS514", message, only_if_failed=True)
            watch.see("WS514", message, latent=True)

    watch.observe(websocket, "OriginValidator.valid_origin", valid)
