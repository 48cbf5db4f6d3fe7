"""Keeps the report of a run, so that the same run over unchanged files need not be repeated.

One file a run in ``.wslint_cache/VERSION/``, named after the paths and the settings. It holds the
stamps of all files that were looked at, within the paths and outside of them, and of the places
where none was. A file that can't be read, or isn't what this version wrote, is as good as none.
"""

from __future__ import annotations

import json
import marshal
import os
import sys
import time
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wslint import __version__, disk
from wslint.regular import read_regular
from wslint.report import Report, Suppressed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from wslint.config import Settings
    from wslint.files import Candidate
    from wslint.nearest import Nearest

FOLDER = ".wslint_cache"
SCHEMA = 1
# A file changed while it was being judged, or by a clock that is ahead, is not to be relied on.
MARGIN_NS = 50_000_000


class ReportCache:
    """What is known of one kind of run: some paths with some settings."""

    def __init__(
        self,
        settings: Settings,
        paths: Sequence[str],
        candidates: Sequence[Candidate],
        nearest: Nearest,
    ) -> None:
        self._began = time.time_ns()
        self._scope = [candidate.path for candidate in candidates]
        stamps = [(candidate.path, candidate.stamp) for candidate in candidates]
        self._newest = max((max(s[:2]) for _, s in stamps if s is not None), default=0)
        # version 2 of marshal writes the same bytes for the same values, which later ones do not
        self._files = sha256(marshal.dumps((stamps, disk.walks()), 2)).hexdigest()
        every = sorted(map(repr, nearest.all()))
        kind = (SCHEMA, sys.version_info[:3], os.getcwd(), tuple(paths), repr(settings), every)
        name = sha256(repr(kind).encode("utf-8", "surrogateescape")).hexdigest()
        self._path = os.path.join(_folder(settings), f"{name}.json")

    def get(self) -> Report | None:
        """Give the report, if nothing has changed since."""
        try:
            kept = json.loads(read_regular(self._path))
            if kept["files"] != self._files:
                return None
            asked = {path: _stamp(was) for path, was in kept["asked"].items()}
            if not disk.unchanged(asked, kept["listed"]):
                return None
            return _unpacked(kept["report"], self._scope)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None

    def put(self, report: Report, ignored: Collection[str]) -> None:
        """Keep a report; a disk that is full or read-only is no error."""
        if report.errors or report.texts:
            return
        asked = disk.stamps()
        newest = max((max(s[:2]) for s in asked.values() if s is not None), default=0)
        if max(newest, self._newest) >= self._began - MARGIN_NS:
            return
        kept = {
            "files": self._files,
            "asked": asked,
            "listed": disk.listings(),
            "report": _packed(report, ignored),
        }
        from wslint.cache_file import write

        with suppress(OSError, UnicodeEncodeError):
            write(self._path, json.dumps(kept))


def keeps_runs(settings: Settings) -> bool:
    """Tell whether some run is known, maybe the one that is asked for."""
    try:
        return settings.cache and bool(os.listdir(_folder(settings)))
    except OSError:
        return False


def _folder(settings: Settings) -> str:
    return os.path.join(settings.root, FOLDER, f"{__version__}-{SCHEMA}")


def is_cache(folder: str) -> bool:
    """Tell whether a folder is one that wslint has made."""
    try:
        return b"Made by wslint" in read_regular(os.path.join(folder, "CACHEDIR.TAG"))
    except OSError:
        return False


def _stamp(kept: object) -> disk.Stamp | None:
    return tuple(kept) if isinstance(kept, list) else None


def _packed(report: Report, ignored: Collection[str]) -> dict[str, Any]:
    if not (report.findings or report.unresolved or report.suppressed):
        return {"counts": [report.files_checked, report.tests_judged], "ignored": sorted(ignored)}
    from wslint.packing import pack

    return {
        "counts": [report.files_checked, report.tests_judged],
        "ignored": sorted(ignored),
        "findings": pack(report.findings),
        "unresolved": pack(report.unresolved),
        "suppressed": [[pack(finding), pack(by)] for finding, by in report.suppressed],
        "seen_from": [
            [code, pack(place), sorted(paths)] for (code, place), paths in report.seen_from.items()
        ],
    }


def _unpacked(kept: dict[str, Any], scope: Iterable[str]) -> Report:
    files, tests = kept["counts"]
    if type(files) is not int or type(tests) is not int:
        raise TypeError("not numbers")
    whole = frozenset(scope).difference(kept["ignored"])
    if "findings" not in kept:
        return Report(files_checked=files, tests_judged=tests, scope=whole)
    from wslint.finding import Finding, Unresolved
    from wslint.packing import unpack
    from wslint.spans import Place
    from wslint.suppress import Suppression

    return Report(
        findings=unpack(kept["findings"], tuple[Finding, ...]),
        unresolved=unpack(kept["unresolved"], tuple[Unresolved, ...]),
        suppressed=tuple(
            Suppressed(unpack(finding, Finding), unpack(by, Suppression))
            for finding, by in kept["suppressed"]
        ),
        files_checked=files,
        tests_judged=tests,
        seen_from={
            (unpack(code, str), unpack(place, Place)): set(unpack(paths, tuple[str, ...]))
            for code, place, paths in kept["seen_from"]
        },
        scope=whole,
    )
