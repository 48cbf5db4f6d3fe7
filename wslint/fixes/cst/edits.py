"""Edits of a tree, each bound to a node."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

import libcst as cst

from wslint.fixes.cst.with_layout import tidied
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Callable

    from wslint.fixes.cst.tree import Tree

_BLOCKS = (cst.Module, cst.IndentedBlock)
NodeT = TypeVar("NodeT", bound=cst.CSTNode)


class Edits:
    """The edits of one file.

    All nodes are looked up before the first edit is applied. Edits are applied from the inside
    out, those of one node in the order in which they were added; each receives the node as the
    edits before it left it.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._edits: dict[cst.CSTNode, list[Callable[[cst.CSTNode], cst.CSTNode]]] = {}

    def add(self, node: NodeT, edit: Callable[[NodeT], cst.CSTNode]) -> None:
        """Bind an edit to a node."""
        self._edits.setdefault(node, []).append(cast("Callable[[cst.CSTNode], cst.CSTNode]", edit))

    def apply(self) -> cst.Module:
        """Apply the edits."""
        path: set[cst.CSTNode] = set(self._edits)
        for node in self._edits:
            path.update(parent for _, parent in self._tree.ancestors(node))
        if self._tree.module not in path:
            return self._tree.module
        return self._tree.module.visit(_Transformer(self._edits, path, self._tree))


class _Transformer(cst.CSTTransformer):
    def __init__(
        self,
        edits: dict[cst.CSTNode, list[Callable[[cst.CSTNode], cst.CSTNode]]],
        path: set[cst.CSTNode],
        tree: Tree,
    ) -> None:
        super().__init__()
        self._tree = tree
        self._edits = edits
        self._path = path

    def on_visit(self, node: cst.CSTNode) -> bool:
        return node in self._path and not isinstance(node, _BLOCKS)

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> cst.CSTNode:  # type: ignore[override]
        if isinstance(updated_node, _BLOCKS) and original_node in self._path:
            # a visit of each statement in a long block would cost more than the edits
            updated_node = updated_node.with_changes(
                body=[
                    statement.visit(self) if statement in self._path else statement
                    for statement in updated_node.body
                ]
            )
        for edit in self._edits.get(original_node, ()):
            result = edit(updated_node)
            if not isinstance(result, cst.CSTNode):
                raise CannotFix("the edits of this fix conflict")
            updated_node = result
        if isinstance(original_node, cst.With) and isinstance(updated_node, cst.With):
            return tidied(original_node, updated_node, self._tree.indents(original_node))
        return updated_node
