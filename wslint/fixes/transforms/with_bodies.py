"""What a ``with`` holds: a call that gets a block of its own, statements that are taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.errors import CannotFix
from wslint.fixes.transforms import lines

if TYPE_CHECKING:
    from wslint.findings.actions import EnterStatement, TakeIntoWith
    from wslint.fixes.context import Context
    from wslint.fixes.transforms.blocks import Rest, Slot


def enter_statement(action: EnterStatement, context: Context) -> None:
    """Plan to enter what an expression statement drops."""
    tree = context.tree
    statement = tree.parent(tree.expression(action.place))
    if not isinstance(statement, cst.Expr) or isinstance(statement.value, cst.Tuple):
        raise CannotFix("the expression is no statement of its own")
    indent = tree.indent(statement)

    def edit(slot: Slot, _rest: Rest) -> None:
        line = slot.core[0]
        if not isinstance(line, cst.SimpleStatementLine) or not isinstance(line.body[0], cst.Expr):
            raise CannotFix("the changes of this fix do not fit together")
        body = cst.IndentedBlock(
            [cst.SimpleStatementLine([cst.Pass()])], header=line.trailing_whitespace, indent=indent
        )
        item = cst.WithItem(line.body[0].value)
        slot.core = [cst.With([item], body, leading_lines=line.leading_lines)]

    context.edit_statement(statement, edit)


def take_into_with(action: TakeIntoWith, context: Context) -> None:
    """Plan to take the statements behind a ``with`` into it."""
    tree = context.tree
    statement = tree.statement(action.place)
    last: cst.CSTNode | None = tree.statement(action.last)
    if not isinstance(statement, cst.With):
        raise CannotFix("the place of the fix is no with")
    block = tree.parent(statement)
    while last is not None and tree.parent(last) is not block:
        last = tree.parent(last)
    if last is None or not isinstance(block, cst.Module | cst.IndentedBlock):
        raise CannotFix("the with and its use are not in one block")
    body = list(block.body)
    count = body.index(last) - body.index(statement)  # type: ignore[arg-type]
    if count < 1:
        raise CannotFix("the use does not stand behind the with")

    def edit(slot: Slot, rest: Rest) -> None:
        outer = slot.core[0]
        if not isinstance(outer, cst.With) or not isinstance(outer.body, cst.IndentedBlock):
            raise CannotFix("the body of the with stands on its line")
        if slot.after or len(rest.statements) < count:
            raise CannotFix("the changes of this fix do not fit together")
        taken, rest.statements[:count] = [_unindented(s) for s in rest.statements[:count]], []
        above = [*outer.body.footer, *lines.leading(taken[0])]
        taken[0] = lines.with_leading(taken[0], above)
        inside = [part for part in outer.body.body if not _only_passes(part)]
        footer: list[cst.EmptyLine] = []
        if not rest.statements:
            footer, rest.footer = list(rest.footer), ()
        new = outer.body.with_changes(body=[*inside, *taken], footer=footer)
        slot.core[0] = outer.with_changes(body=new)

    context.edit_statement(statement, edit)


def _unindented(part: cst.BaseStatement) -> cst.BaseStatement:
    """Keep the blank lines above a statement blank where it is indented."""
    above = [
        line if line.comment is not None else line.with_changes(indent=False)
        for line in lines.leading(part)
    ]
    return lines.with_leading(part, above)


def _only_passes(part: cst.BaseStatement) -> bool:
    """Tell whether a line is a ``pass`` without a comment, which a fuller block doesn't need."""
    return (
        isinstance(part, cst.SimpleStatementLine)
        and all(isinstance(small, cst.Pass) for small in part.body)
        and part.trailing_whitespace.comment is None
        and not part.leading_lines
    )
