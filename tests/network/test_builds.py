"""The versions of packages built from checkouts of every kind."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from network.repository import git


def built(folder: Path) -> str:
    """Build the sdist, and the wheel from it; return their common version."""
    command = [sys.executable, "-m", "build", "--outdir", "out"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    paths = sorted(map(str, (folder / "out").iterdir()))
    assert len(paths) == 2
    check = [sys.executable, "scripts/check_package.py", *paths]
    subprocess.run(check, cwd=folder, check=True)
    return Path(paths[0]).name.split("-")[1]


@pytest.mark.network
@pytest.mark.parametrize(
    ("kind", "version"),
    [
        ("no tags", r"0\.1\.0\.dev2\+g[0-9a-f]+"),
        ("shallow", r"0\.1\.0\.dev1\+g[0-9a-f]+"),
        ("tagged", r"0\.7\.0rc1"),
        ("after a tag", r"0\.7\.1\.dev1\+g[0-9a-f]+"),
        ("no git", r"\d+\.\d+\.\d+\.dev0"),
        ("archive without tags", r"\d+\.\d+\.\d+\.dev0"),
        ("archive of a tag", r"0\.7\.0"),
    ],
)
def test_versions(origin: Path, tmp_path: Path, kind: str, version: str) -> None:
    clone = tmp_path / "clone"
    depth = ["--depth", "1"] if kind == "shallow" else []
    git(tmp_path, "clone", "-q", *depth, origin.as_uri(), "clone")
    if kind == "tagged":
        git(clone, "tag", "v0.7.0rc1")
    if kind in ("after a tag", "archive of a tag"):
        git(clone, "tag", "v0.7.0")
    if kind == "after a tag":
        git(clone, "commit", "-qm", "three", "--allow-empty")
    if kind == "no git":
        shutil.rmtree(clone / ".git")
    if kind.startswith("archive"):
        git(clone, "archive", "--prefix=archive/", "-o", "../a.tar", "HEAD")
        clone = tmp_path / "archive"
        with tarfile.open(tmp_path / "a.tar") as archive:
            archive.extractall(tmp_path, filter="data")
    assert re.fullmatch(version, built(clone))
