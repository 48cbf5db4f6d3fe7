"""Blank lines, comments and line breaks in libcst trees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar, cast

import libcst as cst

from wslint.fixes.cst.node_queries import in_order

StatementT = TypeVar("StatementT", bound=cst.BaseStatement)
Lines = Sequence[cst.EmptyLine]

_SIGNATURE = re.compile(r"#\s*type:\s*\(")


def leading(statement: cst.BaseStatement) -> Lines:
    """Return the lines above a statement that belong to it."""
    lines: Lines = getattr(statement, "leading_lines", ())
    return lines


def with_leading(statement: StatementT, lines: Lines) -> StatementT:
    """Replace the lines above a statement."""
    return statement.with_changes(leading_lines=tuple(lines))


def deeper(statements: Sequence[StatementT], indent: str) -> list[StatementT]:
    """Indent what follows a backslash at the end of a line, as libcst does with all other lines."""
    return [cast("StatementT", one.visit(_Deeper(indent))) for one in statements]


class _Deeper(cst.CSTTransformer):
    """Indents the continuations of lines."""

    def __init__(self, indent: str) -> None:
        super().__init__()
        self._indent = indent

    def leave_SimpleWhitespace(  # noqa: N802 - the name libcst calls
        self,
        original_node: cst.SimpleWhitespace,  # noqa: ARG002
        updated_node: cst.SimpleWhitespace,
    ) -> cst.SimpleWhitespace:
        if "\n" not in updated_node.value:
            return updated_node
        return updated_node.with_changes(
            value=updated_node.value.replace("\n", f"\n{self._indent}")
        )


def comments(statement: cst.CSTNode) -> list[str]:
    """Return the comments in a statement, without those above it."""
    above = {id(line.comment) for line in getattr(statement, "leading_lines", ())}
    found = (one for one in in_order(statement) if isinstance(one, cst.Comment))
    return [one.value for one in found if id(one) not in above]


def end_comments(line: cst.CSTNode) -> list[str]:
    """Return the comment at the end of a line of simple statements, if there is one."""
    end = line.trailing_whitespace if isinstance(line, cst.SimpleStatementLine) else None
    return [end.comment.value] if end is not None and end.comment is not None else []


def commented(line: cst.SimpleStatementLine, comment: str) -> cst.SimpleStatementLine:
    """Add a comment to the end of a line."""
    end = line.trailing_whitespace.with_changes(
        whitespace=cst.SimpleWhitespace("  "), comment=cst.Comment(comment)
    )
    return line.with_changes(trailing_whitespace=end)


def split(lines: Lines) -> tuple[Lines, Lines]:
    """Split lines into blank ones (and a function's type comment) and the comments below."""
    for number, line in enumerate(lines):
        if line.comment is not None and not is_signature(line):
            return lines[:number], lines[number:]
    return lines, ()


def is_signature(line: cst.EmptyLine) -> bool:
    """Return whether a line is the type comment of a function."""
    return line.comment is not None and _SIGNATURE.match(line.comment.value) is not None


def blank(count: int) -> list[cst.EmptyLine]:
    """Return new blank lines."""
    return [cst.EmptyLine(indent=False) for _ in range(count)]


def spaced(statement: StatementT, count: int) -> StatementT:
    """Ensure at least ``count`` blank lines above a statement and its comments."""
    lines = leading(statement)
    have = next((n for n, line in enumerate(lines) if line.comment is not None), len(lines))
    return with_leading(statement, [*blank(count - have), *lines])


# Comments that concern the whole file stay at the top.
_OF_THE_FILE = re.compile(
    r"#!|#.*(coding[:=]|copyright|licen[cs]e|spdx|pylint|flake8|ruff|mypy|isort|pyright|noqa"
    r"|type: ignore|fmt:|vim:|-\*-)",
    re.IGNORECASE,
)


def parted(module: cst.Module) -> cst.Module:
    """Attach the comment directly above the first statement to that statement.

    libcst attaches all comments at the top to the module, but one that describes the first
    statement has to move with it. The rendered text stays the same.
    """
    if not module.body or any(line.comment is None for line in leading(module.body[0])):
        return module
    header = module.header
    start = max((n + 1 for n, line in enumerate(header) if line.comment is None), default=0)
    for number, line in enumerate(header):
        if line.comment is not None and _OF_THE_FILE.match(line.comment.value):
            start = max(start, number + 1)
    first, *rest = module.body
    first = with_leading(first, [*header[start:], *leading(first)])
    return module.with_changes(header=header[:start], body=[first, *rest])


WIDTH = 88
Whitespace = cst.BaseParenthesizableWhitespace


def around_new(between: Whitespace) -> tuple[Whitespace, Whitespace]:
    """Split the whitespace before an entry into that before and after a new entry there.

    A comment at the end of the line stays with the entry before, comments on lines of their
    own stay with the entry after.
    """
    if not isinstance(between, cst.ParenthesizedWhitespace):
        return between, between
    return (
        between.with_changes(empty_lines=()),
        between.with_changes(first_line=cst.TrailingWhitespace()),
    )


def wrapped(unit: str) -> tuple[cst.ParenthesizedWhitespace, cst.ParenthesizedWhitespace]:
    """Return the whitespace before an entry on its own line, and before the closing bracket."""
    return (
        cst.ParenthesizedWhitespace(indent=True, last_line=cst.SimpleWhitespace(unit)),
        cst.ParenthesizedWhitespace(indent=True),
    )
