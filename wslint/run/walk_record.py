"""Remembers what a walk came past, and tells without walking again whether that is unchanged.

Where files are added, removed or renamed, the times of their folder change; Python's own imports
rely on that too. A folder whose times are not well before the walk may have changed during it, so
nothing is remembered then; nor on Windows, where not all file systems keep the times of folders.
``devices`` are those that must be known to do.
"""

from __future__ import annotations

import marshal
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wslint.filesystem import snapshot as disk

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


def all_settled(stamps: Iterable[disk.Stamp], began: int) -> bool:
    """Tell the same of many of them; most are old."""
    surely = began - MARGIN_NS * _COARSER
    newer = [stamp for stamp in stamps if stamp[0] >= surely or stamp[1] >= surely]
    return all(is_settled(stamp, began) for stamp in newer)


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
    home, name = os.path.split(own)
    walked = list(folders)
    try:
        listed = {home: _names(home, name)} if home in walked else {}
        found = list(map(os.stat, walked))
    except OSError:
        return None
    stamps = list(map(disk.stamp, found))
    if not KEEPS_TIMES_OF_FOLDERS or None in files.values() or not all_settled(stamps, began):
        return None
    rest = {path: stamp for path, stamp in zip(walked, stamps, strict=True) if path not in listed}
    return {
        "files": joined(files),
        "file_stamps": digest(list(files.values())),
        "folders": joined(rest),
        "folder_stamps": digest(list(rest.values())),
        "listed": listed,
        "own": name,
        "devices": sorted({one.st_dev for one in found}),
    }


def joined(paths: Iterable[str]) -> str:
    """Make one text of paths, which is quicker to keep and to read back than a list."""
    return _BETWEEN.join(paths)


def files_of(kept: Mapping[str, Any]) -> list[str]:
    """Give the files of a walk."""
    return _apart(kept["files"])


def same_files(kept: Mapping[str, Any]) -> bool:
    """Tell whether the files that a walk found are all there, and unchanged."""
    return _same(files_of(kept), kept["file_stamps"])


def same_folders(kept: Mapping[str, Any]) -> bool:
    """Tell whether a walk would find the same names again."""
    return _same(_apart(kept["folders"]), kept["folder_stamps"]) and all(
        _names(folder, kept["own"]) == names for folder, names in kept["listed"].items()
    )


def _apart(text: str) -> list[str]:
    return text.split(_BETWEEN) if text else []


def _same(paths: Iterable[str], known: str) -> bool:
    try:
        return digest([disk.stamp(os.stat(path)) for path in paths]) == known
    except (OSError, ValueError):
        return False


def _names(folder: str, own: str) -> list[str]:
    return sorted(name for name in os.listdir(folder) if name != own)
