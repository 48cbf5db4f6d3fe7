"""The code units of a file, each with the names it defines and the words it contains.

Searching words is a hundred times cheaper than following values, and enough to rule out that a test
reaches what another unit contains.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from wslint.linking.toplevel import at_import, bound, is_fixture

_WORD = re.compile(r"\w+")
_FEW = 50
_MODULE_HOOKS = frozenset(
    ("setUpModule", "tearDownModule", "setup_module", "teardown_module", "setup_function",
     "teardown_function", "pytestmark")
)  # fmt: skip
# called by a runner, or by Python itself, for every object of the class
_CLASS_HOOK = re.compile(r"__\w+__|(?:async)?(?:setup|teardown)\w*|id|run|debug", re.IGNORECASE)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True, eq=False)
class CodeUnit:
    """A function, the shared part of a class, or a statement.

    ``names``: the names by which other units refer to it. ``owner``: the dotted name of its class.
    ``key``: a method's name, "" for the shared part of a class, "()" for what its bases provide.
    ``everywhere``: it runs for each test of the file, or of the folder. ``words``: the words it
    refers to, if they are not simply those of its text.
    """

    names: tuple[str, ...]
    text: str
    owner: str = ""
    key: str = ""
    everywhere: bool = False
    words: frozenset[str] | None = None

    def mentions(self, names: AbstractSet[str]) -> bool:
        """Return whether it contains one of these names, other than its own."""
        if self.words is None:
            # few names are in the text of few units: no need to split it into words
            if len(names) < _FEW and not any(name in self.text for name in names):
                return False
            own = self.key or self.owner.rpartition(".")[2]
            self.words = frozenset(_WORD.findall(self.text)) - {own}
        return not self.words.isdisjoint(names)


def code_units(tree: ast.Module, lines: list[str], *, of_tests: bool) -> Iterator[CodeUnit]:
    """Yield the code units of a file whose lines are ``lines``.

    ``of_tests``: each test is a unit of its own. Otherwise a class is a single unit with all
    its methods.
    """
    for top in tree.body:
        for node in at_import(top):
            if isinstance(node, Function):
                yield _function(node, lines, "")
            elif isinstance(node, ast.ClassDef):
                yield from _class(node, lines, "", of_tests)
            elif isinstance(node, (ast.Import, ast.ImportFrom)):
                for alias in node.names:
                    if alias.asname is not None:
                        name = alias.name.rpartition(".")[2]
                        both = frozenset((name, f"{name}()"))
                        known_as = (alias.asname, f"{alias.asname}()")
                        yield CodeUnit(known_as, alias.name, words=both)
            else:
                names = tuple(dict.fromkeys((*bound(node), *_changed(node))))
                everywhere = not _MODULE_HOOKS.isdisjoint(names)
                yield CodeUnit(names, _source(node, lines), everywhere=everywhere)


def _class(node: ast.ClassDef, lines: list[str], outer: str, of_tests: bool) -> Iterator[CodeUnit]:
    owner = f"{outer}.{node.name}" if outer else node.name
    inherited = f"{node.name}()"
    above = [*node.decorator_list, *node.bases, *node.keywords]
    shared = [_source(part, lines) for part in above]
    for part in node.body:
        if isinstance(part, Function):
            unit = _function(part, lines, owner, inherited if of_tests else node.name)
            yield unit
            if _CLASS_HOOK.fullmatch(part.name) or any(map(is_fixture, part.decorator_list)):
                shared.append(unit.text)
        elif isinstance(part, ast.ClassDef):
            yield from _class(part, lines, owner, of_tests)
        else:
            shared.append(_source(part, lines))
    yield CodeUnit((node.name,), "\n".join(shared), owner)
    bases = _WORD.findall(" ".join(_source(base, lines) for base in node.bases))
    yield CodeUnit((inherited,), "", owner, "()", words=frozenset(f"{base}()" for base in bases))


def _function(node: Function, lines: list[str], owner: str, also: str = "") -> CodeUnit:
    names = [node.name, also] if also else [node.name]
    everywhere = node.name in _MODULE_HOOKS and not owner
    for decorator in filter(is_fixture, node.decorator_list):
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
                names.append(keyword.value.value)
            everywhere = everywhere or keyword.arg == "autouse"
    return CodeUnit(tuple(names), _source(node, lines), owner, node.name, everywhere)


def _source(node: ast.AST, lines: list[str]) -> str:
    """Return the whole lines of a node, decorators included."""
    decorators = getattr(node, "decorator_list", ())
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])  # type: ignore[attr-defined]
    return "\n".join(lines[start - 1 : node.end_lineno])  # type: ignore[attr-defined]


def _changed(node: ast.stmt) -> Iterator[str]:
    """Yield the names of what a statement changes by a call or by setting an attribute."""
    changed: list[ast.expr] = []
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        changed = [node.value.func]
    elif isinstance(node, ast.Assign):
        changed = [target for target in node.targets if isinstance(target, ast.Attribute)]
    for expr in changed:
        yield from _dotted(expr)


def _dotted(expr: ast.expr) -> Iterator[str]:
    if isinstance(expr, ast.Attribute):
        yield expr.attr
        yield from _dotted(expr.value)
    elif isinstance(expr, ast.Name):
        yield expr.id
