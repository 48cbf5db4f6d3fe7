"""The file system as one run sees it: each question is asked once, and remembered.

What was asked, and where nothing was found, tells whether a later run would see the same. Memory
is that of a thread and lasts until ``forget``, with which each run begins.
"""

from __future__ import annotations

import os
import stat
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from wslint.regular import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    F = TypeVar("F", bound=Callable[..., Any])

# What tells a file from another, or from itself before a change: the change time can't be set back.
Stamp = tuple[int, int, int, int]
FOLDER: Stamp = (0, 0, 0, 0)


class _Memory(threading.local):
    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.listed: dict[str, list[str]] = {}
        self.results: dict[Any, Any] = {}
        self.told = 0


_memory = _Memory()


def forget() -> None:
    """Begin anew, as files may have changed."""
    _memory.kinds.clear()
    _memory.listed.clear()
    _memory.results.clear()
    _memory.told = 0


def per_run(function: F) -> F:
    """Remember what a function of hashable arguments gives, until ``forget``."""

    @wraps(function)
    def remembered(*args: Any) -> Any:
        results = _memory.results
        key = (function, args)
        if key not in results:
            results[key] = function(*args)
        return results[key]

    return cast("F", remembered)


def kind(path: str) -> str:
    """Say what lies at a path: "file", "folder", "other", "" for nothing."""
    kinds = _memory.kinds
    if path not in kinds:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):
            kinds[path] = ""
        else:
            regular = "file" if stat.S_ISREG(mode) else "other"
            kinds[path] = "folder" if stat.S_ISDIR(mode) else regular
    return kinds[path]


def is_file(path: str) -> bool:
    """Tell whether a path leads to a regular file."""
    return kind(path) == "file"


def is_folder(path: str) -> bool:
    """Tell whether a path leads to a folder."""
    return kind(path) == "folder"


def read(path: str) -> bytes:
    """Read one of the small files of a project. Raises OSError."""
    kind(path)
    return read_regular(path)


def names_in(folder: str) -> list[str]:
    """List a folder, sorted; nothing where it can't be listed."""
    if folder not in _memory.listed:
        kind(folder)
        try:
            _memory.listed[folder] = sorted(os.listdir(folder))
        except OSError:
            _memory.listed[folder] = []
    return _memory.listed[folder]


def asked() -> list[str]:
    """List the paths that were asked about in this run."""
    return sorted(_memory.kinds)


def newly_asked() -> list[str]:
    """List the paths that were asked about since the last call."""
    paths = list(_memory.kinds)
    new = paths[_memory.told :]
    _memory.told = len(paths)
    return new


def learn(paths: Iterable[str]) -> None:
    """Take up what another process has asked about."""
    for path in paths:
        kind(path)


def stamps() -> dict[str, Stamp | None]:
    """Give the stamps of the paths that were asked about in this run."""
    return {path: stamp_of(path, listed=path in _memory.listed) for path in sorted(_memory.kinds)}


def unchanged(path: str, was: Stamp | None) -> bool:
    """Tell whether a path has the stamp that it had."""
    return stamp_of(path, listed=was != FOLDER) == was


def stamp_of(path: str, *, listed: bool = True) -> Stamp | None:
    """Give the stamp of what lies at a path, None for nothing.

    Of a folder that was not ``listed`` it matters only that it is one.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return FOLDER if not listed and stat.S_ISDIR(found.st_mode) else stamp(found)


def stamp(found: os.stat_result) -> Stamp:
    """Give the stamp of a file."""
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
