"""Where the nodes of a libcst tree lie in the source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import libcst as cst

# Only the tree's own renderer knows where a node begins; libcst has no public name for it.
from libcst._nodes.internal import CodegenState

from wslint.findings.span import Span

_LINE_END = re.compile(r"\r\n?|\n")


class Positions(Mapping[cst.CSTNode, Span]):
    """The span of every node of a tree, and the text that the tree renders to.

    Spans leave out surrounding whitespace and parentheses, as those of libcst's PositionProvider
    do. ``text`` differs from the source where libcst does not reproduce it; then spans are wrong.
    """

    def __init__(
        self,
        text: str,
        offsets: Mapping[cst.CSTNode, tuple[int, int]],
        parents: Mapping[cst.CSTNode, cst.CSTNode],
    ) -> None:
        self.text = text
        self.offsets = offsets
        self.parents = parents
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def __getitem__(self, node: cst.CSTNode) -> Span:
        start, end = self.offsets[node]
        return Span(*self._point(start), *self._point(end))

    def __iter__(self) -> Iterator[cst.CSTNode]:
        return iter(self.offsets)

    def __len__(self) -> int:
        return len(self.offsets)

    def offset(self, line: int, column: int) -> int:
        """Give the place of a line and column in ``text``; -1 where there is no such line."""
        return self._starts[line - 1] + column if 0 < line <= len(self._starts) else -1

    def _point(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1]


class _Recorder(CodegenState):
    """Counts characters while the tree is rendered; lines are worked out when asked for."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.length = 0
        self.offsets: dict[cst.CSTNode, tuple[int, int]] = {}
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self.open: list[tuple[cst.CSTNode, int]] = []

    def add_indent_tokens(self) -> None:
        self.tokens.extend(self.indent_tokens)
        self.length += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.length += len(value)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.length -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        if self.open:
            self.parents[node] = self.open[-1][0]
        self.open.append((node, self.length))

    def after_codegen(self, node: cst.CSTNode) -> None:
        _, start = self.open.pop()
        # A place without whitespace and parentheses, once recorded, is the better one.
        if node not in self.offsets:
            self.offsets[node] = (start, self.length)

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self.length
        yield
        end = self.length
        if start_node is not None:
            start = self.offsets[start_node][0]
        if end_node is not None:
            end = self.offsets[end_node][1]
        self.offsets[node] = (start, end)


def positions(module: cst.Module) -> Positions:
    """Render ``module`` once and note where each of its nodes lies."""
    state = _Recorder(module)
    module._codegen(state)
    return Positions("".join(state.tokens), state.offsets, state.parents)
