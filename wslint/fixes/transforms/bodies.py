"""The body of a function behind its docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.errors import CannotFix
from wslint.fixes.transforms import lines
from wslint.fixes.transforms.blocks import Statements, apart

if TYPE_CHECKING:
    from collections.abc import Sequence


def behind_docstring(body: cst.IndentedBlock) -> tuple[Statements, Statements]:
    """Part the docstring from what follows it."""
    first, *rest = body.body
    if not (
        isinstance(first, cst.SimpleStatementLine)
        and isinstance(first.body[0], cst.Expr)
        and isinstance(first.body[0].value, cst.SimpleString | cst.ConcatenatedString)
    ):
        return [], [first, *rest]
    docstring, *others = apart(first)
    if not others and not rest:
        raise CannotFix("the function holds nothing but its docstring")
    return [docstring], [*others, *rest]


def lift_blank(statements: Statements) -> Sequence[cst.EmptyLine]:
    """Take the blank lines above the first statement, and a function's type comment, away."""
    above = lines.leading(statements[0])
    count = max((n + 1 for n, line in enumerate(above) if lines.is_signature(line)), default=0)
    blank, _ = lines.split(above[count:])
    count += len(blank)
    statements[0] = lines.with_leading(statements[0], above[count:])
    return above[:count]
