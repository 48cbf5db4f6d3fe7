"""The changes of a fix as replacements of whole lines."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from wslint.findings.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")


class Replacement(NamedTuple):
    """New text for a span; an empty span is an insertion."""

    span: Span
    text: str


def replacements(before: str, after: str) -> Iterator[Replacement]:
    """Yield the replacements in order."""
    old, new = _LINES.findall(before), _LINES.findall(after)
    for tag, first, last, start, end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            span = Span(*_position(old, first), *_position(old, last))
            yield Replacement(span, "".join(new[start:end]))


def _position(lines: list[str], number: int) -> tuple[int, int]:
    if number == len(lines) and lines and not lines[-1].endswith(("\r", "\n")):
        return number, len(lines[-1])
    return number + 1, 0
