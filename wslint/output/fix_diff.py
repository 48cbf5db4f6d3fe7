"""A fix as a diff: its edits, with the lines around them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from wslint.syntax.source import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.findings.finding import Edit, Fix
    from wslint.output.lines import FileLines


class Row(NamedTuple):
    """One line of a diff: ``sign`` is "-", "+" or " ", ``number`` that of the old or new line."""

    sign: str
    number: int
    text: str


class Hunk(NamedTuple):
    """Neighbouring rows of one file; ``old`` and ``new`` are the numbers of the first lines."""

    old: int
    new: int
    rows: list[Row]

    @property
    def header(self) -> str:
        """The ``@@`` line of a unified diff."""
        return f"@@ -{self._range(self.old, '+')} +{self._range(self.new, '-')} @@"

    def _range(self, first: int, without: str) -> str:
        count = sum(row.sign != without for row in self.rows)
        return f"{first if count else first - 1}" + (f",{count}" if count != 1 else "")


def fix_diff(fix: Fix, files: FileLines, around: int) -> Iterator[tuple[str, list[Hunk]]]:
    """Yield each file with its hunks, with some unchanged lines ``around`` them."""
    for path, edits in groupby(fix.edits, lambda edit: edit.place.path):
        yield path, _hunks(list(edits), files.lines(path), around)


def _hunks(edits: Sequence[Edit], lines: Sequence[str], around: int) -> list[Hunk]:
    # the empty string after the last newline is no line
    count = len(lines) if lines and lines[-1] else len(lines) - 1
    hunks: list[Hunk] = []
    done, shift = 0, 0  # the last line that was used, and by how much the new ones are moved
    for edit in edits:
        first, last = _lines_of(edit)
        if not hunks or first - around > done + around + 1:
            if hunks:
                _add_equal(hunks[-1], lines, done, done + around, shift)
            done = max(first - around, 1) - 1
            hunks.append(Hunk(done + 1, done + 1 + shift, []))
        _add_equal(hunks[-1], lines, done, first - 1, shift)
        new = split_lines(edit.text)
        new = new if new[-1] else new[:-1]
        rows = hunks[-1].rows
        rows += [Row("-", number, lines[number - 1]) for number in range(first, last + 1)]
        rows += [Row("+", first + shift + number, text) for number, text in enumerate(new)]
        shift += len(new) - (last + 1 - first)
        done = last
    if hunks:
        _add_equal(hunks[-1], lines, done, min(done + around, count), shift)
    return hunks


def _lines_of(edit: Edit) -> tuple[int, int]:
    """Return the first and last line that an edit replaces; the last is smaller if it is none."""
    span = edit.place.span
    return span.line, span.end_line if span.end_column else span.end_line - 1


def _add_equal(hunk: Hunk, lines: Sequence[str], after: int, last: int, shift: int) -> None:
    for number in range(after + 1, last + 1):
        hunk.rows.append(Row(" ", number + shift, lines[number - 1]))
