"""Notebooks are left out of folders, and one that is named is reported."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import run, write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_notebooks_are_not_judged() -> None:
    write({"a/notes.ipynb": "{}", "a/test_a.py": "x = 1\n"})
    assert run("check", "a").stdout == "All checks passed!\n"
    assert run("check", "a", "--show-files").stdout == "a/test_a.py\n"
    result = run("check", "a/notes.ipynb", "--output-format", "concise")
    assert result.stdout == "a/notes.ipynb:1:1: WS900 notebooks are not judged\nFound 1 problem.\n"
    assert "move its tests to a Python file, or exclude" in run("check", "a/notes.ipynb").stdout
