"""Places in source text."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    r"""A range of source text.

    Lines count from 1, columns from 0 in code points; the end column is exclusive. Lines end at
    ``\n``, ``\r`` or ``\r\n`` only, as in Python's tokenizer.
    """

    line: int
    column: int
    end_line: int
    end_column: int

    def contains(self, other: Span) -> bool:
        """Return whether ``other`` lies entirely within this span."""
        return self[:2] <= other[:2] and other[2:] <= self[2:]


class Place(NamedTuple):
    """A span in a file; ``path`` is absolute, with forward slashes."""

    path: str
    span: Span
