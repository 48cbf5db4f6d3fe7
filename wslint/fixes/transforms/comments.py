"""Adds, shortens and removes comments; everything else stays as it is."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from wslint.fixes import guards
from wslint.fixes.errors import CannotFix
from wslint.syntax.source import Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.findings.actions import ReplaceComment

_END = re.compile(r"(\r\n|\r|\n)\Z")
_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANK_LINES = re.compile(r"(?:[ \t\f]*(?:\r\n|\r|\n))*")


class ReplacedLines(NamedTuple):
    """New text for some lines of a file, from ``line`` on."""

    line: int
    old: str
    new: str


def replace_comments(data: bytes, path: str, actions: Sequence[ReplaceComment]) -> bytes:
    """Replace comments; a line with nothing else on it is removed with its comment.

    An empty span adds a comment at the end of its line.
    """
    source = _source(data, path)
    parts: list[str] = []
    done = 0
    for lines in replaced_lines(data, path, actions):
        start = source.line_starts[lines.line - 1]
        parts += [source.text[done:start], lines.new]
        done = start + len(lines.old)
    try:
        after = "".join([*parts, source.text[done:]]).encode(source.encoding)
    except UnicodeEncodeError as error:
        raise CannotFix(f"the comment cannot be encoded as {source.encoding}") from error
    check_only_comments(source, after, lost=len(actions))
    return after


def replaced_lines(
    data: bytes, path: str, actions: Sequence[ReplaceComment]
) -> Iterator[ReplacedLines]:
    """Yield the lines that change, in order, each with the nearest lines around that have text."""
    source = _source(data, path)
    group: list[ReplaceComment] = []
    first = end = 0
    for action in sorted(actions, key=lambda action: action.place):
        if not 0 < action.place.line <= len(source.line_starts):
            raise CannotFix("there is no comment at the place of the fix")
        above, below = _lines_around(source, action.place.line)
        if group and above >= end:
            yield _replaced(source, first, end, group)
            group = []
        first, end = (first, max(end, below)) if group else (above, below)
        group.append(action)
    if group:
        yield _replaced(source, first, end, group)


@lru_cache(maxsize=4)
def _source(data: bytes, path: str) -> Source:
    source = Source.from_bytes(path, data, max_size=len(data))
    if isinstance(source, Unreadable):
        raise CannotFix(source.reason)
    return source


def _lines_around(source: Source, line: int) -> tuple[int, int]:
    """Return the nearest line above that has text, and the line after the nearest one below."""
    above, below, last = line - 1, line + 1, len(source.line_starts)
    while above > 1 and not _text_of(source, above, above + 1).strip():
        above -= 1
    while below < last and not _text_of(source, below, below + 1).strip():
        below += 1
    return max(above, 1), min(below, last) + 1


def _text_of(source: Source, first: int, end: int) -> str:
    starts = source.line_starts
    stop = starts[end - 1] if end <= len(starts) else len(source.text)
    return source.text[starts[first - 1] : stop]


def _replaced(
    source: Source, first: int, end: int, actions: Sequence[ReplaceComment]
) -> ReplacedLines:
    old = text = _text_of(source, first, end)
    for action in reversed(actions):
        span = action.place
        start = source.line_starts[span.line - 1] - source.line_starts[first - 1]
        line_end = _LINE_END.search(text, start)
        line = text[start : line_end.end() if line_end else len(text)]
        if span.end_line != span.line or not _is_comment(line, span.column, span.end_column):
            raise CannotFix("there is no comment at the place of the fix")
        new = _line(line, span.column, span.end_column, action.text)
        above, below = text[:start], text[start + len(line) :]
        text = above + new + below if new else _closed(above, below)
    return ReplacedLines(first, old, text)


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
