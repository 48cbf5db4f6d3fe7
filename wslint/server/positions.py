"""Converts between spans and the positions of the editor, which usually count in UTF-16.

Lines end as in Python's tokenizer, which is also what the protocol says. ``str.splitlines`` would
count lines that an editor does not have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from wslint.findings.span import Span
from wslint.syntax.source import split_lines

if TYPE_CHECKING:
    from pygls.workspace import PositionCodec


class Text:
    """The text of one file, in which positions are converted."""

    def __init__(self, text: str, codec: PositionCodec) -> None:
        self.text = text
        self.lines = split_lines(text)
        self._codec = codec

    def offset(self, position: types.Position) -> int:
        """Return the offset of a position; one after the end of its line is that end."""
        if position.line >= len(self.lines):
            return len(self.text)
        start = 0
        for line in self.lines[: position.line]:
            start += len(line)
            start += 2 if self.text.startswith("\r\n", start) else 1
        return start + self._column(position)

    def place(self, position: types.Position) -> tuple[int, int]:
        """Return the line and column of a position, as spans count them."""
        if position.line >= len(self.lines):
            return len(self.lines), len(self.lines[-1])
        return position.line + 1, self._column(position)

    def range(self, span: Span) -> types.Range:
        """Return the range of a span."""
        return types.Range(
            self._position(span.line, span.column),
            self._position(span.end_line, span.end_column),
        )

    def _column(self, position: types.Position) -> int:
        line = self.lines[position.line]
        if line.isascii():
            return min(position.character, len(line))
        units = 0
        for column, char in enumerate(line):
            if units >= position.character:
                return column
            units += self._codec.client_num_units(char)
        return len(line)

    def _position(self, line: int, column: int) -> types.Position:
        if not self.lines or line > len(self.lines):
            return types.Position(line - 1, column)
        text = self.lines[line - 1][:column]
        units = len(text) if text.isascii() else self._codec.client_num_units(text)
        return types.Position(line - 1, units)
