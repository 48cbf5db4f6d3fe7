"""Colours for terminals, as ANSI codes."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TextIO

_CODES = {
    "bold": "1",
    "dim": "2",
    "red": "1;31",
    "green": "1;32",
    "yellow": "1;33",
    "blue": "1;34",
    "magenta": "1;35",
}


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text, or returns it unchanged if off."""

    on: bool = False

    def __call__(self, colour: str, text: str) -> str:
        """Return the text in a colour, or ``bold``."""
        return f"\x1b[{_CODES[colour]}m{text}\x1b[0m" if self.on and text else text


def wants_colour(stream: TextIO) -> bool:
    """Return whether to colour a stream: NO_COLOR, FORCE_COLOR or the terminal decide."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return os.environ.get("TERM") != "dumb" and stream.isatty()
