"""The file system as one run sees it: each path is looked up once, and the answer is remembered.

The paths that were looked up, also those that don't exist, decide whether a cached report is still
valid. The memory is per thread and lasts until ``forget``, which each run calls first.
"""

from __future__ import annotations

import os
import stat
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from wslint.filesystem.safe_read import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    F = TypeVar("F", bound=Callable[..., Any])

# The files that describe a project. In a folder that was walked it is known which of them exist, so
# they need not be looked up one by one in each of a thousand folders.
WATCHED = frozenset(
    ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini",
     "setup.cfg", "setup.py", "manage.py", ".git", ".hg", "conftest.py", "__init__.py", "uv.lock",
     "poetry.lock", "pylock.toml", ".gitignore", "wslint.toml")
)  # fmt: skip
REQUIREMENTS = "requirements"
# Identifies a version of a file. It includes the change time, which can't be set back.
Stamp = tuple[int, int, int, int]
FOLDER: Stamp = (0, 0, 0, 0)


class _Memory(threading.local):
    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.listed: dict[str, list[str]] = {}
        self.walked: dict[str, AbstractSet[str]] = {}
        self.results: dict[Any, Any] = {}
        self.reported = 0


_memory = _Memory()


def forget() -> None:
    """Start a new snapshot, as files may have changed."""
    _memory.kinds.clear()
    _memory.listed.clear()
    _memory.walked.clear()
    _memory.results.clear()
    _memory.reported = 0


def per_run(function: F) -> F:
    """Cache the results of a function with hashable arguments until ``forget``."""

    @wraps(function)
    def remembered(*args: Any) -> Any:
        results = _memory.results
        key = (function, args)
        if key not in results:
            results[key] = function(*args)
        return results[key]

    return cast("F", remembered)


def kind(path: str) -> str:
    """Return what is at a path: "file", "folder", "other", or "" for nothing."""
    kinds = _memory.kinds
    if path not in kinds:
        folder, _, name = path.rpartition("/")
        if name in WATCHED and name not in _memory.walked.get(folder, WATCHED):
            return ""
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError):
            kinds[path] = ""
        else:
            regular = "file" if stat.S_ISREG(mode) else "other"
            kinds[path] = "folder" if stat.S_ISDIR(mode) else regular
    return kinds[path]


def is_file(path: str) -> bool:
    """Return whether a path is a regular file, or a link to one."""
    return kind(path) == "file"


def is_folder(path: str) -> bool:
    """Return whether a path is a folder, or a link to one."""
    return kind(path) == "folder"


def read(path: str) -> bytes:
    """Read one of the small files of a project. Raises OSError."""
    kind(path)
    return read_regular(path)


def walked(folder: str, names: AbstractSet[str]) -> None:
    """Record the names in a folder that is being walked."""
    kept = names & WATCHED
    if REQUIREMENTS in "\n".join((folder, *names)):
        kept |= {name for name in names if _has_requirements(folder, name)}
    _memory.walked[folder] = kept


def holds_none(folder: str, names: AbstractSet[str]) -> bool:
    """Return whether a folder was walked and has none of these watched names."""
    known = _memory.walked.get(folder)
    return known is not None and known.isdisjoint(names)


def walks() -> list[tuple[str, list[str]]]:
    """Return the folders that were walked, each with the watched names in it."""
    walked = _memory.walked
    return [(folder, sorted(walked[folder])) for folder in sorted(walked)]


def requirements_in(folder: str) -> list[str]:
    """Return the names in a folder that start with "requirements"; in one called so, all .txt."""
    known = _memory.walked.get(folder)
    if known is not None:
        return sorted(name for name in known if _has_requirements(folder, name))
    if folder not in _memory.listed:
        _memory.listed[folder] = _requirements(folder)
    return _memory.listed[folder]


def _requirements(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if _has_requirements(folder, name))
    except OSError:
        return []


def _has_requirements(folder: str, name: str) -> bool:
    is_inside = folder.endswith(f"/{REQUIREMENTS}") and name.endswith(".txt")
    return is_inside or name.startswith(REQUIREMENTS)


def newly_asked() -> tuple[list[str], list[str]]:
    """Return the paths looked up since the last call, and all folders listed so far."""
    paths = list(_memory.kinds)
    new = paths[_memory.reported :]
    _memory.reported = len(paths)
    return new, list(_memory.listed)


def learn(paths: Iterable[str], listed: Iterable[str]) -> None:
    """Look up what another process has looked up."""
    for path in paths:
        kind(path)
    for folder in listed:
        requirements_in(folder)


def stamps() -> dict[str, Stamp | None]:
    """Return the stamps of the paths that were looked up in this run."""
    return {path: stamp_of(path) for path in sorted(_memory.kinds)}


def listings() -> dict[str, list[str]]:
    """Return the names found in each folder that was listed."""
    return dict(sorted(_memory.listed.items()))


def unchanged(stamps: Mapping[str, Stamp | None], listings: Mapping[str, list[str]]) -> bool:
    """Return whether all stamps and listings are still the same."""
    return all(stamp_of(path) == was for path, was in stamps.items()) and all(
        _requirements(folder) == names for folder, names in listings.items()
    )


def stamp_of(path: str) -> Stamp | None:
    """Return the stamp of a file, FOLDER for a folder, None if there is nothing."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return FOLDER if stat.S_ISDIR(status.st_mode) else stamp(status)


def stamp(status: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
