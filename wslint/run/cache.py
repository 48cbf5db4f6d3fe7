"""Keeps the report of a run, so that the same run over unchanged files need not be repeated.

One file a run in ``.wslint_cache/VERSION/``, named after the paths and the settings. It holds the
stamps of all files that were looked at, within the paths and outside of them, and of the places
where none was. A file that can't be read, or isn't what this version wrote, is as good as none.

It is asked twice: before the folders are walked through, when all that is known is looked at where
it was; and after that, as most of what changes in a folder has nothing to do with wslint.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from wslint.filesystem import snapshot as disk
from wslint.filesystem.safe_read import read_regular
from wslint.findings.report import Report, Suppressed
from wslint.run import walk_record
from wslint.run.cache_folder import FOLDER, SCHEMA, folder_of
from wslint.run.walk_record import all_settled, digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.walk import Candidate

# What goes wrong with an entry that isn't what this version wrote.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError)


class ReportCache:
    """What is known of one kind of run: some paths with some settings.

    ``began`` is when this run did, in nanoseconds: what has changed since then is not relied on.
    """

    def __init__(self, settings: Settings, paths: Sequence[str], began: int) -> None:
        self._began = began
        self._own = os.path.join(settings.root, FOLDER)
        given = {name: value for name, value in settings.given.items() if name != "jobs"}
        said = (repr(settings), repr(sorted(given.items())), repr(settings.given_selections))
        kind = (SCHEMA, sys.version_info[:3], os.getcwd(), tuple(paths), *said)
        name = sha256(repr(kind).encode("utf-8", "surrogateescape")).hexdigest()
        self._path = os.path.join(folder_of(settings), f"{name}.json")
        self._kept = self._read()
        self._walked: dict[str, Any] = {}
        self._relies = False

    @property
    def may_know(self) -> bool:
        """Whether there is a report of such a run that may still hold, as far as is known."""
        return self._kept is not None

    def _read(self) -> dict[str, Any] | None:
        try:
            kept = json.loads(read_regular(self._path))
            return kept if isinstance(kept, dict) else None
        except _UNREADABLE:
            return None

    def get(self) -> Report | None:
        """Give the report, if every file and folder is as it was; to be asked before a walk."""
        kept, self._kept = self._kept, None
        try:
            if kept is None or not self._same_elsewhere(kept):
                return None
            walk = kept["walk"]
            if walk is not None:
                if not walk_record.same_files(walk):
                    return None
                if walk_record.same_folders(walk):
                    return _unpacked(kept["report"], walk_record.files_of(walk))
        except _UNREADABLE:
            return None
        self._kept = kept
        return None

    def get_of(self, candidates: Sequence[Candidate]) -> Report | None:
        """Give the report, if a walk led to the same files, and these are as they were."""
        kept = self._kept
        try:
            if kept is None or kept["files"] != _digest(candidates):
                return None
            if not self._same_elsewhere(kept):
                return None
            report = _unpacked(kept["report"], [candidate.path for candidate in candidates])
        except _UNREADABLE:
            return None
        self.remember(candidates)
        self._write({**kept, **self._walked})
        return report

    def remember(self, candidates: Sequence[Candidate]) -> None:
        """Take up what a walk led to."""
        files = {candidate.path: candidate.stamp for candidate in candidates}
        folders = [folder for folder, _ in disk.walks()]
        walk = walk_record.record(files, folders, self._own, self._began)
        self._walked = {"files": _digest(candidates, walk), "walk": walk}
        self._relies = all_settled(filter(None, files.values()), self._began)

    @staticmethod
    def _same_elsewhere(kept: dict[str, Any]) -> bool:
        asked = {path: _stamp(was) for path, was in kept["asked"].items()}
        return disk.unchanged(asked, kept["listed"])

    def put(self, report: Report, ignored: Collection[str]) -> None:
        """Keep the report of what is remembered; a disk that is full or read-only is no error."""
        if report.errors or report.texts or not self._relies:
            return
        asked = disk.stamps()
        if all_settled(filter(None, asked.values()), self._began):
            self._write(
                {
                    **self._walked,
                    "asked": asked,
                    "listed": disk.listings(),
                    "report": _packed(report, ignored),
                }
            )

    def _write(self, kept: dict[str, Any]) -> None:
        from wslint.run.cache_file import device_with_times, write

        with suppress(OSError, UnicodeEncodeError):
            walk = kept["walk"]
            if walk and walk["devices"] != [device_with_times(os.path.dirname(self._path))]:
                kept = {**kept, "walk": None}
            write(self._path, json.dumps(kept))


def _digest(candidates: Sequence[Candidate], walk: Mapping[str, Any] | None = None) -> str:
    """Give a short form of the files and their stamps, and of what is watched in the folders.

    The record of the ``walk``, where there is one, has half of that already.
    """
    if walk is None:
        paths = walk_record.joined(candidate.path for candidate in candidates)
        stamps = digest([candidate.stamp for candidate in candidates])
    else:
        paths, stamps = walk["files"], walk["file_stamps"]
    return digest(paths, stamps, disk.walks())


def _stamp(kept: object) -> disk.Stamp | None:
    return tuple(kept) if isinstance(kept, list) else None


def _packed(report: Report, ignored: Collection[str]) -> dict[str, Any]:
    if not (report.findings or report.unresolved or report.suppressed):
        return {"counts": [report.files_checked, report.tests_judged], "ignored": sorted(ignored)}
    from wslint.run.serialize import pack

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
    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.span import Place
    from wslint.run.serialize import unpack
    from wslint.suppressions.comments import Suppression

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
