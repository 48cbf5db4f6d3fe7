from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wslint.filesystem.patterns import Patterns


@pytest.mark.parametrize(
    ("lines", "path", "directory", "verdict"),
    [
        (["build"], "build", True, True),
        (["build"], "a/build", False, True),
        (["build/"], "build", False, None),
        (["build/"], "a/build", True, True),
        (["/build"], "a/build", True, None),
        (["a/build"], "a/build", True, True),
        (["a/build"], "b/a/build", True, None),
        (["*.py"], "a/x.py", False, True),
        (["*.py", "!keep.py"], "a/keep.py", False, False),
        (["!keep.py", "*.py"], "keep.py", False, True),
        (["*", "!*/"], "a", True, False),
        (["*", "!*/"], "a", False, True),
        (["**/gen"], "a/b/gen", True, True),
        (["a/**/gen"], "a/gen", True, True),
        (["a/**/gen"], "a/b/c/gen", True, True),
        (["a/**"], "a", True, None),
        (["a/**"], "a/b/c", False, True),
        (["a/*"], "a/b/c", False, None),
        (["x?.py"], "xy.py", False, True),
        (["[a-c]x"], "bx", False, True),
        (["[!a-c]x"], "bx", False, None),
        (["[]]x"], "]x", False, True),
        (["[a"], "[a", False, None),
        (["[[:digit:]]x"], "4x", False, True),
        ([r"\!x"], "!x", False, True),
        ([r"\#x"], "#x", False, True),
        (["#x"], "#x", False, None),
        (["x  "], "x", False, True),
        (["x\\ "], "x ", False, True),
        ([""], "x", False, None),
        (["/"], "x", True, None),
    ],
)
def test_match(lines: list[str], path: str, directory: bool, verdict: bool | None) -> None:
    assert Patterns.parse(lines).match(path, is_directory=directory) is verdict


def test_match_below() -> None:
    patterns = Patterns.parse(["gen/"])
    assert patterns.match_below("a/gen/b/x.py")
    assert not patterns.match_below("a/gen")


NAMES = st.sampled_from(["a", "b", "ab", "a.py", "b.py", "[a]", "!a", "a-b"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PIECES = st.sampled_from(["a", "b", "*", "**", "?", "/", "!", ".py", "[a-b]", "[!a]", "\\", "-"])
LINES = st.lists(st.lists(PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("git"):
        pytest.skip("needs git")
    path = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", path], check=True)
    return path


@settings(max_examples=100, deadline=None, derandomize=True)
@given(lines=LINES, paths=st.lists(PATHS, min_size=1, max_size=8, unique=True))
@example(lines=["*", "!*/", "!*.py"], paths=["a/a.py", "a/b"])
@example(lines=["a**/*"], paths=["a", "ab/a"])
@example(lines=["a/**/b", "!b/"], paths=["a/a/b", "a/b"])
def test_agrees_with_git(repository: Path, lines: list[str], paths: list[str]) -> None:
    """The output of ``git check-ignore --no-index`` for files that need not exist."""
    (repository / ".gitignore").write_text("\n".join(lines) + "\n")
    run = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(paths),
        capture_output=True,
        text=True,
        check=False,
        cwd=repository,
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
    )
    ignored = {path for path in run.stdout.split("\0") if path}
    patterns = Patterns.parse(lines)
    assert {path for path in paths if _ignored(patterns, path)} == ignored


def _ignored(patterns: Patterns, path: str) -> bool:
    parts = path.split("/")
    for count in range(1, len(parts) + 1):
        if patterns.match("/".join(parts[:count]), is_directory=count < len(parts)):
            return True
    return False
