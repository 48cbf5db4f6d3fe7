"""Decorators: add, remove, reorder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.fixes.cst import code
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.findings.actions import AddDecorator, OrderDecorators, RemoveDecorator
    from wslint.fixes.context import Context


def add_decorator(action: AddDecorator, context: Context) -> None:
    """Plan to add a decorator."""
    tree = context.tree
    definition = tree.definition(action.place)
    old = context.sources(action.source)
    text = context.text(action.code, definition, tree.scopes(definition), *old)
    context.decorators(definition).add(code.expression(text, tree.module), action.index)


def remove_decorator(action: RemoveDecorator, context: Context) -> None:
    """Plan to remove a decorator."""
    definition = context.tree.definition(action.place)
    expression = context.tree.expression(action.decorator)
    decorators = [each.decorator for each in definition.decorators]
    if expression not in decorators:
        raise CannotFix("there is no decorator of the function at the place of the fix")
    context.decorators(definition).remove(decorators.index(expression))


def order_decorators(action: OrderDecorators, context: Context) -> None:
    """Plan to reorder the decorators."""
    definition = context.tree.definition(action.place)
    context.decorators(definition).order(action.order)
