"""A progress bar for runs that take a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable

# seconds before the bar appears, and between two updates
PATIENCE = 1.0
PAUSE = 0.1
WIDTH = 24


class Progress:
    """A progress bar of files; short runs draw nothing."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._next = clock() + PATIENCE
        self._drawn = 0

    def __call__(self, done: int, total: int) -> None:
        """Update the number of files done."""
        full = WIDTH * done // max(total, 1)
        self.say(f"[{'#' * full}{'.' * (WIDTH - full)}] {done} of {total} files")

    def say(self, text: str) -> None:
        """Replace the text, but not too often."""
        now = self._clock()
        if now < self._next:
            return
        self._next = now + PAUSE
        self._stream.write(f"\r{text:<{self._drawn}}")
        self._stream.flush()
        self._drawn = len(text)

    def clear(self) -> None:
        """Remove the bar, before anything else is printed."""
        if self._drawn:
            self._stream.write(f"\r{' ' * self._drawn}\r")
            self._stream.flush()
            self._drawn = 0
