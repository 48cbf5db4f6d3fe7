"""Channels' layer in memory, which all tests of a process and all their threads share."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable
from typing import Any
from weakref import WeakSet

from wslint.pytest_plugin.witness.place import Place
from wslint.pytest_plugin.witness.watch import Missing, Watch, WatchedTest


def sent_from_another_loop(watch: Watch, layers: Any) -> None:
    """A failed test sends from another event loop than the one that waits for the message.

    The layer keeps its messages in queues of asyncio, which wake no loop of another thread.
    """
    waiting: list[tuple[Any, str, asyncio.AbstractEventLoop]] = []

    def receive(layer: Any, channel: str) -> Generator[None, Any, None]:
        entry = (layer, channel, asyncio.get_running_loop())
        waiting.append(entry)
        try:
            yield
        finally:
            waiting.remove(entry)

    def send(layer: Any, channel: str, *_: Any, **__: Any) -> None:
        look(layer, (channel,))

    def group_send(layer: Any, group: str, *_: Any, **__: Any) -> None:
        look(layer, layer.groups.get(group, ()))

    def look(layer: Any, channels: Iterable[str]) -> None:
        here = asyncio.get_running_loop()
        for owner, channel, loop in tuple(waiting):
            is_awaited = owner is layer and channel in channels
            if is_awaited and loop is not here and loop.is_running():
                watch.see(
                    "sent-from-another-loop",
                    "a message was sent to a channel from another event loop than the one that "
                    "waits for it: nothing wakes that one",
                    only_if_failed=True,
                )

    watch.observe(layers, "InMemoryChannelLayer.receive", receive)
    watch.observe(layers, "InMemoryChannelLayer.send", send)
    watch.observe(layers, "InMemoryChannelLayer.group_send", group_send)


def stale_message(watch: Watch, layers: Any) -> None:
    """A failed test receives a message that an earlier one has left in the layer."""
    used: WeakSet[Any] = WeakSet()
    # with the messages, so that no id is used again
    left: dict[int, tuple[Any, WatchedTest]] = {}

    def send(layer: Any, *_: Any, **__: Any) -> None:
        used.add(layer)

    def look(test: WatchedTest) -> None:
        for layer in used:
            for queue in layer.channels.values():
                for _, message in queue._queue:
                    left.setdefault(id(message), (message, test))

    def receive(*_: Any, **__: Any) -> Generator[None, Any, None]:
        message = yield
        if id(message) in left:
            _, test = left.pop(id(message))
            watch.see(
                "stale-message",
                "a message that this test left in the channel layer was received by a later one",
                Place(test.path, test.line),
                only_if_failed=True,
            )

    if not hasattr(asyncio.Queue(), "_queue"):
        raise Missing("the queues of asyncio do not show their messages")
    watch.observe(layers, "InMemoryChannelLayer.send", send)
    watch.observe(layers, "InMemoryChannelLayer.receive", receive)
    watch.after_test(look)
