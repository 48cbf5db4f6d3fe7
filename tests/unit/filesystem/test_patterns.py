from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wslint.filesystem.patterns import Patterns, _Automaton, _compiled

NAMES = st.sampled_from(["a", "b", "ab", "a.py", "b.py", "[a]", "!a", "a-b"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
PIECES = st.sampled_from(["a", "b", "*", "**", "?", "/", "!", ".py", "[a-b]", "[!a]", "\\", "-"])
LINES = st.lists(st.lists(PIECES, min_size=1, max_size=5).map("".join), min_size=1, max_size=3)
GLOBS = st.lists(PIECES, min_size=1, max_size=7).map("".join)


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


@pytest.mark.parametrize(
    ("line", "path", "verdict"),
    [
        ("*a" * 12 + "b", "a" * 100, None),
        ("*a" * 12 + "b", "a" * 100 + "b", True),
        ("**/a/" * 14 + "b", "a/" * 50 + "c", None),
        ("**/a/" * 14 + "b", "a/" * 50 + "b", True),
        ("/" + "*a" * 12, "x/" + "a" * 100, None),
        ("a/" + "**/*a*" * 6, "a/" + "ab/" * 60 + "c", None),
    ],
)
def test_many_stars_take_little_time(line: str, path: str, verdict: bool | None) -> None:
    began = process_time()
    assert Patterns.parse([line]).match(path, is_directory=True) is verdict
    assert process_time() - began < 2


@settings(max_examples=300, deadline=None, derandomize=True)
@given(glob=GLOBS, path=PATHS)
def test_both_ways_to_match_agree(glob: str, path: str) -> None:
    assert _Automaton.of(glob).matches(path) == bool(_compiled(glob).fullmatch(path))


def test_match_below() -> None:
    patterns = Patterns.parse(["gen/"])
    assert patterns.match_below("a/gen/b/x.py")
    assert not patterns.match_below("a/gen")


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
