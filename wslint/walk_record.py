"""Remembers what a walk came past, and tells without walking again whether that is unchanged.

Where files are added, removed or renamed, the times of their folder change; Python's own imports
rely on that too. A folder whose times are not well before the walk may have changed during it, so
nothing is remembered then. On Windows not all file systems keep the times of folders.
"""

from __future__ import annotations

import marshal
import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wslint import disk

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# What changes while, or shortly before, a run looks at it has maybe the times of the state before:
# clocks of file systems move on every few milliseconds, some only every other second.
MARGIN_NS = 50_000_000
_COARSER = 40
_SECOND_NS = 1_000_000_000
_BETWEEN = "\0"

KEEPS_TIMES_OF_FOLDERS = os.name == "posix"


def is_settled(stamp: disk.Stamp, began: int) -> bool:
    """Tell whether what has this stamp can't have changed since ``began``, in nanoseconds."""
    newest = max(stamp[:2])
    return newest < began - MARGIN_NS * (1 if newest % _SECOND_NS else _COARSER)


def digest(*values: Any) -> str:
    """Give a short form of plain values."""
    # version 2 of marshal writes the same bytes for the same values, which later ones do not
    return sha256(marshal.dumps(values, 2)).hexdigest()


def record(
    files: Mapping[str, disk.Stamp | None], folders: Iterable[str], own: str, began: int
) -> dict[str, Any] | None:
    """Remember a walk that began at ``began``; None where it can't be relied on.

    ``own`` is a name that wslint itself adds to a folder: there the names count, not the times.
    """
    if not KEEPS_TIMES_OF_FOLDERS or None in files.values():
        return None
    home, name = os.path.split(own)
    walked = dict.fromkeys(folders)
    listed = {home: _names(home, name)} if home in walked else {}
    stamps = {folder: _stamp_of(folder) for folder in walked}
    if None in listed.values() or not all(
        stamp is not None and is_settled(stamp, began) for stamp in stamps.values()
    ):
        return None
    stamps.pop(home, None)
    return {
        "files": _BETWEEN.join(files),
        "file_stamps": digest(list(filter(None, files.values()))),
        "folders": _BETWEEN.join(stamps),
        "folder_stamps": digest(list(filter(None, stamps.values()))),
        "listed": listed,
        "own": name,
    }


def files_of(kept: Mapping[str, Any]) -> list[str]:
    """Give the files of a walk."""
    return _paths(kept["files"])


def same_files(kept: Mapping[str, Any]) -> bool:
    """Tell whether the files that a walk found are all there, and unchanged."""
    return _same(files_of(kept), kept["file_stamps"])


def same_folders(kept: Mapping[str, Any]) -> bool:
    """Tell whether a walk would find the same names again."""
    return _same(_paths(kept["folders"]), kept["folder_stamps"]) and all(
        _names(folder, kept["own"]) == names for folder, names in kept["listed"].items()
    )


def _paths(joined: str) -> list[str]:
    return joined.split(_BETWEEN) if joined else []


def _same(paths: Iterable[str], known: str) -> bool:
    found: list[disk.Stamp] = []
    with suppress(OSError, ValueError):
        for path in paths:
            found.append(disk.stamp(os.stat(path)))  # noqa: PERF401 (none of them may be lacking)
        return digest(found) == known
    return False


def _stamp_of(folder: str) -> disk.Stamp | None:
    try:
        return disk.stamp(os.stat(folder))
    except OSError:
        return None


def _names(folder: str, own: str) -> list[str] | None:
    try:
        return sorted(name for name in os.listdir(folder) if name != own)
    except OSError:
        return None
