"""The context in which actions plan their edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.cst.blocks import BlockPlan, SlotEdit
from wslint.fixes.cst.code import fill, has_long_strings
from wslint.fixes.cst.decorator_plan import DecoratorPlan
from wslint.fixes.cst.edits import Edits
from wslint.fixes.cst.import_names import Imports
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.findings.actions import Code
    from wslint.findings.span import Span
    from wslint.fixes.cst.bindings import Bindings
    from wslint.fixes.cst.tree import Block, Definition, Scope, Statement, Tree


class Context:
    """The tree, its names, and the edits planned so far."""

    def __init__(self, tree: Tree, bound: Bindings) -> None:
        self.tree = tree
        self.bound = bound
        self.imports = Imports(tree, bound)
        self.edits = Edits(tree)
        self.converted: set[cst.CSTNode] = set()
        """The statements that this fix turns from ``return`` into ``yield``."""
        self.added: set[str] = set()
        """The names of the fixtures that this fix adds."""
        self._blocks: dict[Block, BlockPlan] = {}
        self._decorators: dict[Definition, DecoratorPlan] = {}

    def text(self, code: Code, place: cst.CSTNode, scopes: list[Scope], *old: str) -> str:
        """Expand ``code`` for a place that is evaluated inside ``scopes``."""
        names = [self.imports.name(symbol, place, scopes) for symbol in code.symbols]
        return fill(code, names, self.tree.module, *old)

    def sources(self, span: Span | None) -> list[str]:
        """Return the text of the expression that the new code repeats, if any."""
        return [] if span is None else [self.unindented(self.tree.expression(span))]

    def unindented(self, node: cst.CSTNode) -> str:
        """Return the text of a node without the indentation of the block around it."""
        text = self.tree.source(node)
        first, *rest = text.split("\n")
        if has_long_strings(text):
            return text
        indent = "".join(self.tree.indents(node))
        return "\n".join((first, *(line.removeprefix(indent) for line in rest)))

    def inner_scopes(self, function: cst.FunctionDef) -> list[Scope]:
        """Return the scopes in which the body of a function is evaluated."""
        return [function, *self.tree.scopes(function)]

    def edit_statement(self, statement: Statement, edit: SlotEdit) -> None:
        """Plan an edit of a statement in its block."""
        tree = self.tree
        line: cst.CSTNode = statement
        parent = tree.parent(statement)
        number = 0
        if isinstance(parent, cst.SimpleStatementLine):
            number = list(parent.body).index(statement)  # type: ignore[arg-type]
            line, parent = parent, tree.parent(parent)
        if isinstance(parent, cst.SimpleStatementSuite):
            line = parent
            number = list(parent.body).index(statement)  # type: ignore[arg-type]
        if not isinstance(parent, cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite):
            raise CannotFix("the statement is part of another one, such as an elif")
        plan = self._blocks.get(parent)
        if plan is None:
            plan = self._blocks[parent] = BlockPlan(tree.indent(parent))
            self.edits.add(parent, plan)
        index = 0 if line is parent else list(parent.body).index(line)
        plan.add(index, number, edit)

    def decorators(self, definition: Definition) -> DecoratorPlan:
        """Return the plan for the decorators of a function or class."""
        plan = self._decorators.get(definition)
        if plan is None:
            plan = self._decorators[definition] = DecoratorPlan(len(definition.decorators))
            self.edits.add(definition, plan)
        return plan


Planner = Callable[[Context], None]
