"""The files that git ignores: repository roots, and the ignore files above a directory."""

from __future__ import annotations

import os
from typing import NamedTuple

from wslint.filesystem import snapshot
from wslint.filesystem.patterns import Patterns


class Level(NamedTuple):
    """The patterns that apply below ``base``, and the level around it.

    The chain ends with the repository, where ``outer`` is None.
    """

    base: str
    patterns: Patterns
    outer: Level | None

    def ignores(self, path: str, *, is_directory: bool) -> bool:
        """Return whether git ignores the entry itself; callers check the directories above it."""
        level: Level | None = self
        while level is not None:
            verdict = level.patterns.match(relative(path, level.base), is_directory=is_directory)
            if verdict is not None:
                return verdict
            level = level.outer
        return False


def relative(path: str, base: str) -> str:
    """Return ``path`` relative to ``base``; both are absolute, and ``path`` is below ``base``."""
    return path[len(base.rstrip("/")) + 1 :]


def repository_root(directory: str) -> str | None:
    """Return the nearest directory, this one or above, that contains ``.git``."""
    while True:
        if snapshot.kind(f"{directory}/.git"):
            return directory
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def levels_above(directory: str) -> Level | None:
    """Return the levels of the directories above ``directory``, without its own."""
    root = repository_root(directory)
    if root is None or root == directory:
        return None
    level = repository_level(root)
    at = root
    for part in relative(directory, root).split("/"):
        level = directory_level(at, level)
        at = f"{at}/{part}"
    return level


def directory_level(directory: str, outer: Level | None) -> Level | None:
    """Add the directory's own .gitignore, if there is one, to the levels around it."""
    patterns = _read(f"{directory}/.gitignore")
    return Level(directory, patterns, outer) if patterns else outer


def repository_level(root: str) -> Level | None:
    """Return the level of .git/info/exclude; in a worktree or submodule .git is a file."""
    patterns = _read(f"{_git_directory(root)}/info/exclude")
    return Level(root, patterns, None) if patterns else None


def _git_directory(root: str) -> str:
    pointer = _first_line(f"{root}/.git")
    if not pointer.startswith("gitdir: "):
        return f"{root}/.git"
    target = os.path.join(root, pointer.removeprefix("gitdir: "))
    common = _first_line(f"{target}/commondir")
    return os.path.join(target, common) if common else target


def _first_line(path: str) -> str:
    return next(iter(_lines(path)), "")


def _read(path: str) -> Patterns | None:
    lines = _lines(path)
    return Patterns.parse(lines) if lines else None


def _lines(path: str) -> list[str]:
    if not snapshot.is_file(path):
        return []
    try:
        text = snapshot.read(path).decode("utf-8-sig", "surrogateescape")
    except OSError:
        return []
    return [line.removesuffix("\r") for line in text.removesuffix("\n").split("\n")]
