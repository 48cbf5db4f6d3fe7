"""The names of a file and what they are bound to."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The nodes that bind a name given as a string, and the field with it.
_BINDERS = {
    "ClassDef": "name",
    "FunctionDef": "name",
    "AsyncFunctionDef": "name",
    "ExceptHandler": "name",
    "MatchAs": "name",
    "MatchStar": "name",
    "MatchMapping": "rest",
    "arg": "arg",
    "TypeVar": "name",
    "ParamSpec": "name",
    "TypeVarTuple": "name",
}
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Imported:
    """An unconditional import at the top level of a module.

    ``text`` is the expression for ``qualified``, ``name`` the name that the import binds.
    ``is_module``: it is ``import x``, not ``from x import y``.
    """

    name: str
    text: str
    qualified: str
    is_module: bool
    line: int


@dataclass(slots=True)
class Bindings:
    """The names bound in a file.

    ``objects``: for each name, what it is bound to anywhere in the file: the qualified name of an
    import, or "" for anything else. ``top``: the same for the module scope. ``scopes``: the names
    bound in the body of a ``def`` or ``class``, by its line.
    """

    imports: list[Imported] = field(default_factory=list)
    objects: dict[str, set[str]] = field(default_factory=dict)
    top: dict[str, set[str]] = field(default_factory=dict)
    scopes: dict[int, set[str]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def _bind(self, name: str, qualified: str, scope: int) -> None:
        self.objects.setdefault(name, set()).add(qualified)
        if scope:
            self.scopes.setdefault(scope, set()).add(name)
        else:
            self.top.setdefault(name, set()).add(qualified)


def bindings(module: ast.Module) -> Bindings:
    """Collect every binding of a file.

    Parameters of a lambda and targets of a comprehension count for the scope around them, which
    can only make names count as hidden too often.
    """
    collected = Bindings()
    # a scope is identified by the line of its def or class; 0 is the module
    todo: list[tuple[ast.AST, int]] = [(module, 0)]
    while todo:
        node, scope = todo.pop()
        for name, qualified in bound_by(node):
            collected._bind(name, qualified, scope)
        if isinstance(node, ast.Name):
            collected.used.add(node.id)
        elif isinstance(node, ast.Global):
            for name in node.names:
                collected._bind(name, "", 0)
        if isinstance(node, _Scope):
            todo += [(child, scope) for child in _outside(node)]
            todo += [(child, node.lineno) for child in _inside(node)]
        else:
            todo += [(child, scope) for child in ast.iter_child_nodes(node)]
    for statement in module.body:
        collected.imports += _imported(statement)
    return collected


def _outside(node: _Scope) -> Iterator[ast.AST]:
    yield from node.decorator_list
    if isinstance(node, ast.ClassDef):
        yield from node.bases
        yield from node.keywords
        return
    yield from node.args.defaults
    yield from (default for default in node.args.kw_defaults if default is not None)
    if node.returns is not None:
        yield node.returns
    yield from (arg.annotation for arg in _parameters(node) if arg.annotation is not None)


def _inside(node: _Scope) -> Iterator[ast.AST]:
    yield from node.body
    yield from getattr(node, "type_params", ())
    if not isinstance(node, ast.ClassDef):
        # the annotations belong to the outer scope; only the names are bound here
        yield from (ast.arg(arg=arg.arg) for arg in _parameters(node))


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    args = node.args
    every = [*args.posonlyargs, *args.args, args.vararg, *args.kwonlyargs, args.kwarg]
    return [arg for arg in every if arg is not None]


def bound_by(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the names that a node itself binds, each with the qualified name of its import."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Load):
            yield node.id, ""
    elif isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, alias.name) if alias.asname else (top, top)
    elif isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name != "*":
                yield alias.asname or alias.name, f"{module}.{alias.name}"
    else:
        name = getattr(node, _BINDERS.get(type(node).__name__, ""), None)
        if name:
            yield str(name), ""


def _imported(node: ast.stmt) -> Iterator[Imported]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            name, _, _ = alias.name.partition(".")
            text = alias.asname or alias.name
            yield Imported(alias.asname or name, text, alias.name, True, node.lineno)
    elif isinstance(node, ast.ImportFrom) and not node.level:
        for alias in node.names:
            if alias.name != "*":
                name = alias.asname or alias.name
                yield Imported(name, name, f"{node.module}.{alias.name}", False, node.lineno)
