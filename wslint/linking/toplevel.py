"""A cheap summary of the top-level statements of a file.

Only the statements that a name leads to are lowered: of an application's models or views, a few
lines out of thousands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class TopLevelStatement:
    """A top-level statement.

    Lines count from 1, both ends are included. ``effects`` are names on which a method is called,
    ``called`` the functions and methods that run at import, as a decorator or as a statement,
    ``replaced`` the attributes that an assignment sets (``module.name = new``).
    """

    node: ast.stmt
    start: int
    end: int
    conditional: bool = False
    has_import: bool = False
    has_star: bool = False
    has_fixture: bool = False
    names: list[str] = field(default_factory=list)
    effects: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)


def top_level_statements(tree: ast.Module) -> list[TopLevelStatement]:
    """Return the top-level statements of a file, in order."""
    return [_described(node) for node in tree.body]


def _described(node: ast.stmt) -> TopLevelStatement:
    decorators = getattr(node, "decorator_list", ())
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    statement = TopLevelStatement(node, start, node.end_lineno or node.lineno)
    statement.conditional = isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While))
    for inner in at_import(node):
        statement.names += bound(inner)
        statement.called += _called(inner)
        if isinstance(inner, (ast.Import, ast.ImportFrom)):
            statement.has_import = True
            statement.has_star = statement.has_star or any(name.name == "*" for name in inner.names)
        elif isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)):
            statement.has_fixture = statement.has_fixture or any(
                map(is_fixture, inner.decorator_list)
            )
        elif isinstance(inner, ast.Assign):
            targets = (target for target in inner.targets if isinstance(target, ast.Attribute))
            statement.replaced += [target.attr for target in targets]
        elif isinstance(inner, ast.Expr) and isinstance(inner.value, ast.Call):
            func = inner.value.func
            while isinstance(func, ast.Attribute):
                func = func.value
            if isinstance(func, ast.Name) and isinstance(inner.value.func, ast.Attribute):
                statement.effects.append(func.id)
    return statement


def _called(node: ast.stmt) -> Iterator[str]:
    calls = getattr(node, "decorator_list", [node.value] if isinstance(node, ast.Expr) else ())
    for call in calls:
        func = call.func if isinstance(call, ast.Call) else None
        if isinstance(func, ast.Attribute):
            yield func.attr
        elif isinstance(func, ast.Name):
            yield func.id


def at_import(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield a statement and those in it that run at import."""
    yield node
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for block in ("body", "orelse", "finalbody"):
        for inner in getattr(node, block, ()):
            yield from at_import(inner)
    for handler in getattr(node, "handlers", ()):
        for inner in handler.body:
            yield from at_import(inner)
    for case in getattr(node, "cases", ()):
        for inner in case.body:
            yield from at_import(inner)


def bound(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement binds itself."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            yield alias.asname or alias.name.partition(".")[0]
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _targets(target)
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
        yield from _targets(node.target)
    elif isinstance(node, ast.With):
        for item in node.items:
            if item.optional_vars is not None:
                yield from _targets(item.optional_vars)


def _targets(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _targets(item)
    elif isinstance(target, ast.Starred):
        yield from _targets(target.value)


def is_fixture(decorator: ast.expr) -> bool:
    """Return whether a decorator is called fixture, in any library."""
    if isinstance(decorator, ast.Call):
        decorator = decorator.func
    name = getattr(decorator, "attr", "") or getattr(decorator, "id", "")
    return bool(name.endswith("fixture"))
