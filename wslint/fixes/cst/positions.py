"""Where the nodes of a libcst tree are in the source."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from wslint.findings.span import Span

_LINE_END = re.compile(r"\r\n?|\n")


class Positions:
    """The spans of the nodes of a module.

    They exclude surrounding whitespace and parentheses. libcst's provider is slow, so it is asked
    only about the top-level statements that something is looked up in. ``text`` is what the tree
    renders to; where it isn't the source, the spans are wrong.
    """

    def __init__(self, module: cst.Module) -> None:
        self.text = module.code
        self.parents: dict[cst.CSTNode, cst.CSTNode] = dict.fromkeys(module.body, module)
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

    def span(self, node: cst.CSTNode) -> Span:
        """Return the span of a node of the module."""
        while node not in self._spans:
            # one that was reached from the module itself, such as its first import
            self._resolve(min(self._unresolved))
        return self._spans[node]

    def offsets(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where a node starts and ends in ``text``."""
        return self._offsets(self.span(node))

    def nodes_at(self, span: Span) -> list[cst.CSTNode]:
        """Return the nodes that have this span, outermost first."""
        if not 0 < span.line <= span.end_line <= len(self._line_starts):
            return []
        start, end = self._offsets(span)
        index = bisect_right(self._starts, start) - 1
        if index in self._unresolved:
            self._resolve(index)
        found = self._at.get((start, end), [])
        inner = self.text[start:end]
        if not found and inner[:1] == "(" and inner[-1:] == ")":
            # Python's own spans of tuples and generators include their parentheses
            start += len(inner) - len(inner[1:].lstrip())
            end -= len(inner) - len(inner[:-1].rstrip())
            found = self._at.get((start, end), [])
        return found

    def _offsets(self, span: Span) -> tuple[int, int]:
        starts = self._line_starts
        return starts[span.line - 1] + span.column, starts[span.end_line - 1] + span.end_column

    def _resolve(self, index: int) -> None:
        self._unresolved.remove(index)
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
            if span.end_line <= len(self._line_starts):
                self._at.setdefault(self._offsets(span), []).append(node)
        nodes: list[cst.CSTNode] = [statement]
        while nodes:
            node = nodes.pop()
            for child in node.children:
                self.parents[child] = node
                nodes.append(child)
