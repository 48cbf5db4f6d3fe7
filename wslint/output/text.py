"""Makes text safe for a terminal: no control characters of a file or its name get through."""

from __future__ import annotations

import os
import unicodedata

TAB = 4


def printable(text: str) -> str:
    """Return the text on one line, with unprintable characters escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escaped, text))


def display(line: str) -> tuple[str, list[int]]:
    """Return a line of source for display, and the screen column of each character.

    Tabs become spaces, wide characters take two columns, unprintable ones are escaped. The list
    has one more entry than the line: the column after the last character.
    """
    if line.isascii() and line.isprintable():
        return line, list(range(len(line) + 1))
    shown: list[str] = []
    columns = [0]
    for char in line:
        at = columns[-1]
        piece = " " * (TAB - at % TAB) if char == "\t" else _escaped(char)
        shown.append(piece)
        columns.append(at + sum(map(_width, piece)))
    return "".join(shown), columns


def columns(text: str) -> int:
    """Return the width of printable text in columns; wide characters take two."""
    return len(text) if text.isascii() else sum(map(_width, text))


def path_from_here(path: str) -> str:
    """Return a path with ``/``, relative to the working directory if it is below it."""
    here = os.getcwd().replace(os.sep, "/").rstrip("/") + "/"
    return path.removeprefix(here)


def plural(count: int, word: str) -> str:
    """Return ``1 test`` or ``2 tests``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _escaped(char: str) -> str:
    # format characters (Cf) include those that reverse the writing direction;
    # XML does not allow U+FFFE and U+FFFF
    is_noncharacter = ord(char) & 0xFFFE == 0xFFFE
    if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") and not is_noncharacter:
        return char
    return char.encode("unicode_escape").decode("ascii")


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
