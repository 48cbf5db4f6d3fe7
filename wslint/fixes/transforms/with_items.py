"""The items of a ``with``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes import code
from wslint.fixes.errors import CannotFix
from wslint.fixes.transforms import lines
from wslint.fixes.transforms.with_lines import fitted, inserted

if TYPE_CHECKING:
    from wslint.findings.actions import AddWithItem, NameWithItem, RemoveWithItem
    from wslint.findings.span import Span
    from wslint.fixes.context import Context
    from wslint.fixes.transforms.blocks import Rest, Slot
    from wslint.fixes.tree import Tree


def add_with_item(action: AddWithItem, context: Context) -> None:
    """Plan to put an item before another one of a ``with``."""
    tree = context.tree
    item, statement = _item(tree, action.place)
    text = context.text(action.code, statement, tree.scopes(statement))
    new = code.with_items(text, tree.module)
    index = list(statement.items).index(item)
    indents = tree.indents(statement)

    def edit(updated: cst.With) -> cst.With:
        # Earlier edits may have put items in; those behind the place are still as many.
        at = len(updated.items) - (len(statement.items) - index)
        return fitted(inserted(updated, at, new), indents)

    context.edits.add(statement, edit)


def name_with_item(action: NameWithItem, context: Context) -> None:
    """Plan to give an item of a ``with`` a name."""
    item, statement = _item(context.tree, action.place)
    if item.asname is not None:
        raise CannotFix("the item of the with has a name")
    indents = context.tree.indents(statement)

    def edit(updated: cst.WithItem) -> cst.WithItem:
        return updated.with_changes(asname=cst.AsName(cst.Name(action.name)))

    context.edits.add(item, edit)
    context.edits.add(statement, lambda updated: fitted(updated, indents))


def remove_with_item(action: RemoveWithItem, context: Context) -> None:
    """Plan to take an item out of a ``with``, or the whole ``with`` away from its body."""
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

    def edit(slot: Slot, rest: Rest) -> None:
        block = slot.core[0]
        if not isinstance(block, cst.With) or not isinstance(block.body, cst.IndentedBlock):
            raise CannotFix("the body of the with stands on its line")
        first, *others = block.body.body
        slot.core = [lines.with_leading(first, [*block.leading_lines, *lines.leading(first)])]
        slot.core += others
        follower = slot.after or rest.statements
        if block.body.footer and follower:
            above = [*block.body.footer, *lines.leading(follower[0])]
            follower[0] = lines.with_leading(follower[0], above)
        elif block.body.footer:
            rest.footer = [*block.body.footer, *rest.footer]

    context.edit_statement(statement, edit)


def _item(tree: Tree, span: Span) -> tuple[cst.WithItem, cst.With]:
    """Find an item of a ``with`` by the span of its expression."""
    expression = tree.expression(span)
    item = tree.parent(expression)
    statement = tree.parent(item) if isinstance(item, cst.WithItem) else None
    if not isinstance(item, cst.WithItem) or not isinstance(statement, cst.With):
        raise CannotFix("the place of the fix is no item of a with")
    if item.item is not expression:
        raise CannotFix("the place of the fix is no item of a with")
    return item, statement
