"""Bytes to ``Script``: what a file says, without what it means."""

from __future__ import annotations

import libcst as cst

from wslint.lower.script import Script
from wslint.lower.statements import StatementLowering
from wslint.positions import positions


class CannotLower(Exception):
    """libcst can't read a file that CPython reads; the text says what it said."""


def lower(source: bytes) -> Script:
    """Lower one file. Raises CannotLower; the caller has checked it with ``ast`` before."""
    try:
        module = cst.parse_module(source)
        return Script(StatementLowering(positions(module)).block(module))
    except (cst.ParserSyntaxError, cst.CSTLogicError, cst.CSTValidationError) as error:
        raise CannotLower(str(error).partition("\n")[0]) from error
    except RecursionError as error:
        raise CannotLower("nested too deeply") from error
