"""``name = EXPRESSION`` to ``with EXPRESSION as name:``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.errors import CannotFix
from wslint.fixes.transforms import lines
from wslint.fixes.transforms import node_queries as walk
from wslint.fixes.transforms.import_join import dotted
from wslint.fixes.transforms.with_lines import joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.actions import AssignToWith
    from wslint.fixes.context import Context
    from wslint.fixes.transforms.blocks import Rest, Slot, SlotEdit
    from wslint.fixes.tree import Statement, Tree


def assign_to_with(action: AssignToWith, context: Context) -> None:
    """Plan to put the rest of a block into a ``with``."""
    tree = context.tree
    statement = tree.statement(action.place)
    name = _target(statement).value
    function = tree.owner(statement)
    if function is None:
        raise CannotFix("outside a function the with would end before a test begins")
    for node in walk.own(function.body):
        if isinstance(node, cst.Global | cst.Nonlocal) and name in walk.names(node):
            raise CannotFix(f"{name} is known outside the function")
    _check_uses(name, statement, function, tree)
    indents = tree.indent(statement), tree.indents(statement)
    edit = _edit(name, isinstance(statement, cst.AnnAssign), *indents)
    context.edit_statement(statement, edit)


def _target(statement: Statement) -> cst.Name:
    target: cst.BaseExpression | None = None
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
    elif isinstance(statement, cst.AnnAssign) and statement.value is not None:
        target = statement.target
    if not isinstance(target, cst.Name):
        raise CannotFix("the statement does not bind one plain name")
    return target


def _check_uses(name: str, statement: Statement, function: cst.FunctionDef, tree: Tree) -> None:
    """Refuse where the value is used when the ``with`` is over."""
    block = tree.around(statement, cst.IndentedBlock) or function.body
    if isinstance(tree.parent(statement), cst.SimpleStatementSuite):
        block = function.body
    end = tree.positions.offsets(block)[1]
    start = tree.positions.offsets(statement)[1]
    for node in walk.own(function.body):
        offset = tree.positions.offsets(node)[0]
        if isinstance(node, cst.Name) and node.value == name and offset >= end:
            raise CannotFix(f"{name} is used behind the block it is bound in")
        if offset > start and name in _given_away(node):
            raise CannotFix(f"{name} leaves the function, and would be closed by then")


def _given_away(node: cst.CSTNode) -> list[str]:
    """Give the names whose values a statement returns or keeps in an object."""
    value: cst.BaseExpression | None = None
    if isinstance(node, cst.Return) or (
        isinstance(node, cst.Assign) and not isinstance(node.targets[0].target, cst.Name)
    ):
        value = node.value
    values = [each.value for each in value.elements] if isinstance(value, cst.Tuple) else [value]
    return [each.value for each in values if isinstance(each, cst.Name)]


def _edit(name: str, annotated: bool, indent: str | None, indents: Sequence[str]) -> SlotEdit:
    def edit(slot: Slot, rest: Rest) -> None:
        line = slot.core[0]
        if not isinstance(line, cst.SimpleStatementLine):
            raise CannotFix("the changes of this fix do not fit together")
        statement = line.body[0]
        if not isinstance(statement, cst.Assign | cst.AnnAssign) or statement.value is None:
            raise CannotFix("the changes of this fix do not fit together")
        if not rest.statements and not slot.after:
            raise CannotFix(f"nothing follows the place where {name} is bound")
        value = statement.value
        if isinstance(value, cst.Tuple | cst.Yield) and not value.lpar:
            raise CannotFix("the value is not one expression that a with can hold")
        inside = [*slot.after, *rest.statements]
        _, above = lines.split(lines.leading(inside[0]))
        inside[0] = lines.with_leading(inside[0], above)
        item = cst.WithItem(value, cst.AsName(cst.Name(name)))
        with_ = None if line.trailing_whitespace.comment else joined([item], inside, indents)
        if with_ is None:
            body = cst.IndentedBlock(
                inside, header=line.trailing_whitespace, indent=indent, footer=rest.footer
            )
            with_ = cst.With([item], body)
            rest.footer = ()
        with_ = lines.with_leading(with_, line.leading_lines)
        slot.core, slot.after, rest.statements = [with_], [], []
        if annotated and isinstance(statement, cst.AnnAssign) and not _says_itself(statement):
            declared = cst.SimpleStatementLine(
                [statement.with_changes(value=None, equal=cst.MaybeSentinel.DEFAULT)]
            )
            slot.core = [
                lines.with_leading(declared, line.leading_lines),
                lines.with_leading(with_, ()),
            ]

    return edit


def _says_itself(statement: cst.AnnAssign) -> bool:
    """Tell whether the annotation is only the class that the value calls."""
    value, written = statement.value, statement.annotation.annotation
    said = dotted(value.func) if isinstance(value, cst.Call) else ""
    return bool(said) and said == dotted(written)
