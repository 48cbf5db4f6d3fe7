"""Observes one run of an ASGI application, by its public interface."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass, field
from typing import Any


@dataclass(eq=False)
class ApplicationRun:
    """What an application sent, and how it ended.

    ``has_disconnected``: it was told that the client has left.
    ``outcome`` is "" while it runs, "returned", "cancelled" or "raised".
    """

    sent: list[str] = field(default_factory=list)
    outcome: str = ""
    error: str = ""
    has_disconnected: bool = False

    @property
    def is_accepted(self) -> bool:
        """Whether the application let a websocket in."""
        return "websocket.accept" in self.sent

    @property
    def is_over(self) -> bool:
        """Whether the application ended by itself, or closed the websocket."""
        return self.outcome in ("returned", "raised") or "websocket.close" in self.sent


def observed(application: Any, run: ApplicationRun) -> Any:
    """Return an application that does the same, and writes down what it does."""

    @functools.wraps(application, updated=())
    async def call(scope: Any, receive: Any, send: Any) -> Any:
        @functools.wraps(receive, updated=())
        async def receiving() -> Any:
            message = await receive()
            run.has_disconnected |= _type_of(message) == "websocket.disconnect"
            return message

        @functools.wraps(send, updated=())
        async def noting(message: Any) -> Any:
            run.sent.append(_type_of(message))
            return await send(message)

        try:
            result = await application(scope, receiving, noting)
        except BaseException as error:
            run.outcome = "cancelled" if _is_cancelled(error) else "raised"
            run.error = f"{type(error).__name__}: {error}"
            raise
        run.outcome = "returned"
        return result

    return call


def _type_of(message: Any) -> str:
    # what is no message is refused by the library
    return str(message.get("type", "")) if isinstance(message, dict) else ""


def _is_cancelled(error: BaseException | None) -> bool:
    """Return whether an application was cancelled, or fails because of that as it cleans up."""
    if isinstance(error, (TimeoutError, asyncio.TimeoutError)):  # two classes before Python 3.11
        return False
    while error is not None:
        # trio has a class of its own for what cancels
        is_cancel = isinstance(error, (asyncio.CancelledError, GeneratorExit))
        if is_cancel or type(error).__name__ == "Cancelled":
            return True
        error = error.__context__
    return False
