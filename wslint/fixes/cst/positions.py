"""The positions of libcst nodes in the source."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from threading import Lock

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from wslint.findings.span import Span
from wslint.fixes.cst.node_queries import children

_LINE_END = re.compile(r"\r\n?|\n")


class Positions:
    """The spans of the nodes of a module.

    They exclude surrounding whitespace and parentheses. libcst's provider is slow, so it is used
    only for top-level statements in which something is looked up. ``text`` is what the tree
    renders to; if that isn't the source, the spans are wrong.
    """

    def __init__(self, module: cst.Module) -> None:
        self.text = module.code
        self.parents: dict[cst.CSTNode, cst.CSTNode] = dict.fromkeys(module.body, module)
        self._numbers: dict[cst.CSTNode, int] = {s: n for n, s in enumerate(module.body)}
        self._module = module
        self._line_starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        header = sum(len(module.code_for_node(line)) for line in module.header)
        lengths = [len(module.code_for_node(statement)) for statement in module.body]
        self._starts = list(accumulate(lengths, initial=header))
        last = len(self._line_starts)
        whole = Span(1, 0, last, len(self.text) - self._line_starts[-1])
        self._spans: dict[cst.CSTNode, Span] = {module: whole}
        self._at: dict[tuple[int, int], list[cst.CSTNode]] = {}
        self._unresolved = set(range(len(module.body)))
        self._lock = Lock()

    def span(self, node: cst.CSTNode) -> Span:
        """Return the span of a node of the module."""
        for index in range(len(self._module.body)):
            if node in self._spans:
                break
            # a node that was not looked up by its span, such as the first import
            self._resolve(index)
        return self._spans[node]

    def offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where a node starts and ends in ``text``."""
        return self._offsets(self.span(node))

    def line_start(self, line: int) -> int:
        """Return where a line starts in ``text``."""
        return self._line_starts[line - 1]

    def first_line(self, statement: cst.CSTNode) -> int:
        """Return the first line of a statement, with the comments and blank lines above it."""
        number = self._numbers.get(statement)
        if number is not None:
            return bisect_right(self._line_starts, self._starts[number])
        above = list(getattr(statement, "leading_lines", ()))
        first: cst.CSTNode = statement
        if isinstance(statement, cst.FunctionDef | cst.ClassDef) and statement.decorators:
            first = statement.decorators[0]
            above += statement.decorators[0].leading_lines
        rendered = "".join(map(self._module.code_for_node, above))
        return self.span(first).line - len(_LINE_END.findall(rendered))

    def nodes_at(self, span: Span) -> list[cst.CSTNode]:
        """Return the nodes that have this span, outermost first."""
        if not 0 < span.line <= span.end_line <= len(self._line_starts):
            return []
        start, end = self._offsets(span)
        self._resolve(bisect_right(self._starts, start) - 1)
        nodes = self._at.get((start, end), [])
        inner = self.text[start:end]
        if inner[:1] == "(" and inner[-1:] == ")":
            # in Python, the spans of tuples and generators include their parentheses
            start += len(inner) - len(inner[1:].lstrip())
            end -= len(inner) - len(inner[:-1].rstrip())
            nodes = [*nodes, *self._at.get((start, end), [])]
        return nodes

    def _offsets(self, span: Span) -> tuple[int, int]:
        return self._offset(span.line, span.column), self._offset(span.end_line, span.end_column)

    def _offset(self, line: int, column: int) -> int:
        # the provider assumes a newline at the end of the file
        starts = self._line_starts
        return starts[line - 1] + column if line <= len(starts) else len(self.text)

    def _resolve(self, index: int) -> None:
        """Compute the spans in a top-level statement, once."""
        with self._lock:  # threads may share a tree
            if index in self._unresolved:
                self._add_spans(index)
                self._unresolved.remove(index)

    def _add_spans(self, index: int) -> None:
        module, statement = self._module, self._module.body[index]
        part = module.with_changes(header=[], body=[statement], footer=[])
        lines_before = bisect_right(self._line_starts, self._starts[index]) - 1
        ranges = MetadataWrapper(part, unsafe_skip_copy=True).resolve(PositionProvider)
        for node, place in ranges.items():
            start, end = place.start, place.end
            span = Span(
                start.line + lines_before, start.column, end.line + lines_before, end.column
            )
            self._spans[node] = span
            self._at.setdefault(self._offsets(span), []).append(node)
        nodes: list[cst.CSTNode] = [statement]
        while nodes:
            node = nodes.pop()
            for child in children(node):
                self.parents[child] = node
                nodes.append(child)
