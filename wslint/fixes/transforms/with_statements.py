"""``with`` statements: create them from assignments, edit their items and bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst import code, node_queries, whitespace
from wslint.fixes.cst.blocks import unwrap
from wslint.fixes.cst.import_block import dotted
from wslint.fixes.cst.with_layout import fitted, inserted, joined
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.actions import (
        AddWithItem,
        AssignToWith,
        EnterStatement,
        MakeWithSync,
        NameWithItem,
        RemoveWithItem,
        TakeIntoWith,
    )
    from wslint.findings.span import Span
    from wslint.fixes.context import Context
    from wslint.fixes.cst.blocks import Rest, Slot, SlotEdit
    from wslint.fixes.cst.tree import Statement, Tree


def add_with_item(action: AddWithItem, context: Context) -> None:
    """Plan to insert an item before another one of a ``with``."""
    tree = context.tree
    item, statement = _item(tree, action.place)
    text = context.text(action.code, statement, tree.scopes(statement))
    new = code.with_items(text, tree.module)
    index = list(statement.items).index(item)
    indents = tree.indents(statement)

    def edit(updated: cst.With) -> cst.With:
        # earlier edits may have inserted items; the number of items after the place is the same
        at = len(updated.items) - (len(statement.items) - index)
        return fitted(inserted(updated, at, new), indents)

    context.edits.add(statement, edit)


def name_with_item(action: NameWithItem, context: Context) -> None:
    """Plan to add ``as name`` to an item of a ``with``, or to remove it."""
    item, statement = _item(context.tree, action.place)
    if item.asname is not None and action.name:
        raise CannotFix("the item of the with already has a name")
    indents = context.tree.indents(statement)

    def edit(updated: cst.WithItem) -> cst.WithItem:
        name = cst.AsName(cst.Name(action.name)) if action.name else None
        return updated.with_changes(asname=name)

    context.edits.add(item, edit)
    context.edits.add(statement, lambda updated: fitted(updated, indents))


def remove_with_item(action: RemoveWithItem, context: Context) -> None:
    """Plan to remove an item of a ``with``, or to unwrap its body."""
    tree = context.tree
    item, statement = _item(tree, action.place)
    if item.asname is not None:
        raise CannotFix("the item of the with has a name, which is used")
    number = list(statement.items).index(item)
    if len(statement.items) > 1:

        def remove(updated: cst.With) -> cst.With:
            items = [each for n, each in enumerate(updated.items) if n != number]
            if number == len(items):
                items[-1] = items[-1].with_changes(comma=updated.items[number].comma)
            return updated.with_changes(items=items)

        context.edits.add(statement, remove)
        return

    context.edit_statement(statement, unwrap)


def _item(tree: Tree, span: Span) -> tuple[cst.WithItem, cst.With]:
    """Find an item of a ``with`` by the span of its expression."""
    expression = tree.expression(span)
    item = tree.parent(expression)
    statement = tree.parent(item) if isinstance(item, cst.WithItem) else None
    if not isinstance(item, cst.WithItem) or not isinstance(statement, cst.With):
        raise CannotFix("there is no item of a with at the place of the fix")
    if item.item is not expression:
        raise CannotFix("there is no item of a with at the place of the fix")
    return item, statement


def make_with_sync(action: MakeWithSync, context: Context) -> None:
    """Plan to turn ``async with`` into ``with``."""
    statement = context.tree.statement(action.place)
    if not isinstance(statement, cst.With) or statement.asynchronous is None:
        raise CannotFix("there is no async with at the place of the fix")
    context.edits.add(statement, lambda updated: updated.with_changes(asynchronous=None))


def enter_statement(action: EnterStatement, context: Context) -> None:
    """Plan to enter the value of an expression statement."""
    tree = context.tree
    statement = tree.parent(tree.expression(action.place))
    if not isinstance(statement, cst.Expr) or isinstance(statement.value, cst.Tuple):
        raise CannotFix("the expression is not a statement")
    indent = tree.indent(statement)

    def edit(slot: Slot, _rest: Rest) -> None:
        line = slot.core[0]
        if not isinstance(line, cst.SimpleStatementLine) or not isinstance(line.body[0], cst.Expr):
            raise CannotFix("the edits of this fix conflict")
        body = cst.IndentedBlock(
            [cst.SimpleStatementLine([cst.Pass()])], header=line.trailing_whitespace, indent=indent
        )
        item = cst.WithItem(line.body[0].value)
        slot.core = [_with(item, body, is_async=action.is_async, leading_lines=line.leading_lines)]

    context.edit_statement(statement, edit)


def take_into_with(action: TakeIntoWith, context: Context) -> None:
    """Plan to move the statements after a ``with`` into it."""
    tree = context.tree
    statement = tree.statement(action.place)
    last: cst.CSTNode | None = tree.statement(action.last)
    if not isinstance(statement, cst.With):
        raise CannotFix("there is no with at the place of the fix")
    block = tree.parent(statement)
    while last is not None and tree.parent(last) is not block:
        last = tree.parent(last)
    if last is None or not isinstance(block, cst.Module | cst.IndentedBlock):
        raise CannotFix("the with and the later use are in different blocks")
    body = list(block.body)
    count = body.index(last) - body.index(statement)  # type: ignore[arg-type]
    if count < 1:
        raise CannotFix("the use is not after the with")

    def edit(slot: Slot, rest: Rest) -> None:
        outer = slot.core[0]
        if not isinstance(outer, cst.With) or not isinstance(outer.body, cst.IndentedBlock):
            raise CannotFix("the body of the with is on the same line")
        if slot.after or len(rest.statements) < count:
            raise CannotFix("the edits of this fix conflict")
        taken, rest.statements[:count] = [_unindented(s) for s in rest.statements[:count]], []
        taken = whitespace.deeper(taken, outer.body.indent or tree.module.default_indent)
        above = [*outer.body.footer, *whitespace.leading(taken[0])]
        taken[0] = whitespace.with_leading(taken[0], above)
        inside = [part for part in outer.body.body if not _only_passes(part)]
        footer: list[cst.EmptyLine] = []
        if not rest.statements:
            footer, rest.footer = list(rest.footer), ()
        new = outer.body.with_changes(body=[*inside, *taken], footer=footer)
        slot.core[0] = outer.with_changes(body=new)

    context.edit_statement(statement, edit)


def _unindented(part: cst.BaseStatement) -> cst.BaseStatement:
    """Keep the blank lines above an indented statement blank."""
    above = [
        line if line.comment is not None else line.with_changes(indent=False)
        for line in whitespace.leading(part)
    ]
    return whitespace.with_leading(part, above)


def _only_passes(part: cst.BaseStatement) -> bool:
    """Return whether a line is only ``pass``, without a comment."""
    return (
        isinstance(part, cst.SimpleStatementLine)
        and all(isinstance(small, cst.Pass) for small in part.body)
        and part.trailing_whitespace.comment is None
        and not part.leading_lines
    )


def assign_to_with(action: AssignToWith, context: Context) -> None:
    """Plan to wrap the rest of a block in a ``with``."""
    tree = context.tree
    statement = tree.statement(action.place)
    name = _target(statement).value
    function = tree.owner(statement)
    if function is None:
        raise CannotFix("outside a function the with would end before a test starts")
    for node in node_queries.own(function.body):
        if isinstance(node, cst.Global | cst.Nonlocal) and name in node_queries.names(node):
            raise CannotFix(f"{name} is used outside the function")
    _check_uses(name, statement, function, context)
    indents = tree.indent(statement), tree.indents(statement)
    annotated = isinstance(statement, cst.AnnAssign)
    edit = _edit(name, annotated, *indents, is_async=action.is_async)
    context.edit_statement(statement, edit)


def _target(statement: Statement) -> cst.Name:
    target: cst.BaseExpression | None = None
    if isinstance(statement, cst.Assign) and len(statement.targets) == 1:
        target = statement.targets[0].target
    elif isinstance(statement, cst.AnnAssign) and statement.value is not None:
        target = statement.target
    if not isinstance(target, cst.Name):
        raise CannotFix("the statement does not bind a single name")
    return target


def _check_uses(
    name: str, statement: Statement, function: cst.FunctionDef, context: Context
) -> None:
    """Check that the value is not used after the ``with``. Raises CannotFix."""
    tree = context.tree
    block = tree.around(statement, cst.IndentedBlock) or function.body
    if isinstance(tree.parent(statement), cst.SimpleStatementSuite):
        block = function.body
    end = tree.positions.offsets(block)[1]
    start = tree.positions.offsets(statement)[1]
    for node in node_queries.own(function.body):
        offset = tree.positions.offsets(node)[0]
        if isinstance(node, cst.Name) and node.value == name and offset >= end:
            raise CannotFix(f"{name} is used after the block it is bound in")
        if node in context.converted:
            continue
        if offset > start and name in _escaping_names(node):
            raise CannotFix(f"{name} leaves the function and would be closed by then")


def _escaping_names(node: cst.CSTNode) -> list[str]:
    """Return the names whose values a statement returns or keeps in an object."""
    value: cst.BaseExpression | None = None
    if isinstance(node, cst.Return) or (
        isinstance(node, cst.Assign) and not isinstance(node.targets[0].target, cst.Name)
    ):
        value = node.value
    values = [each.value for each in value.elements] if isinstance(value, cst.Tuple) else [value]
    return [each.value for each in values if isinstance(each, cst.Name)]


def _with(
    item: cst.WithItem,
    body: cst.IndentedBlock,
    *,
    is_async: bool,
    leading_lines: Sequence[cst.EmptyLine] = (),
) -> cst.With:
    asynchronous = cst.Asynchronous() if is_async else None
    return cst.With([item], body, asynchronous=asynchronous, leading_lines=leading_lines)


def _edit(
    name: str, annotated: bool, indent: str | None, indents: Sequence[str], *, is_async: bool
) -> SlotEdit:
    def edit(slot: Slot, rest: Rest) -> None:
        line = slot.core[0]
        if not isinstance(line, cst.SimpleStatementLine):
            raise CannotFix("the edits of this fix conflict")
        statement = line.body[0]
        if not isinstance(statement, cst.Assign | cst.AnnAssign) or statement.value is None:
            raise CannotFix("the edits of this fix conflict")
        if not rest.statements and not slot.after:
            raise CannotFix(f"nothing follows the place where {name} is bound")
        value = statement.value
        if isinstance(value, cst.Tuple | cst.Yield) and not value.lpar:
            raise CannotFix("the value is not an expression that a with can enter")
        inside = [*slot.after, *rest.statements]
        _, above = whitespace.split(whitespace.leading(inside[0]))
        inside[0] = whitespace.with_leading(inside[0], above)
        item = cst.WithItem(value, cst.AsName(cst.Name(name)))
        has_comment = line.trailing_whitespace.comment is not None
        with_ = None if has_comment else joined([item], inside, indents, is_async=is_async)
        if with_ is None:
            lines = whitespace.deeper(inside, indent or next(iter(indents), "    "))
            body = cst.IndentedBlock(
                lines, header=line.trailing_whitespace, indent=indent, footer=rest.footer
            )
            with_ = _with(item, body, is_async=is_async)
            rest.footer = ()
        with_ = whitespace.with_leading(with_, line.leading_lines)
        slot.core, slot.after, rest.statements = [with_], [], []
        if (
            annotated
            and isinstance(statement, cst.AnnAssign)
            and not _is_redundant_annotation(statement)
        ):
            declared = cst.SimpleStatementLine(
                [statement.with_changes(value=None, equal=cst.MaybeSentinel.DEFAULT)]
            )
            slot.core = [
                whitespace.with_leading(declared, line.leading_lines),
                whitespace.with_leading(with_, ()),
            ]

    return edit


def _is_redundant_annotation(statement: cst.AnnAssign) -> bool:
    """Return whether the annotation is only the class that the value calls."""
    value, written = statement.value, statement.annotation.annotation
    called = dotted(value.func) if isinstance(value, cst.Call) else ""
    return bool(called) and called == dotted(written)
