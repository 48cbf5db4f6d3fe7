"""Both hooks, run by the real pre-commit from a repository of wslint."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_project import TOLD

from network.repository import git

pytestmark = pytest.mark.network

CONFIG = """\
repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: wslint-check
      - id: wslint-fix
"""
FILES = {
    "test_a.py": TOLD,
    "old/test_b.py": TOLD,  # left out by wslint's settings
    "generated/test_c.py": TOLD,  # left out by pre-commit's
    "ignored/test_d.py": TOLD,  # left out by git, and committed nevertheless
    "wslint.toml": 'extend-exclude = ["old"]\nunsafe-fixes = true\n',
    ".gitignore": "ignored/\n",
    "notes.txt": TOLD,
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of pre-commit's environments, shared by all tests."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def project(tmp_path: Path, origin: Path) -> Path:
    """A repository that uses the hooks of wslint."""
    head = ["git", "rev-parse", "HEAD"]
    rev = subprocess.run(head, cwd=origin, capture_output=True, check=True, text=True).stdout
    config = CONFIG.format(repo=origin, rev=rev.strip())
    config = config.replace("check\n", "check\n        exclude: ^generated/\n")
    for name, text in {**FILES, ".pre-commit-config.yaml": config}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A", "-f")
    return tmp_path


def pre_commit(project: Path, home: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pre_commit", *words, "--color", "never"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home)}
    done = subprocess.run(command, cwd=project, env=environment, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    return done.returncode, done.stdout


def changed(project: Path) -> list[str]:
    command = ["git", "diff", "--name-only"]
    done = subprocess.run(command, cwd=project, capture_output=True, check=True, text=True)
    return done.stdout.splitlines()


def test_check(project: Path, home: Path) -> None:
    code, said = pre_commit(project, home, "run", "--all-files", "wslint-check")
    assert code == 1, said
    assert "test_a.py:8:9: WS301" in said
    assert [line for line in said.splitlines() if line.startswith("Found")] == [
        "Found 1 problem (1 fixable with wslint fix)."
    ]
    assert changed(project) == []


def test_named_files_are_left_out_as_well(project: Path, home: Path) -> None:
    for name in ("old/test_b.py", "generated/test_c.py", "ignored/test_d.py", "notes.txt"):
        code, said = pre_commit(project, home, "run", "wslint-check", "--files", name)
        assert code == 0, said


def test_fix(project: Path, home: Path) -> None:
    code, said = pre_commit(project, home, "run", "--all-files", "wslint-fix")
    assert code == 1, said
    assert "files were modified by this hook" in said
    # the second hook has no `exclude` in pre-commit's configuration
    assert changed(project) == ["generated/test_c.py", "test_a.py"]
    git(project, "add", "-u")
    code, said = pre_commit(project, home, "run", "--all-files")
    assert code == 0, said


def test_at_a_commit(project: Path, home: Path) -> None:
    assert pre_commit(project, home, "install")[0] == 0
    commit = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-m", "x"]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home)}
    stopped = subprocess.run(commit, cwd=project, env=environment, capture_output=True, text=True,
                             check=False)  # fmt: skip
    assert stopped.returncode == 1
    assert "WS301" in stopped.stderr
    git(project, "add", "-u")
    done = subprocess.run(commit, cwd=project, env=environment, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_try_repo(project: Path, home: Path, origin: Path) -> None:
    code, said = pre_commit(project, home, "try-repo", str(origin), "wslint-check", "--all-files")
    assert code == 1, said
    assert "test_a.py:8:9: WS301" in said
