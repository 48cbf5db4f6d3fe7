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

from wslint.filesystem.safe_read import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    F = TypeVar("F", bound=Callable[..., Any])

# The files that say what a project is. Where a folder was walked through, it is known which of them
# are there; so they need not be asked for one by one, in each of a thousand folders.
WATCHED = frozenset(
    ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini",
     "setup.cfg", "setup.py", "manage.py", ".git", ".hg", "conftest.py", "__init__.py", "uv.lock",
     "poetry.lock", "pylock.toml", ".gitignore", "wslint.toml")
)  # fmt: skip
REQUIREMENTS = "requirements"
# What tells a file from another, or from itself before a change: the change time can't be set back.
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
    """Begin anew, as files may have changed."""
    _memory.kinds.clear()
    _memory.listed.clear()
    _memory.walked.clear()
    _memory.results.clear()
    _memory.reported = 0


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
    """Return whether a path leads to a regular file."""
    return kind(path) == "file"


def is_folder(path: str) -> bool:
    """Return whether a path leads to a folder."""
    return kind(path) == "folder"


def read(path: str) -> bytes:
    """Read one of the small files of a project. Raises OSError."""
    kind(path)
    return read_regular(path)


def walked(folder: str, names: AbstractSet[str]) -> None:
    """Take up what a folder holds that is walked through anyway."""
    kept = names & WATCHED
    if REQUIREMENTS in "\n".join(names):
        kept |= {name for name in names if name.startswith(REQUIREMENTS)}
    _memory.walked[folder] = kept


def holds_none(folder: str, names: AbstractSet[str]) -> bool:
    """Return whether a folder that was walked through has none of some watched names."""
    known = _memory.walked.get(folder)
    return known is not None and known.isdisjoint(names)


def walks() -> list[tuple[str, list[str]]]:
    """Return the folders that were walked through, with what they hold of what is watched."""
    walked = _memory.walked
    return [(folder, sorted(walked[folder])) for folder in sorted(walked)]


def requirements_in(folder: str) -> list[str]:
    """Return the names in a folder that begin like a file of requirements."""
    known = _memory.walked.get(folder)
    if known is not None:
        return sorted(name for name in known if name.startswith(REQUIREMENTS))
    if folder not in _memory.listed:
        _memory.listed[folder] = _requirements(folder)
    return _memory.listed[folder]


def _requirements(folder: str) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if name.startswith(REQUIREMENTS))
    except OSError:
        return []


def newly_asked() -> tuple[list[str], list[str]]:
    """Return the paths that were asked about since the last call, and all folders listed so far."""
    paths = list(_memory.kinds)
    new = paths[_memory.reported :]
    _memory.reported = len(paths)
    return new, list(_memory.listed)


def learn(paths: Iterable[str], listed: Iterable[str]) -> None:
    """Take up what another process has asked about."""
    for path in paths:
        kind(path)
    for folder in listed:
        requirements_in(folder)


def stamps() -> dict[str, Stamp | None]:
    """Return the stamps of the paths that were asked about in this run."""
    return {path: stamp_of(path) for path in sorted(_memory.kinds)}


def listings() -> dict[str, list[str]]:
    """Return what was found in the folders that were listed."""
    return dict(sorted(_memory.listed.items()))


def unchanged(stamps: Mapping[str, Stamp | None], listings: Mapping[str, list[str]]) -> bool:
    """Return whether all of these are as they were."""
    return all(stamp_of(path) == was for path, was in stamps.items()) and all(
        _requirements(folder) == names for folder, names in listings.items()
    )


def stamp_of(path: str) -> Stamp | None:
    """Return the stamp of what lies at a path, None for nothing; of a folder, that it is one."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return FOLDER if stat.S_ISDIR(status.st_mode) else stamp(status)


def stamp(status: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
