"""Removes the marks of a fix from a syntax tree."""

from __future__ import annotations

import ast


def undone(source: bytes) -> str:
    """Return the syntax tree of a source without what was marked by MARK names."""
    return ast.dump(_Undo().visit(ast.parse(source)))


def _marked(node: ast.AST, mark: str) -> bool:
    return isinstance(node, ast.Name) and node.id == mark


class _Undo(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        return node.args[0] if _marked(node.func, "MARK_CALL") else node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        self.generic_visit(node)
        return node.value if node.attr == "MARK_ATTRIBUTE" else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return node.right if _marked(node.left, "MARK_LEFT") else node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            block = getattr(node, name, None)
            if isinstance(block, list):
                setattr(node, name, [part for each in block for part in _parts(each)])
        if hasattr(node, "decorator_list"):
            node.decorator_list = [
                d for d in node.decorator_list if not _marked(d, "MARK_DECORATOR")
            ]
        if isinstance(node, ast.With | ast.AsyncWith):
            node.items = [i for i in node.items if not _marked(i.context_expr, "MARK_ITEM")]
        return node


def _parts(statement: ast.stmt) -> list[ast.stmt]:
    if isinstance(statement, ast.With):
        # nested with statements were merged
        items = [i for i in statement.items if not _marked(i.context_expr, "MARK_WITH")]
        if not items:
            return statement.body
        statement.items = items
    inserted = isinstance(statement, ast.Expr) and _marked(statement.value, "MARK_STATEMENT")
    return [] if inserted else [statement]
