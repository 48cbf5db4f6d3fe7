"""Helpers for variations of text."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator


def tokens_of(text: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(text).readline))


def code_lines(text: str) -> set[int]:
    """Return the numbers of lines that do not start inside a string."""
    inside: set[int] = set()
    for token in tokens_of(text):
        if token.start[0] < token.end[0] and token.type not in (tokenize.NEWLINE, tokenize.NL):
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    return set(range(1, text.count("\n") + 2)) - inside


def one_deeper(lines: list[str], starts: set[int], first: int, last: int) -> Iterator[str]:
    """Yield a range of lines, indented one level deeper."""
    for number in range(first, last + 1):
        line = lines[number - 1]
        yield f"    {line}" if line and number in starts else line


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True
