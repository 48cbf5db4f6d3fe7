"""Starlette's TestClient: how it is entered, and arguments that do nothing."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from wslint.pytest_plugin.witness.place import cause
from wslint.pytest_plugin.witness.watch import Watch


def entered_twice(watch: Watch, testclient: Any) -> None:
    """A client is entered while it is entered."""

    def enter(client: Any) -> None:
        if client.portal is not None:
            watch.see(
                "WS305",
                "a client was entered while it was entered: the inner exit makes it bare",
            )

    watch.observe(testclient, "TestClient.__enter__", enter)


def never_left(watch: Watch, testclient: Any) -> None:
    """A client is entered in a test, and not left when all fixtures are over."""
    entered: dict[int, Any] = {}

    def enter(client: Any) -> Generator[None, Any, None]:
        test, place = watch.test, cause()
        yield
        if test is not None:
            entered[id(client)] = (client, test, place)

    def leave(client: Any, *_: Any) -> None:
        entered.pop(id(client), None)

    def report() -> None:
        for _, test, place in entered.values():
            watch.see(
                "WS307",
                "a client was entered and never left: its application was not shut down",
                place,
                test,
            )

    watch.observe(testclient, "TestClient.__enter__", enter)
    watch.observe(testclient, "TestClient.__exit__", leave)
    watch.at_end(report)


def timeout_without_effect(watch: Watch, testclient: Any) -> None:
    """A timeout is given where Starlette has none."""

    def call(*_: Any, **options: Any) -> None:
        if "timeout" in options:
            watch.see("WS404", "`timeout` was given: the client ignores it, a session refuses it")

    watch.observe(testclient, "TestClient.websocket_connect", call)
    for name in ("receive_text", "receive_bytes", "receive_json"):
        watch.observe(testclient, f"WebSocketTestSession.{name}", call)
