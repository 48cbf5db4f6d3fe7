"""Labels: reviewed places of real repositories, in ``labels.jsonl``.

A line has ``repo`` (owner/name), ``path``, ``line``, ``test`` (qualified name of the function),
``codes`` (the rules that would report the cause), ``verdict`` ("hazard", "not-hazard", "unclear"),
``reason``, and ``cause`` where several labels are about one thing. A label is a reading: where
running the code proves it wrong, it is changed.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from wslint.findings.finding import Finding
from wslint.findings.span import Place

LABELS = Path(__file__).with_name("labels.jsonl")


@dataclass(frozen=True)
class Label:
    """One line of the file."""

    repo: str
    path: str
    line: int
    test: str
    codes: tuple[str, ...]
    verdict: str
    reason: str
    cause: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """The key for counting: labels with the same cause count once."""
        return (
            (self.repo, self.cause)
            if self.cause
            else (self.repo, self.path, self.test, *self.codes)
        )


def read_labels(path: Path = LABELS) -> list[Label]:
    """Read the labels of a file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [Label(**{**entry, "codes": tuple(entry["codes"])}) for entry in map(json.loads, lines)]


def matches(label: Label, finding: Finding, checkout: Path) -> bool:
    """Return whether a finding matches a label's place by its span, a label or its test."""
    if finding.code not in label.codes:
        return False
    path = str(checkout / label.path)
    in_file = finding.test_place is not None and finding.test_place.path == path
    return (in_file and _same(finding.test, label.test)) or any(
        place.path == path and any(_same(name, label.test) for name in enclosing(place))
        for place in (finding.place, *(other.place for other in finding.labels))
    )


def _same(name: str, other: str) -> bool:
    return name == other or name.endswith(f".{other}") or other.endswith(f".{name}")


def enclosing(place: Place) -> Sequence[str]:
    """Return the names of the functions around a place, innermost first."""
    line = place.span.line
    found = [
        (end - start, name) for name, start, end in functions(place.path) if start <= line <= end
    ]
    return [name for _, name in sorted(found)]


@cache
def functions(path: str) -> Sequence[tuple[str, int, int]]:
    """Return the functions of a file: qualified name, first line (decorators too) and last."""
    return list(_functions(ast.parse(Path(path).read_bytes()).body, ""))


def _functions(body: Iterable[ast.stmt], prefix: str) -> Iterable[tuple[str, int, int]]:
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield f"{prefix}{node.name}", first, node.end_lineno or node.lineno
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from _functions(node.body, f"{prefix}{node.name}.")
