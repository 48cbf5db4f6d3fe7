"""The file system as one run sees it: each path is looked up once, and the answer is remembered.

The paths that were looked up for a result, also those that don't exist, decide whether it is still
valid: see ``lookups``. The memory is per thread and lasts until ``forget``, which each run calls
first.
"""

from __future__ import annotations

import os
import stat
import threading
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from wslint.filesystem.lookups import Memo, forget_lookups, record_listing, record_lookup
from wslint.filesystem.safe_read import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
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
        # as they were when a path was first looked up, so before it was read
        self.stamps: dict[str, Stamp | None] = {}
        self.listed: dict[str, list[str]] = {}
        self.walked: dict[str, AbstractSet[str]] = {}
        self.results: Memo[Any, Any] = Memo()
        self.reported = 0


_memory = _Memory()


def forget() -> None:
    """Start a new snapshot, as files may have changed."""
    _memory.kinds.clear()
    _memory.stamps.clear()
    _memory.listed.clear()
    _memory.walked.clear()
    _memory.results = Memo()
    _memory.reported = 0
    forget_lookups()


def per_run(function: F) -> F:
    """Cache the results of a function with hashable arguments until ``forget``."""

    @wraps(function)
    def remembered(*args: Any) -> Any:
        return _memory.results.get((function, args), partial(function, *args))

    return cast("F", remembered)


def kind(path: str) -> str:
    """Return what is at a path: "file", "folder", "other", or "" for nothing."""
    kinds = _memory.kinds
    record_lookup(path)
    if path not in kinds:
        folder, _, name = path.rpartition("/")
        if name in WATCHED and name not in _memory.walked.get(folder, WATCHED):
            return ""
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            kinds[path] = ""
            _memory.stamps[path] = None
        else:
            mode = status.st_mode
            regular = "file" if stat.S_ISREG(mode) else "other"
            kinds[path] = "folder" if stat.S_ISDIR(mode) else regular
            _memory.stamps[path] = FOLDER if stat.S_ISDIR(mode) else stamp(status)
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
    holds = known is None or not known.isdisjoint(names)
    if not holds:
        for name in names:
            record_lookup(f"{folder}/{name}")
    return not holds


def requirements_in(folder: str) -> list[str]:
    """Return the names in a folder that start with "requirements"; in one called so, all .txt."""
    record_listing(folder)
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


def newly_stamped() -> dict[str, Stamp | None]:
    """Return the stamps of the paths that were looked up since the last call."""
    new = list(_memory.stamps.items())[_memory.reported :]
    _memory.reported = len(_memory.stamps)
    return dict(new)


def learn(stamps: Mapping[str, Stamp | None]) -> None:
    """Adopt the stamps of what another process has looked up."""
    for path, found in stamps.items():
        _memory.stamps.setdefault(path, found)


def stamp_at(path: str) -> Stamp | None:
    """Return the stamp of a path when it was first looked up in this run, or else now."""
    if path not in _memory.stamps:
        kind(path)
    return _memory.stamps.get(path)


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
