"""One parsed file, its nodes found by their spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from wslint.fixes.errors import CannotFix
from wslint.fixes.positions import positions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslint.findings.span import Span

NodeT = TypeVar("NodeT", bound=cst.CSTNode)
Definition = cst.FunctionDef | cst.ClassDef
Statement = cst.BaseSmallStatement | cst.BaseCompoundStatement
Block = cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
Scope = cst.FunctionDef | cst.ClassDef | cst.Lambda


class Tree:
    """A module as it was judged; looking things up never changes it."""

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        self.positions = positions(module)
        self._at: dict[tuple[int, int], list[cst.CSTNode]] = {}
        for node, place in self.positions.offsets.items():
            self._at.setdefault(place, []).append(node)

    def definition(self, name: Span) -> Definition:
        """Find a function or class by the span of its name."""
        for node in self._nodes(name):
            parent = self.parent(node)
            if isinstance(parent, cst.FunctionDef | cst.ClassDef) and parent.name is node:
                return parent
        raise CannotFix("there is no function or class at the place of the fix")

    def function(self, name: Span) -> cst.FunctionDef:
        """Find a function by the span of its name."""
        node = self.definition(name)
        if isinstance(node, cst.FunctionDef):
            return node
        raise CannotFix("the fix needs a function, and this is a class")

    def statement(self, span: Span) -> Statement:
        """Find a simple or compound statement by its span."""
        for node in self._nodes(span):
            if isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                return node
        raise CannotFix("there is no statement at the place of the fix")

    def expression(self, span: Span) -> cst.BaseExpression:
        """Find an expression by its span, which leaves out parentheses around it."""
        for node in self._nodes(span):
            if isinstance(node, cst.BaseExpression):
                return node
        raise CannotFix("there is no expression at the place of the fix")

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Give the node that ``node`` is a part of."""
        return self.positions.parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
        """Give each node around ``node``, innermost first, with the child that leads to it."""
        child, parent = node, self.parent(node)
        while parent is not None:
            yield child, parent
            child, parent = parent, self.parent(parent)

    def around(self, node: cst.CSTNode, *kinds: type[NodeT]) -> NodeT | None:
        """Give the innermost node of some kinds around ``node``."""
        return next(
            (parent for _, parent in self.ancestors(node) if isinstance(parent, kinds)), None
        )

    def scopes(self, node: cst.CSTNode) -> list[Scope]:
        """Give the scopes in whose bodies ``node`` is evaluated, innermost first."""
        return [
            parent
            for child, parent in self.ancestors(node)
            if isinstance(parent, cst.FunctionDef | cst.ClassDef | cst.Lambda)
            and child is parent.body
        ]

    def owner(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """Give the function in whose body ``node`` is run."""
        scope = next(iter(self.scopes(node)), None)
        return scope if isinstance(scope, cst.FunctionDef) else None

    def indents(self, node: cst.CSTNode) -> list[str]:
        """Give the indentation of each block around ``node``, outermost first."""
        default = self.module.default_indent
        found = [
            parent.indent or default
            for _, parent in self.ancestors(node)
            if isinstance(parent, cst.IndentedBlock)
        ]
        return found[::-1]

    def indent(self, node: cst.CSTNode) -> str | None:
        """Give the indentation of new blocks near ``node``, as libcst's blocks hold it."""
        block = (
            node if isinstance(node, cst.IndentedBlock) else self.around(node, cst.IndentedBlock)
        )
        return block.indent if block is not None else None

    def source(self, node: cst.CSTNode) -> str:
        """Give the text of a node as it stands in the file."""
        start, end = self.positions.offsets[node]
        return self.positions.text[start:end]

    def _nodes(self, span: Span) -> list[cst.CSTNode]:
        start = self.positions.offset(span.line, span.column)
        end = self.positions.offset(span.end_line, span.end_column)
        return self._at.get((start, end), [])
