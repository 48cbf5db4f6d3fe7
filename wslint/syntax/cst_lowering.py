"""Runs libcst over a file, or over some of its statements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import libcst as cst

from wslint.findings.span import Span
from wslint.fixes.positions import positions
from wslint.syntax.cst_statements import StatementLowering
from wslint.syntax.nodes import Block, Script


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
        raise CannotLower(_said(error)) from error
    except RecursionError as error:
        raise CannotLower("nested too deeply") from error
    except MemoryError as error:
        raise CannotLower("it takes too much memory") from error
    except BaseException as error:
        # a panic of libcst's parser, which is not a subclass of Exception
        if type(error).__name__ != "PanicException":
            raise
        raise CannotLower("its parser fails on it") from error


def _said(error: Exception) -> str:
    """Give libcst's first line without its position, which is often wrong."""
    said = str(error).partition("\n")[0]
    return re.sub(r" @ \d+:\d+\.?$", "", said).rstrip(".").lower()


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
