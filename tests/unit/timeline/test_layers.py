"""What the parts of the timeline may import."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import wslint.timeline

TIMELINE = Path(wslint.timeline.__file__).parent
ABOVE = ("wslint.timeline.libraries", "wslint.timeline.runners", "wslint.timeline.build")


def imported(path: Path) -> Iterator[str]:
    """Yield the modules that a file imports, for types only or not."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_the_interpreter_knows_neither_libraries_nor_runners() -> None:
    files = list((TIMELINE / "interpreter").glob("*.py"))
    assert len(files) > 10
    assert not [
        (path.name, name) for path in files for name in imported(path) if name.startswith(ABOVE)
    ]


def test_the_libraries_know_no_runners() -> None:
    files = list((TIMELINE / "libraries").glob("*.py"))
    assert not [
        (path.name, name)
        for path in files
        for name in imported(path)
        if name.startswith(("wslint.timeline.runners", "wslint.timeline.build"))
    ]
