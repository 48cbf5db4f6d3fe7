"""A bar on the terminal, where work takes long enough to be waited for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

# seconds before it shows, and between two changes of it
PATIENCE = 1.0
PAUSE = 0.1
WIDTH = 24


class Progress:
    """Counts files; draws nothing for work that is quick."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._next = clock() + PATIENCE
        self._drawn = 0

    def __call__(self, done: int, total: int) -> None:
        """Return how many files are done."""
        full = WIDTH * done // max(total, 1)
        self.say(f"[{'#' * full}{'.' * (WIDTH - full)}] {done} of {total} files")

    def say(self, text: str) -> None:
        """Put a text in the place of the last one, but not too often."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PAUSE
        self._stream.write(f"\r{text:<{self._drawn}}")
        self._stream.flush()
        self._drawn = len(text)

    def clear(self) -> None:
        """Take the bar away, before anything else is written."""
        if self._drawn:
            self._stream.write(f"\r{' ' * self._drawn}\r")
            self._stream.flush()
            self._drawn = 0
