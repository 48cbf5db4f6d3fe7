"""Runs libcst over a file, or over some of its statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from wslint.lower.script import Block, Script
from wslint.lower.statements import StatementLowering
from wslint.positions import positions
from wslint.spans import Span


class CannotLower(Exception):
    """libcst can't read what CPython reads; the text says what it said."""


def lower(source: bytes) -> Script:
    """Lower a whole file. Raises CannotLower; the caller has checked it with ``ast`` before."""
    return Script(_lower(source, 0))


def lower_lines(text: str, first_line: int) -> Block:
    """Lower whole top-level statements that begin at a line of a file. Raises CannotLower."""
    return _lower(text, first_line - 1)


def _lower(source: bytes | str, lines_before: int) -> Block:
    try:
        module = cst.parse_module(source)
        spans: Mapping[cst.CSTNode, Span] = positions(module)
        if lines_before:
            spans = _Shifted(spans, lines_before)
        return StatementLowering(spans).block(module)
    except (cst.ParserSyntaxError, cst.CSTLogicError, cst.CSTValidationError) as error:
        raise CannotLower(str(error).partition("\n")[0]) from error
    except RecursionError as error:
        raise CannotLower("nested too deeply") from error


class _Shifted(Mapping[cst.CSTNode, Span]):
    """Spans of a piece of a file, as lines of the file."""

    def __init__(self, spans: Mapping[cst.CSTNode, Span], lines: int) -> None:
        self._spans = spans
        self._lines = lines

    def __getitem__(self, node: cst.CSTNode) -> Span:
        line, column, end_line, end_column = self._spans[node]
        return Span(line + self._lines, column, end_line + self._lines, end_column)

    def __iter__(self) -> Iterator[cst.CSTNode]:
        return iter(self._spans)

    def __len__(self) -> int:
        return len(self._spans)
