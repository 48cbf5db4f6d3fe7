"""Random edits of the cases."""

from __future__ import annotations

import ast
import os
import random
import re
import time
from pathlib import Path

import pytest
from cases import Case, all_cases, laid_out

from fuzz.edits import Edited
from wslint.run.judged_tests import _Change

CASES = [case for case in all_cases() if any(case.folder.glob("before/**/test*.py"))]


def play(case: Case, seed: int, edits: int) -> None:
    """Edit the files of a case; half of the edits are undone."""
    chance = random.Random(f"{case.id} {seed}")
    with laid_out(case) as folder:
        play_in(folder, case, chance, edits)


def play_in(folder: Path, case: Case, chance: random.Random, edits: int) -> None:
    if not (folder / "wslint.toml").exists():
        (folder / "wslint.toml").write_text("preview = true\n")
    own = sorted(
        path.relative_to(case.folder / "before") for path in case.folder.glob("before/**/*.py")
    )
    paths = [folder / path for path in own]
    test = chance.choice([path for path in paths if path.name.startswith("test")])
    test.write_text(with_copies(test.read_text("utf-8")), "utf-8")
    edited = Edited(folder, paths)
    edited.check(test)
    for _ in range(edits):
        path = chance.choice(paths) if chance.random() < 0.1 else test
        undo = edited.edit(path, chance)
        edited.check(test)
        if chance.random() < 0.5:
            undo()
            edited.check(test)


def play_all(cases: list[Case]) -> None:
    for case in cases:
        play(case, 1, 6)


def with_copies(text: str) -> str:
    """Return a text with a copy of each test at its end: both ask the same.

    A file that can't be parsed stays as it is.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    copies = [
        re.sub(rf"\b{node.name}\b", f"{node.name}_again", lines_of(text, node))
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
        and node.name.lower().startswith("test")
    ]
    return "\n\n\n".join((text, *copies))


def lines_of(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> str:
    start = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return "\n".join(text.split("\n")[start - 1 : node.end_lineno])


def test_some_edits() -> None:
    play_all(CASES[::24])


def test_a_broken_law_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_Change, "concerns", lambda *_: False)
    with pytest.raises(AssertionError, match="findings"):
        play_all(CASES)


@pytest.mark.fuzz
def test_many_edits() -> None:
    end, seed = time.process_time() + float(os.environ.get("FUZZ_SECONDS", "60")), 2
    while time.process_time() < end:
        case = random.Random(seed).choice(CASES)
        play(case, seed, 20)
        seed += 1
    assert seed > 10
