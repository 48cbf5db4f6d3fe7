"""A parsed file whose nodes are found by their spans."""

from __future__ import annotations

import ast
import re
import threading
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from wslint.fixes.cst.positions import Positions
from wslint.fixes.cst.whitespace import parted
from wslint.fixes.errors import CannotFix
from wslint.syntax.source import Source, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.findings.span import Span

NodeT = TypeVar("NodeT", bound=cst.CSTNode)
Definition = cst.FunctionDef | cst.ClassDef
Statement = cst.BaseSmallStatement | cst.BaseCompoundStatement
Block = cst.Module | cst.IndentedBlock | cst.SimpleStatementSuite
Scope = cst.FunctionDef | cst.ClassDef | cst.Lambda

_BRACKET = re.compile(r"[()\[\]{}]")
# missing in libcst 1.8.0
logic_error: type[Exception] = getattr(cst, "CSTLogicError", cst.CSTValidationError)

# libcst overflows the C stack on some deep trees, which crashes the process, and takes gigabytes
# for some large ones. Real code is far below these limits, as is all of the standard library.
MAX_DEPTH = 100
MAX_NODES = 160_000
# The main thread has 8 MB of stack on most systems, other threads as little as 128 kB.
MAX_DEPTH_IN_THREAD = 15


# For each bracket around a pattern of a `match`, libcst takes three times as long: 0.1 s for
# eight of them; this is for half a second.
MAX_PATTERN_WORK = 3**9


def parse_tree(source: bytes, path: str) -> Tree:
    """Parse a file to be fixed. Raises CannotFix if libcst can't do that safely and exactly."""
    read = Source.from_bytes(path, source, max_size=len(source))
    in_main = threading.current_thread() is threading.main_thread()
    most = MAX_DEPTH if in_main else MAX_DEPTH_IN_THREAD
    if isinstance(read, Unreadable) or read.measures[0] > most or read.measures[1] > MAX_NODES:
        raise CannotFix("the file is nested too deeply, or too large, to be rewritten safely")
    if _pattern_work(read) > MAX_PATTERN_WORK:
        raise CannotFix("the patterns of a match are nested too deeply for libcst's parser")
    try:
        tree = Tree(parted(cst.parse_module(source)))
    except (cst.ParserSyntaxError, logic_error, SyntaxError, ValueError) as error:
        raise CannotFix(f"libcst does not parse the file: {error}") from error
    except RecursionError as error:
        raise CannotFix("the file is nested too deeply to be rewritten safely") from error
    except BaseException as error:
        # a panic of libcst's parser is not a subclass of Exception
        if type(error).__name__ != "PanicException":
            raise
        raise CannotFix("libcst's parser fails on the file") from error
    if tree.positions.text.encode(tree.module.encoding) != source:
        raise CannotFix("libcst does not reproduce this file exactly")
    return tree


def _pattern_work(source: Source) -> int:
    """Return 3 to the depth of the brackets of each ``case``, added up."""
    work = 0
    for node in ast.walk(source.tree) if "case" in source.text else ():
        if isinstance(node, ast.Match):
            above = node.subject.end_lineno or node.lineno
            for case in node.cases:
                depth = _bracket_depth(source.lines[above - 1 : case.body[0].lineno])
                work += 3 ** min(depth, MAX_DEPTH)
                above = case.body[-1].end_lineno or above
    return work


def _bracket_depth(lines: Sequence[str]) -> int:
    depth = deepest = 0
    for bracket in _BRACKET.findall("\n".join(lines)):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest


class Tree:
    """An immutable module; lookups are by span."""

    def __init__(self, module: cst.Module) -> None:
        self.module = module
        self.positions = Positions(module)

    def definition(self, name: Span) -> Definition:
        """Find a function or class by the span of its name."""
        for node in self.positions.nodes_at(name):
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
        for node in self.positions.nodes_at(span):
            if isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
                return node
        raise CannotFix("there is no statement at the place of the fix")

    def expression(self, span: Span) -> cst.BaseExpression:
        """Find an expression by its span, which excludes parentheses around it."""
        for node in self.positions.nodes_at(span):
            if isinstance(node, cst.BaseExpression):
                return node
        raise CannotFix("there is no expression at the place of the fix")

    def part(self, span: Span) -> cst.CSTNode:
        """Find a statement, or an expression inside one, by its span."""
        try:
            return self.statement(span)
        except CannotFix:
            return self.expression(span)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the parent of ``node``."""
        return self.positions.parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
        """Yield each node around ``node``, innermost first, with the child that leads to it."""
        child, parent = node, self.parent(node)
        while parent is not None:
            yield child, parent
            child, parent = parent, self.parent(parent)

    def around(self, node: cst.CSTNode, *kinds: type[NodeT]) -> NodeT | None:
        """Return the innermost node of some kinds around ``node``."""
        return next(
            (parent for _, parent in self.ancestors(node) if isinstance(parent, kinds)), None
        )

    def scopes(self, node: cst.CSTNode) -> list[Scope]:
        """Return the scopes in whose bodies ``node`` is evaluated, innermost first."""
        return [
            parent
            for child, parent in self.ancestors(node)
            if isinstance(parent, cst.FunctionDef | cst.ClassDef | cst.Lambda)
            and child is parent.body
        ]

    def owner(self, node: cst.CSTNode) -> cst.FunctionDef | None:
        """Return the function in whose body ``node`` runs."""
        scope = next(iter(self.scopes(node)), None)
        return scope if isinstance(scope, cst.FunctionDef) else None

    def indents(self, node: cst.CSTNode) -> list[str]:
        """Return the indentation of each block around ``node``, outermost first."""
        default = self.module.default_indent
        indents = [
            parent.indent or default
            for _, parent in self.ancestors(node)
            if isinstance(parent, cst.IndentedBlock)
        ]
        return indents[::-1]

    def indent(self, node: cst.CSTNode) -> str | None:
        """Return the indentation of new blocks near ``node``, in the form libcst uses."""
        block = (
            node if isinstance(node, cst.IndentedBlock) else self.around(node, cst.IndentedBlock)
        )
        return block.indent if block is not None else None

    def source(self, node: cst.CSTNode) -> str:
        """Return the source text of a node."""
        start, end = self.positions.offsets(node)
        return self.positions.text[start:end]
