"""Removes the imports that a fix leaves unused."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes import guards
from wslint.fixes.cst.runs import changed_runs
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wslint.fixes.cst.runs import Run
    from wslint.fixes.cst.tree import Tree

# only the first part of a dotted name can be bound in the file, and none of a path
_WORD = re.compile(r"(?<![\w./])\w+")
_TYPE_COMMENT = re.compile(r"#\s*type:(.*)")
Import = cst.Import | cst.ImportFrom


class UsedNames:
    """Counts the words of a file that may refer to a binding."""

    def __init__(self, module: ast.Module, text: str) -> None:
        self._counts = _words(module)
        self._in_comments = {
            word for comment in _TYPE_COMMENT.findall(text) for word in _WORD.findall(comment)
        }

    def no_longer_used(self, runs: Iterable[Run], path: str) -> set[str]:
        """Return the words that are gone once these runs of statements are changed."""
        lost: Counter[str] = Counter()
        for run in runs:
            lost.update(_words(guards.parsed(run.old, path)))
            lost.subtract(_words(guards.parsed(run.new, path)))
        return {
            word
            for word, count in lost.items()
            if count and count >= self._counts[word] and word not in self._in_comments
        }


def without_unused(tree: Tree, module: cst.Module, used: UsedNames, path: str) -> cst.Module:
    """Remove top-level imports of names that were used before the fix and no longer are.

    Imports with a comment stay, and so does ``import a.b``, which binds ``a``: it may be needed for
    its side effects.
    """
    try:
        gone = used.no_longer_used(changed_runs(tree, module), path)
    except CannotFix:
        return module  # the guards report what is wrong
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


def _words(tree: ast.Module) -> Counter[str]:
    """Count every word that may refer to a binding, including words in strings."""
    words: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            words.append(node.id)
        elif isinstance(node, ast.arg):
            words.append(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words += _WORD.findall(node.value)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            words += node.names
    return Counter(words)


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
