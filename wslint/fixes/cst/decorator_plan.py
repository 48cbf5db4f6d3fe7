"""The edits of the decorators of one function or class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.fixes.cst.tree import Definition


class DecoratorPlan:
    """The edits of the decorators of one function or class.

    Indices are those of the source. The old decorators are reordered first, then new ones are
    inserted, then old ones removed. Comments above the first decorator stay at the top.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._order: Sequence[int] = range(count)
        self._added: dict[int, list[cst.BaseExpression]] = {}
        self._removed: set[int] = set()

    def add(self, expression: cst.BaseExpression, index: int) -> None:
        """Insert a decorator at ``index``; the first one inserted there is the outermost."""
        if index < 0:
            index += self._count + 1
        if not 0 <= index <= self._count:
            raise CannotFix("there are fewer decorators than the fix expects")
        self._added.setdefault(index, []).append(expression)

    def remove(self, index: int) -> None:
        """Remove a decorator; the comments above it stay."""
        self._removed.add(index)

    def order(self, order: Sequence[int]) -> None:
        """Reorder the decorators."""
        if sorted(order) != list(range(self._count)):
            raise CannotFix("the new order does not list all decorators")
        self._order = [self._order[index] for index in order]

    def __call__(self, definition: Definition) -> Definition:
        """Apply the edits."""
        old = definition.decorators
        decorators: list[cst.Decorator] = []
        left: list[cst.EmptyLine] = []
        for number in range(self._count + 1):
            decorators += [cst.Decorator(new) for new in self._added.get(number, ())]
            if number == self._count:
                break
            index = self._order[number]
            kept = old[index].with_changes(leading_lines=[*left, *old[index].leading_lines])
            left = []
            if index in self._removed:
                left = [line for line in kept.leading_lines if line.comment is not None]
            else:
                decorators.append(kept)
        return definition.with_changes(
            decorators=decorators,
            lines_after_decorators=[*left, *definition.lines_after_decorators],
        )
