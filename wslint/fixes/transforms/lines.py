"""Empty lines, comments and the order of what stands above a statement."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import libcst as cst

StatementT = TypeVar("StatementT", bound=cst.BaseStatement)
Lines = Sequence[cst.EmptyLine]

_SIGNATURE = re.compile(r"#\s*type:\s*\(")


def leading(statement: cst.BaseStatement) -> Lines:
    """Give the lines above a statement that belong to it."""
    lines: Lines = getattr(statement, "leading_lines", ())
    return lines


def with_leading(statement: StatementT, lines: Lines) -> StatementT:
    """Replace the lines above a statement."""
    return statement.with_changes(leading_lines=tuple(lines))


def split(lines: Lines) -> tuple[Lines, Lines]:
    """Part the blank lines (and a function's type comment) from the comments below them."""
    for number, line in enumerate(lines):
        if line.comment is not None and not is_signature(line):
            return lines[:number], lines[number:]
    return lines, ()


def is_signature(line: cst.EmptyLine) -> bool:
    """Tell whether a line is the type comment of a function."""
    return line.comment is not None and _SIGNATURE.match(line.comment.value) is not None


def blank(count: int) -> list[cst.EmptyLine]:
    """Give new blank lines."""
    return [cst.EmptyLine(indent=False) for _ in range(count)]


def spaced(statement: StatementT, count: int) -> StatementT:
    """Put at least so many blank lines above a statement and its comments."""
    lines = leading(statement)
    have = next((n for n, line in enumerate(lines) if line.comment is not None), len(lines))
    return with_leading(statement, [*blank(count - have), *lines])
