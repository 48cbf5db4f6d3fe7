"""Makes text safe for a terminal: no control characters of a file or its name get through."""

from __future__ import annotations

import os
import re
import unicodedata

TAB = 4
# Of a longer line of source, only a part is shown.
LONG = 400
# Services of CI take this for a command, wherever it stands in a line.
_COMMAND = re.compile(r"#(?=#(?:\[|vso\[))")


def printable(text: str) -> str:
    """Return the text on one line, with unprintable characters escaped."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_escaped, text))
    return _COMMAND.sub(r"\\x23", text) if "##" in text else text


def display(line: str) -> tuple[str, list[int]]:
    """Return a line of source for display, and the screen column of each character.

    Tabs become spaces, wide characters take two columns, unprintable ones are escaped. The list
    has one more entry than the line: the column after the last character.
    """
    if line.isascii() and line.isprintable() and "##" not in line:
        return line, list(range(len(line) + 1))
    commands = {match.start() for match in _COMMAND.finditer(line)}
    shown: list[str] = []
    columns = [0]
    for index, char in enumerate(line):
        at = columns[-1]
        piece = " " * (TAB - at % TAB) if char == "\t" else _escaped(char)
        piece = r"\x23" if index in commands else piece
        shown.append(piece)
        columns.append(at + sum(map(_width, piece)))
    return "".join(shown), columns


def columns(text: str) -> int:
    """Return the width of printable text in columns; wide characters take two."""
    return len(text) if text.isascii() else sum(map(_width, text))


def cut(line: str, around: int = 0) -> tuple[str, int]:
    """Return a line, or the part of a long one around a column, and where that part starts."""
    if len(line) <= LONG:
        return line, 0
    start = max(min(around - LONG // 4, len(line) - LONG), 0)
    part = line[start : start + LONG]
    if start:
        part = f"...{part[3:]}"
    return (part if start + LONG >= len(line) else f"{part[:-3]}..."), start


def shown_path(path: str) -> str:
    """Return the path for people; one that begins like a command to a service of CI gets ``./``."""
    text = printable(path_from_here(path))
    return f"./{text}" if text.startswith(":") else text


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
