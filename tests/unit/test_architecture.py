"""The layout of docs/architecture.md: imports go downwards, without cycles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter

import pytest
from paths import ROOT

PACKAGE = ROOT / "wslint"
# From the bottom up; a stage imports only from those before it, and from itself.
LAYERS = (
    *("findings", "filesystem", "vocabulary", "keepalive", "syntax", "config", "symptoms"),
    *("project", "discovery", "linking", "timeline", "rules", "plugin", "suppressions", "fixes"),
    *(
        "run",
        "output",
        "verify",
        "api",
        "integrations",
        "pytest_plugin",
        "server",
        "cli",
        "__main__",
    ),
)
MAX_FILES_IN_ROOT = 6


def modules() -> list[str]:
    return [
        path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.name not in ("__init__.py", "_version.py") or path.parent != PACKAGE
    ]


@cache
def imports(module: str, *, for_types: bool) -> frozenset[str]:
    """Return the modules that a module imports, with or without those for types only."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8"))
    if not for_types:
        tree = _WithoutTypes().visit(tree)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("wslint"):
            for alias in node.names:
                found |= set(existing(f"{node.module}.{alias.name}", node.module))
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names if one.name.startswith("wslint.")}
    return frozenset(found - {module, "wslint"})


class _WithoutTypes(ast.NodeTransformer):
    def visit_If(self, node: ast.If) -> ast.AST | None:
        is_for_types = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        return None if is_for_types else self.generic_visit(node)


def existing(*names: str) -> Iterator[str]:
    """Yield the first name that is a module."""
    for name in names:
        path = ROOT / name.replace(".", "/")
        if path.with_suffix(".py").is_file():
            yield name
            return
        if (path / "__init__.py").is_file() and name != "wslint":
            yield f"{name}.__init__"
            return


def layer(module: str) -> int:
    return LAYERS.index(module.split(".")[1])


def test_imports_go_downwards() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in modules()
        for other in imports(module, for_types=True)
        if layer(other) > layer(module)
    ]
    assert not wrong


def test_no_circle_of_files() -> None:
    """An import only for types is not part of a cycle."""
    graph = {module: imports(module, for_types=False) for module in modules()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_few_files_in_the_root() -> None:
    tracked = [path for path in PACKAGE.glob("*.py") if path.name != "_version.py"]
    assert len(tracked) <= MAX_FILES_IN_ROOT
