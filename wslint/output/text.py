"""Text that is fit for a terminal: nothing in a file or its name may steer the terminal."""

from __future__ import annotations

import os
import unicodedata

TAB = 4


def printable(text: str) -> str:
    """Return the text on one line, with everything that does not print escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escaped, text))


def display(line: str) -> tuple[str, list[int]]:
    """Return a line of source as it is shown, and the column on screen of each character.

    Tabs become blanks, wide characters take two columns, what does not print is escaped. The list
    has one entry more than the line: where the next character would stand.
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
    """Count the columns that printable text takes; wide characters take two."""
    return len(text) if text.isascii() else sum(map(_width, text))


def path_from_here(path: str) -> str:
    """Return a path relative to the working directory where it lies below it, with ``/``."""
    here = os.getcwd().replace(os.sep, "/").rstrip("/") + "/"
    return path.removeprefix(here)


def plural(count: int, word: str) -> str:
    """Return ``1 test`` or ``2 tests``."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _escaped(char: str) -> str:
    # Format characters (Cf) include those that turn the direction of writing around.
    # XML refuses U+FFFE and U+FFFF.
    is_noncharacter = ord(char) & 0xFFFE == 0xFFFE
    if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") and not is_noncharacter:
        return char
    return char.encode("unicode_escape").decode("ascii")


def _width(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
