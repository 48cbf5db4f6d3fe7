"""The items of a ``with``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fix import code
from wslint.fix.errors import CannotFix
from wslint.fix.with_lines import fitted, inserted

if TYPE_CHECKING:
    from wslint.actions import AddWithItem
    from wslint.fix.context import Context


def add_with_item(action: AddWithItem, context: Context) -> None:
    """Plan to put an item before another one of a ``with``."""
    tree = context.tree
    expression = tree.expression(action.item)
    item = tree.parent(expression)
    statement = tree.parent(item) if isinstance(item, cst.WithItem) else None
    if not isinstance(item, cst.WithItem) or not isinstance(statement, cst.With):
        raise CannotFix("the place of the fix is no item of a with")
    if item.item is not expression:
        raise CannotFix("the place of the fix is no item of a with")
    text = context.text(action.code, statement, tree.scopes(statement))
    new = code.with_items(text, tree.module)
    index = list(statement.items).index(item)
    indents = tree.indents(statement)

    def edit(updated: cst.With) -> cst.With:
        # Earlier edits may have put items in; those behind the place are still as many.
        at = len(updated.items) - (len(statement.items) - index)
        return fitted(inserted(updated, at, new), indents)

    context.edits.add(statement, edit)
