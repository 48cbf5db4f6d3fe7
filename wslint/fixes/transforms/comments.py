"""Adds, shortens and removes comments; everything else stays as it is."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from wslint.fixes import guards
from wslint.fixes.errors import CannotFix
from wslint.syntax.source import Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.actions import ReplaceComment

_END = re.compile(r"(\r\n|\r|\n)\Z")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK_LINES = re.compile(r"(?:[ \t\f]*(?:\r\n|\r|\n))*")


def replace_comments(data: bytes, path: str, actions: Sequence[ReplaceComment]) -> bytes:
    """Replace comments; a line with nothing else on it is removed with its comment.

    An empty span adds a comment at the end of its line.
    """
    source = Source.from_bytes(path, data, max_size=len(data))
    if isinstance(source, Unreadable):
        raise CannotFix(source.reason)
    starts = [*source.line_starts, len(source.text)]
    text = source.text
    for action in sorted(actions, key=lambda action: action.place, reverse=True):
        span = action.place
        line = text[starts[span.line - 1] : starts[span.line]]
        if span.end_line != span.line or not _is_comment(line, span.column, span.end_column):
            raise CannotFix("there is no comment at the place of the fix")
        new = _line(line, span.column, span.end_column, action.text)
        above, below = text[: starts[span.line - 1]], text[starts[span.line] :]
        text = above + new + below if new else _closed(above, below)
    try:
        after = text.encode(source.encoding)
    except UnicodeEncodeError as error:
        raise CannotFix(f"the comment cannot be encoded as {source.encoding}") from error
    check_only_comments(source, after, lost=len(actions))
    return after


def as_text(data: bytes, path: str) -> str:
    """Return the text of a file. Raises CannotFix if it can't be read."""
    source = Source.from_bytes(path, data, max_size=len(data))
    if isinstance(source, Unreadable):
        raise CannotFix(source.reason)
    return source.text


def _closed(above: str, below: str) -> str:
    """Join the text around a removed line, keeping the blank lines of one side only."""
    code_end = len(above.rstrip(" \t\f\r\n"))
    line_end = _LINE_END.search(above, code_end) if code_end else None
    bare = above[: line_end.end() if line_end else code_end]
    if not below or below.isspace():
        return bare
    over, under = above[len(bare) :], _BLANK_LINES.match(below)[0]  # type: ignore[index]
    if not bare or over.count("\n") <= under.count("\n"):
        return bare + below if bare else below[len(under) :]
    return above + below[len(under) :]


def check_only_comments(before: Source, after: bytes, *, lost: int) -> None:
    """Check that the code is the same and that only ``lost`` comments have changed."""
    if before.text.encode(before.encoding) != before.data:
        raise CannotFix("the file cannot be reproduced exactly")
    if ast.dump(guards.parsed(after, before.path)) != ast.dump(before.tree):
        raise CannotFix("the code would change with the comment")
    gone = guards.comments(before.data) - guards.comments(after)
    if gone.total() > lost:
        raise CannotFix("a comment would be lost")


def _is_comment(line: str, start: int, end: int) -> bool:
    return start == end == len(_END.sub("", line)) or line[start : start + 1] == "#"


def _line(line: str, start: int, end: int, text: str) -> str:
    match = _END.search(line)
    newline = match[0] if match else ""
    rest = line[end : len(line) - len(newline)].lstrip()
    if not text and not rest:
        before = line[:start].rstrip()
        return before + newline if before else ""
    gap = "  " if text and rest else ""
    return f"{line[:start]}{text.rstrip()}{gap}{rest}".rstrip() + newline
