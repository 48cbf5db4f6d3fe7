"""Caches the outcome of each file, with all that was looked up for it.

An outcome is used again if the file, and every path that was looked at or looked for, is as it was:
so after an edit only the file and what links to it is checked again.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from wslint import __version__
from wslint.filesystem import snapshot
from wslint.filesystem.lookups import Lookups
from wslint.run.cache import SCHEMA, UNREADABLE, ProjectCache, digest, is_settled
from wslint.run.file_checker import FileResult
from wslint.run.serialize import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wslint.discovery.walk import Candidate
    from wslint.filesystem.snapshot import Stamp
    from wslint.findings.finding import Finding
    from wslint.run.file_checker import FileChecker

# The number of files of a project whose outcomes are kept.
MAX_RESULTS = 10_000


def settings_key(checker: FileChecker) -> str:
    """Return the digest of what the outcome of every file depends on."""
    settings = checker.settings
    options = {n: value for n, value in settings.given.items() if n not in ("jobs", "tests")}
    return digest(
        *(__version__, SCHEMA, sys.version_info[:3], os.getcwd(), checker.makes_fixes),
        *(repr(replace(settings, tests={})), repr(sorted(options.items()))),
        *(repr(settings.given_selections), sorted(checker.resolver.roles().items())),
    )


class ResultCache:
    """The outcomes of the files of a project under some settings.

    ``began`` is the start of the run in nanoseconds. Content of another form than expected counts
    as missing.
    """

    def __init__(
        self, project: ProjectCache, checker: FileChecker, files: Iterable[Candidate], began: int
    ) -> None:
        self._project = project
        self._checker = checker
        self._began = began
        self._name = f"results-{settings_key(checker)}"
        self._stamps = {file.path: file.stamp for file in files}
        self._settings: dict[int, str] = {}
        content = project.read(self._name)
        self._rows = _listed(content.get("rows"))
        self._entries: dict[str, Any] = content.get("entries", {})
        if not isinstance(self._entries, dict):
            self._entries = {}
        self._current: dict[int, bool] = {}
        self._new: dict[str, tuple[str, list[Any], FileResult]] = {}
        self._used: set[str] = set()

    def get(self, candidate: Candidate) -> FileResult | None:
        """Return the outcome of a file, if nothing that it depends on has changed."""
        found = self._get(candidate.path, self._settings_of(candidate.path))
        return found if found is not None and found.path == candidate.path else None

    def put(self, result: FileResult) -> None:
        """Keep the outcome of a file, if it depends only on what was looked up."""
        if result.looked_up and not result.ignored and not result.errors:
            self._put(result.path, self._settings_of(result.path), result)

    def materialised(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return findings with only those fixes that can be made, which may be known."""
        key = f"fixes {digest([repr(finding) for finding in findings])}"
        known = self._get(key, "")
        if known is not None and len(known.findings) == len(findings):
            return known.findings
        with Lookups() as lookups:
            made = self._checker.materialised(findings)
        paths, _ = lookups.all()
        self._put(key, "", FileResult("", findings=tuple(made), looked_up=tuple(sorted(paths))))
        return made

    def save(self) -> None:
        """Write what was found, if anything is new."""
        kept = {
            key: entry
            for key, entry in self._entries.items()
            if key in self._used or (key not in self._new and os.path.isfile(key))
        }
        if not self._new and len(kept) == len(self._entries):
            return
        rows: dict[str, int] = {}
        table: list[Any] = []

        def numbered(row: Any) -> int:
            key = repr(row)
            if key not in rows:
                rows[key] = len(table)
                table.append(row)
            return rows[key]

        entries: dict[str, Any] = {}
        for key, (settings, numbers, packed) in kept.items():
            entries[key] = settings, [numbered(self._rows[n]) for n in numbers], packed
        for key, (settings, own, result) in self._new.items():
            packed = pack(result._replace(looked_up=(), listed=()))
            entries[key] = settings, [numbered(row) for row in own], packed
        newest = dict(list(entries.items())[-MAX_RESULTS:])
        self._project.write(self._name, {"rows": table, "entries": newest})

    def _get(self, key: str, settings: str) -> FileResult | None:
        try:
            known, rows, packed = self._entries[key]
            if known != settings or not all(map(self._is_current, rows)):
                return None
            result: FileResult = unpack(packed, FileResult)
        except UNREADABLE:
            return None
        self._used.add(key)
        return result

    def _put(self, key: str, settings: str, result: FileResult) -> None:
        rows: list[Any] = []
        for path in result.looked_up:
            found = self._stamp(path)
            if not is_settled(found, self._began):
                return
            rows.append([path, None if found is None else list(found)])
        rows += [[folder, {"listed": snapshot.requirements_in(folder)}] for folder in result.listed]
        self._new[key] = settings, rows, result

    def _is_current(self, number: int) -> bool:
        if number not in self._current:
            path, was = self._rows[number]
            if isinstance(was, dict):
                is_current = snapshot.requirements_in(path) == was["listed"]
            else:
                is_current = self._stamp(path) == (None if was is None else tuple(was))
            self._current[number] = is_current
        return self._current[number]

    def _stamp(self, path: str) -> Stamp | None:
        known = self._stamps.get(path)
        return known if known is not None else snapshot.stamp_at(path)

    def _settings_of(self, path: str) -> str:
        settings = self._checker.resolver.of(path)
        if id(settings) not in self._settings:
            self._settings[id(settings)] = digest(repr(replace(settings, tests={})))
        tests = settings.tests.get(path)
        return self._settings[id(settings)] + (f" {tests}" if tests else "")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
