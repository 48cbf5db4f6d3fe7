"""The caches of a project: files in the user's cache folder.

They are never in the checked tree, where a repository could ship forged ones. A file is named after
all that it depends on besides the checked files, and written atomically. Unreadable or foreign
ones count as empty.
"""

from __future__ import annotations

import json
import marshal
import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wslint.filesystem.safe_read import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslint.filesystem.snapshot import Stamp

SCHEMA = 7
# the number of files kept for a project
MAX_FILES = 32
# raised for content that this version did not write
UNREADABLE = (
    OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError,
    MemoryError,
)  # fmt: skip
# A file that changes during a run, or shortly before, may keep the stamp of its former content, as
# the clocks of file systems are coarse: milliseconds, on some of them two seconds.
MARGIN_NS = 50_000_000
_COARSE = 40
_SECOND_NS = 1_000_000_000
_PROJECT_FILE = "project"


def cache_folder() -> str:
    """Return the folder of all caches: WSLINT_CACHE_DIR, or wslint in the user's cache folder."""
    folder = os.environ.get("WSLINT_CACHE_DIR")
    if folder:
        return os.path.abspath(folder)
    from platformdirs import user_cache_dir

    return user_cache_dir("wslint", appauthor=False)


def project_caches(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the project and the cache folder of each project at or below a folder."""
    top = cache_folder()
    below = os.path.realpath(folder).rstrip(os.sep) + os.sep
    try:
        names = sorted(os.listdir(top))
    except OSError:
        return
    for name in names:
        path = os.path.join(top, name)
        with suppress(OSError, UnicodeDecodeError):
            project = read_regular(os.path.join(path, _PROJECT_FILE)).decode("utf-8")
            if f"{project.rstrip(os.sep)}{os.sep}".startswith(below):
                yield project, path


class ProjectCache:
    """The cache files of one project; ``folder`` is None if they would be inside of it."""

    def __init__(self, root: str) -> None:
        self._project, top = os.path.realpath(root), os.path.realpath(cache_folder())
        inside = f"{top}{os.sep}".startswith(self._project.rstrip(os.sep) + os.sep)
        self.folder = None if inside else os.path.join(top, digest(self._project)[:32])

    def read(self, name: str) -> dict[str, Any]:
        """Return the content of a file; none if there is no such file."""
        if self.folder is None:
            return {}
        path = os.path.join(self.folder, f"{name}.json")
        try:
            content = json.loads(read_regular(path))
            os.utime(path)  # those not used for the longest time are removed first
        except UNREADABLE:
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, name: str, content: dict[str, Any]) -> None:
        """Write a file; a full or read-only disk is not an error."""
        if self.folder is None:
            return
        with suppress(OSError, UnicodeEncodeError):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            _write(os.path.join(self.folder, _PROJECT_FILE), self._project)
            text = json.dumps(content, separators=(",", ":"))
            _write(os.path.join(self.folder, f"{name}.json"), text)
            _evict(self.folder)


def digest(*values: Any) -> str:
    """Return a text that identifies plain values."""
    # unlike later versions, version 2 of marshal writes equal values as equal bytes
    return sha256(marshal.dumps(values, 2)).hexdigest()


def is_settled(stamp: Stamp | None, began: int) -> bool:
    """Return whether a stamp is older than ``began`` (ns) by a safe margin."""
    if stamp is None:
        return True
    newest = max(stamp[:2])
    return newest < began - MARGIN_NS * (1 if newest % _SECOND_NS else _COARSE)


def _write(path: str, text: str) -> None:
    """Write a file atomically. Raises OSError, UnicodeEncodeError."""
    import tempfile

    descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except (OSError, UnicodeEncodeError):
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _evict(folder: str) -> None:
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if entry.name.endswith(".json")]
    for old in sorted(kept, key=lambda entry: entry.stat().st_mtime_ns)[:-MAX_FILES]:
        with suppress(FileNotFoundError):  # another process may do the same
            os.unlink(old.path)
