"""Syntax errors that are none in a newer Python; only what is surely newer syntax counts.

``match`` is not among it: every Python that runs wslint knows it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_NAME = r"[^\W\d]\w*"
_DOTTED = rf"{_NAME}(?:\.{_NAME})*"
_CLASS = rf"(?:{_NAME}\.)*[A-Z]\w*[a-z]\w*"
_PARAMETERS = rf"\[\s*\*{{0,2}}{_NAME}\s*[],:]"
_DEFAULT = r"\[[^]()=]+=[^]=]"
_DEFINITION = rf"\s*(?:(?:async\s+)?def|class)\s+{_NAME}"
# Matched where the line with the error starts; the error is within the group.
_FROM_LINE_START = [
    # ``except A, e:`` may be Python 2; three names or a class at the end can't be
    (14, rf"\s*except\s*(\*?\s*(?:{_DOTTED}\s*,\s*)+{_CLASS}\s*):"),
    (14, rf"\s*except\s*(\*?\s*(?:{_DOTTED}\s*,\s*){{2,}}{_DOTTED}\s*):"),
    (13, rf"{_DEFINITION}({_DEFAULT})"),
    (13, rf"\s*type\s+({_NAME}{_DEFAULT}[^]]*\])\s*=(?!=)"),
    (12, rf"{_DEFINITION}({_PARAMETERS})"),
    (12, rf"\s*type\s+({_NAME}\s*)(?:\[[^]]*\]\s*)?=(?!=)"),
    (11, r"\s*except\s*(\*)"),
]
# Matched with what is before the error on its line, and with what is there.
_AROUND = [
    (14, r"(?:^|.*[^\w'\"])(?i:t|rt|tr)", r"[\"']"),
    (11, r".*[\w\])]\[", rf"\*\s*{_NAME}"),  # x[*y]
    (11, rf".*\*\s*{_NAME}\s*:\s*", rf"\*\s*{_NAME}"),  # *args: *Ts
]
_LONG, _LINES = 1000, 20
_OLD_F_STRING = "f-string expression part cannot include"
_F_STRING = re.compile(r"(?<![\w'\"])(?:[fF][rR]?|[rR][fF])([\"'])(?!\1)")


def needed_minor(text: str, error: SyntaxError, running: int) -> int:
    """Return the x of the Python 3.x that an error shows to be needed; 0 if it is not sure.

    ``running`` is the x of the Python that reports the error.
    """
    line, *below = re.split(r"\r\n|\r|\n", text)[max((error.lineno or 1) - 1, 0) :] or [""]
    column = max((error.offset or 1) - 1, 0)
    if len(line) > _LONG:
        return 0
    # type parameters may go on for some lines
    whole = "\n".join([line, *below[:_LINES]])
    for minor, pattern in _FROM_LINE_START:
        match = re.match(pattern, whole) if minor > running else None
        if match and match.start(1) <= column < match.end(1):
            return minor
    for minor, before, there in _AROUND:
        if (
            minor > running
            and re.fullmatch(before, line[:column])
            and re.match(there, line[column:])
        ):
            return minor
    if running < 12 and (error.msg.startswith(_OLD_F_STRING) or any(_nested(line))):
        return 12
    return 0


def _nested(line: str) -> Iterator[bool]:
    """Yield whether each f-string of a line repeats its quote inside, which is valid since 3.12."""
    for match in _F_STRING.finditer(line):
        quote = match[1]
        other = "'" if quote == '"' else '"'
        out, depth, inside = [match[0]], 0, False
        for char in line[match.end() :]:
            if char == quote and (depth or inside):
                inside = not inside
                out.append(other)
                continue
            out.append(char)
            if char == quote:
                break
            depth += 0 if inside else (char == "{") - (char == "}")
        changed = "".join(out)
        yield changed != line[match.start() : match.start() + len(changed)] and _parses(changed)


def _parses(expression: str) -> bool:
    try:
        ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
