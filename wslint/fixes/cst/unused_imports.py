"""Removes the imports that a fix leaves unused."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes import guards
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_TYPE_COMMENT = re.compile(r"#\s*type:(.*)")
Import = cst.Import | cst.ImportFrom


def without_unused(module: cst.Module, before: ast.Module, path: str) -> cst.Module:
    """Remove top-level imports of names that were used before the fix and no longer are.

    Imports with a comment stay, and so does ``import a.b``, which binds ``a``: it may be needed for
    its side effects.
    """
    try:
        left = _names(guards.parsed(module.bytes, path))
    except CannotFix:
        return module  # the guards report what is wrong
    for comment in _TYPE_COMMENT.findall(module.code):
        left |= set(_WORD.findall(comment))
    gone = _names(before) - left
    if not gone:
        return module
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    above: Sequence[cst.EmptyLine] | None = None
    for statement in module.body:
        kept = _without(statement, gone)
        if kept is None:
            above = statement.leading_lines if above is None else above
            continue
        if above is not None:
            kept = _below(kept, above, is_first=not body)
            above = None
        body.append(kept)
    return module.with_changes(body=body)


def _names(tree: ast.Module) -> set[str]:
    """Return every word that may refer to a binding, including words in strings."""
    words: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            words.add(node.id)
        elif isinstance(node, ast.arg):
            words.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words.update(_WORD.findall(node.value))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            words.update(node.names)
    return words


def _without(
    statement: cst.SimpleStatementLine | cst.BaseCompoundStatement, gone: set[str]
) -> cst.SimpleStatementLine | cst.BaseCompoundStatement | None:
    """Remove the imports of some names from a statement; None if nothing is left."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return statement
    node = statement.body[0]
    if not isinstance(node, Import) or isinstance(node.names, cst.ImportStar):
        return statement
    kept = [alias for alias in node.names if _bound(alias, node) not in gone]
    if len(kept) == len(node.names) or _has_comment(statement):
        return statement
    if not kept:
        return None
    last, old_last = kept[-1], node.names[-1]
    if last is not old_last:
        kept[-1] = last.with_changes(comma=old_last.comma)
    new = node.with_changes(names=kept)
    return statement.with_changes(body=[new])


def _bound(alias: cst.ImportAlias, node: Import) -> str:
    """Return the name that an import binds; "" for ``import a.b``."""
    if alias.asname is not None and isinstance(alias.asname.name, cst.Name):
        return alias.asname.name.value
    if isinstance(alias.name, cst.Name) and not (
        isinstance(node, cst.ImportFrom)
        and isinstance(node.module, cst.Name)
        and node.module.value == "__future__"
    ):
        return alias.name.value
    return ""


def _has_comment(statement: cst.SimpleStatementLine) -> bool:
    return "#" in cst.Module([statement]).code


def _below(
    statement: cst.SimpleStatementLine | cst.BaseCompoundStatement,
    above: Sequence[cst.EmptyLine],
    *,
    is_first: bool,
) -> cst.SimpleStatementLine | cst.BaseCompoundStatement:
    """Give a statement the blank lines it needs after the import above it was removed."""
    own = statement.leading_lines
    if is_first and all(line.comment is None for line in own):
        return statement.with_changes(leading_lines=list(above))
    return statement if own else statement.with_changes(leading_lines=list(above))
