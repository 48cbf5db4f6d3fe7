"""A cheap summary of the top-level statements of a file.

Only the statements that a name leads to are lowered: of an application's models or views, a few
lines out of thousands.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

# How a statement is found. "binds": a name; "uses": a name on which it calls a method; "calls": a
# function or method that it runs at import, also as a decorator; "sets": an attribute that it
# assigns (``module.name = new``); "state of": a name in whose ``state`` it sets something;
# "imports": "", and "*" if it has a star; "fixture": "", if it has a function with such a
# decorator; "first definition": "".
Kind = Literal[
    "binds", "uses", "calls", "sets", "state of", "imports", "fixture", "first definition"
]
Facet = tuple[Kind, str]


@dataclass(slots=True)
class TopLevelStatement:
    """A top-level statement. Lines count from 1, both ends are included."""

    node: ast.stmt
    start: int
    end: int
    conditional: bool = False
    facets: dict[Facet, None] = field(default_factory=dict)


def top_level_statements(tree: ast.Module) -> list[TopLevelStatement]:
    """Return the top-level statements of a file, in order."""
    statements = [_described(node) for node in tree.body]
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    first = next((one for one in statements if isinstance(one.node, definitions)), None)
    if first is not None:
        first.facets["first definition", ""] = None
    return statements


def _described(node: ast.stmt) -> TopLevelStatement:
    decorators = getattr(node, "decorator_list", ())
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    statement = TopLevelStatement(node, start, node.end_lineno or node.lineno)
    statement.conditional = isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While))
    for inner in at_import(node):
        statement.facets.update(dict.fromkeys(_facets(inner)))
    return statement


def _facets(node: ast.stmt) -> Iterator[Facet]:
    for name in bound(node):
        yield "binds", name
    for name in _called(node):
        yield "calls", name
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        yield "imports", ""
        if any(name.name == "*" for name in node.names):
            yield "imports", "*"
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if any(map(is_fixture, node.decorator_list)):
            yield "fixture", ""
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                yield "sets", target.attr
                owner = target.value
                if isinstance(owner, ast.Attribute) and owner.attr == "state":
                    yield "state of", getattr(owner.value, "id", "")
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        func = node.value.func
        while isinstance(func, ast.Attribute):
            func = func.value
        if isinstance(func, ast.Name) and isinstance(node.value.func, ast.Attribute):
            yield "uses", func.id


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
