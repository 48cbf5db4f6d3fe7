"""``try`` statements: what their handlers cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst import whitespace
from wslint.fixes.cst.blocks import Rest, Slot, unwrap
from wslint.fixes.cst.node_queries import in_order
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.findings.actions import MoveToElse, RemoveHandlers
    from wslint.findings.span import Span
    from wslint.fixes.context import Context
    from wslint.fixes.cst.tree import Tree


def move_to_else(action: MoveToElse, context: Context) -> None:
    """Plan to move the end of a ``try`` block to its ``else``."""
    tree = context.tree
    statement = _try(tree, action.place)
    found = tree.statement(action.first)
    line = tree.parent(found) if isinstance(found, cst.BaseSmallStatement) else found
    if statement.orelse is not None:
        raise CannotFix("the try has an else")
    lines = list(statement.body.body) if isinstance(statement.body, cst.IndentedBlock) else []
    if line not in lines or (isinstance(line, cst.SimpleStatementLine) and len(line.body) > 1):
        raise CannotFix("what should move is not on lines of its own")
    count = len(lines) - lines.index(line)  # type: ignore[arg-type]

    def edit(updated: cst.Try) -> cst.Try:
        block = cst.ensure_type(updated.body, cst.IndentedBlock)
        kept, (head, *others) = block.body[:-count], block.body[-count:]
        if not kept:
            raise CannotFix("nothing would be left in the try")
        _, above = whitespace.split(whitespace.leading(head))
        moved = cst.IndentedBlock(
            [whitespace.with_leading(head, above), *others],
            indent=block.indent,
            footer=block.footer,
        )
        return updated.with_changes(
            body=block.with_changes(body=kept, footer=()), orelse=cst.Else(moved)
        )

    context.edits.add(statement, edit)


def remove_handlers(action: RemoveHandlers, context: Context) -> None:
    """Plan to let what a ``try`` raises go through."""
    statement = _try(context.tree, action.place)
    comments = [
        cst.EmptyLine(comment=comment)
        for handler in statement.handlers
        for comment in in_order(handler)
        if isinstance(comment, cst.Comment)
    ]
    if statement.orelse is not None:
        context.edits.add(statement, _without_else)
    if statement.finalbody is None:
        context.edit_statement(statement, unwrap)
    else:
        context.edits.add(statement, lambda updated: updated.with_changes(handlers=()))

    def move(slot: Slot, _: Rest) -> None:
        first = slot.core[0]
        lines = [*whitespace.leading(first), *comments]
        slot.core[0] = whitespace.with_leading(first, lines)

    if comments:
        context.edit_statement(statement, move)


def _without_else(statement: cst.Try) -> cst.Try:
    """Return a ``try`` whose ``else`` is at the end of its block."""
    orelse = cst.ensure_type(statement.orelse, cst.Else)
    body, end = statement.body, orelse.body
    if not isinstance(body, cst.IndentedBlock) or not isinstance(end, cst.IndentedBlock):
        raise CannotFix("the block is on the same line as what begins it")
    first, *others = end.body
    above = [*body.footer, *orelse.leading_lines, *whitespace.leading(first)]
    lines = [*body.body, whitespace.with_leading(first, above), *others]
    block = body.with_changes(body=lines, footer=end.footer)
    return statement.with_changes(body=block, orelse=None)


def _try(tree: Tree, span: Span) -> cst.Try:
    statement = tree.statement(span)
    if not isinstance(statement, cst.Try):
        raise CannotFix("there is no try at the place of the fix")
    return statement
