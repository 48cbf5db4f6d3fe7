"""Caches the report of a run over unchanged files.

An entry is one file in the user's cache folder, never in the checked tree, where a repository
could ship a forged one. It is named after the project, the paths and the settings, and contains the
stamps of all paths that were looked up, including missing ones. Unreadable or foreign entries are
treated as a cache miss.
"""

from __future__ import annotations

import json
import marshal
import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from wslint import __version__
from wslint.filesystem import snapshot
from wslint.filesystem.safe_read import read_regular
from wslint.findings.report import Report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.walk import Candidate

SCHEMA = 6
# the number of entries kept for a project
MAX_ENTRIES = 32
# A file that changes during a run, or shortly before, may keep the stamp of its former content, as
# the clocks of file systems are coarse: milliseconds, on some of them two seconds.
MARGIN_NS = 50_000_000
_COARSE = 40
_SECOND_NS = 1_000_000_000
_PROJECT_FILE = "project"
# raised for an entry that this version did not write
_UNREADABLE = (
    OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError
)  # fmt: skip


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


def open_cache(
    settings: Settings, paths: Sequence[str], files: Sequence[Candidate], began: int
) -> ReportCache | None:
    """Return the cache of a run; None if it would be inside the checked project.

    ``began`` is the start of the run in nanoseconds.
    """
    project, top = os.path.realpath(settings.root), os.path.realpath(cache_folder())
    if top == project or top.startswith(project.rstrip(os.sep) + os.sep):
        return None
    options = {name: value for name, value in settings.given.items() if name != "jobs"}
    run = (
        *(__version__, SCHEMA, sys.version_info[:3], os.getcwd(), tuple(paths), repr(settings)),
        *(repr(sorted(options.items())), repr(settings.given_selections)),
    )
    folder = os.path.join(top, _hash(project)[:32])
    return ReportCache(project, os.path.join(folder, f"{_hash(run)}.json"), files, began)


class ReportCache:
    """The cache entry of one run."""

    def __init__(self, project: str, path: str, files: Sequence[Candidate], began: int) -> None:
        self._project = project
        self._path = path
        self._files = files
        self._began = began

    def get(self) -> Report | None:
        """Return the cached report if no file has changed."""
        try:
            entry = json.loads(read_regular(self._path))
            if entry["files"] != self._digest():
                return None
            asked = {path: was and tuple(was) for path, was in entry["asked"].items()}
            if not snapshot.unchanged(asked, entry["listed"]):
                return None
            report: Report = unpack(entry["report"], Report)
        except _UNREADABLE:
            return None
        scope = frozenset(candidate.path for candidate in self._files).difference(entry["ignored"])
        return replace(report, scope=scope)

    def put(self, report: Report, ignored: Collection[str]) -> None:
        """Store a report; a full or read-only disk is not an error."""
        asked = snapshot.stamps()
        stamps = [*(candidate.stamp for candidate in self._files), *asked.values()]
        if report.errors or report.texts or not _all_settled(filter(None, stamps), self._began):
            return
        entry = {
            "files": self._digest(),
            "asked": asked,
            "listed": snapshot.listings(),
            "ignored": sorted(ignored),
            "report": pack(replace(report, scope=frozenset())),
        }
        folder = os.path.dirname(self._path)
        with suppress(OSError, UnicodeEncodeError):
            os.makedirs(folder, mode=0o700, exist_ok=True)
            _write(os.path.join(folder, _PROJECT_FILE), self._project)
            _write(self._path, json.dumps(entry))
            _evict(folder)

    def _digest(self) -> str:
        return _hash(
            [(candidate.path, candidate.stamp) for candidate in self._files], snapshot.walks()
        )


def _all_settled(stamps: Iterable[snapshot.Stamp], began: int) -> bool:
    """Return whether all of these stamps are older than ``began`` (ns) by a safe margin."""
    newest = max((max(stamp[:2]) for stamp in stamps), default=0)
    return newest < began - MARGIN_NS * (1 if newest % _SECOND_NS else _COARSE)


def _hash(*values: Any) -> str:
    # unlike later versions, version 2 of marshal writes equal values as equal bytes
    return sha256(marshal.dumps(values, 2)).hexdigest()


def _write(path: str, text: str) -> None:
    """Write a file atomically. Raises OSError, UnicodeEncodeError."""
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
    for old in sorted(kept, key=lambda entry: entry.stat().st_mtime_ns)[:-MAX_ENTRIES]:
        with suppress(FileNotFoundError):  # another process may do the same
            os.unlink(old.path)


def pack(value: Any) -> Any:
    """Return plain JSON data: an object is ``{"Class": [fields]}``, a tuple is a list."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, dict):
        return [[pack(key), pack(item)] for key, item in value.items()]
    name = type(value).__name__
    if name in _classes():
        return {name: [pack(getattr(value, field)) for field in _fields(name)]}
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    return value


def unpack(value: Any, wanted: Any) -> Any:
    """Undo ``pack``. Raises TypeError, ValueError or KeyError for a value of another type."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        if value is None and type(None) in arguments:
            return None
        (wanted,) = (argument for argument in arguments if argument is not type(None))
        return unpack(value, wanted)
    if origin is Literal:
        if value not in arguments:
            raise ValueError(f"not one of {wanted}")
        return value
    if isinstance(value, dict):
        ((name, fields),) = value.items()
        if not issubclass(_classes()[name], wanted):
            raise TypeError(f"not {wanted}")
        pairs = zip(fields, _fields(name).values(), strict=True)
        return _classes()[name](*(unpack(field, hint) for field, hint in pairs))
    if origin is not None:
        return _unpack_container(value, origin, arguments)
    if type(value) is not wanted:
        raise TypeError(f"not {wanted}")
    return value


def _unpack_container(value: Any, origin: Any, arguments: tuple[Any, ...]) -> Any:
    if not isinstance(value, list):
        raise TypeError("not a list")
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(unpack(item, arguments[0]) for item in value)
        return tuple(unpack(item, one) for item, one in zip(value, arguments, strict=True))
    if len(arguments) == 1:
        return {unpack(item, arguments[0]) for item in value}
    return {unpack(key, arguments[0]): unpack(item, arguments[1]) for key, item in value}


@cache
def _classes() -> dict[str, Any]:
    from wslint.findings import actions, finding, report, span

    return {
        name: value
        for module in (actions, finding, report, span)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and (hasattr(value, "__dataclass_fields__") or hasattr(value, "_fields"))
    }


@cache
def _fields(name: str) -> dict[str, Any]:
    from collections.abc import Mapping, Set

    class_ = _classes()[name]
    hints = get_type_hints(class_, localns={**_classes(), "Mapping": Mapping, "Set": Set})
    names = getattr(class_, "_fields", None) or class_.__dataclass_fields__
    return {field: hints[field] for field in names}
