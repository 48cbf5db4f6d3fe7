"""The difference of two texts as edits of whole lines."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from wslint.findings.finding import Edit
from wslint.findings.span import Place, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
# Matching takes quadratic time where many lines are equal.
_MOST_LINES = 1_000


def line_edits(path: str, line: int, before: str, after: str) -> Iterator[Edit]:
    """Yield the edits that turn ``before``, which starts on a line of a file, into ``after``."""
    old, new = _LINES.findall(before), _LINES.findall(after)
    start = _equal(old, new)
    end = _equal(old[start:][::-1], new[start:][::-1])
    old_middle, new_middle = old[start : len(old) - end], new[start : len(new) - end]
    for first, last, text in _changes(old_middle, new_middle):
        span = Span(*_position(old, start + first, line), *_position(old, start + last, line))
        yield Edit(Place(path, span), text)


def _equal(old: list[str], new: list[str]) -> int:
    """Count the equal lines at the start."""
    count = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        count += 1
    return count


def _changes(old: list[str], new: list[str]) -> Iterator[tuple[int, int, str]]:
    if max(len(old), len(new)) > _MOST_LINES:
        yield 0, len(old), "".join(new)
        return
    for tag, first, last, start, end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            yield first, last, "".join(new[start:end])


def _position(lines: list[str], number: int, line: int) -> tuple[int, int]:
    if number == len(lines) and lines and not lines[-1].endswith(("\r", "\n")):
        return line + number - 1, len(lines[-1])
    return line + number, 0
