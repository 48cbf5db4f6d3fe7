"""Caches the outcome of each file, with all that was looked up for it.

An outcome is used again if the file, and every path that was looked at or looked for, is as it was:
so after an edit only the file and what links to it is checked again.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from wslint import __version__
from wslint.filesystem import snapshot
from wslint.filesystem.lookups import Lookups
from wslint.findings.finding import Finding
from wslint.run.cache import SCHEMA, UNREADABLE, ProjectCache, digest, is_settled
from wslint.run.file_checker import FileResult
from wslint.run.serialize import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wslint.discovery.walk import Candidate
    from wslint.filesystem.snapshot import Stamp
    from wslint.run.file_checker import FileChecker

T = TypeVar("T")

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

    ``paths`` are those of the run, ``began`` is its start in nanoseconds. Content of another form
    than expected counts as missing.
    """

    def __init__(
        self,
        project: ProjectCache,
        checker: FileChecker,
        paths: Sequence[str],
        files: Iterable[Candidate],
        began: int,
    ) -> None:
        self._project = project
        self._checker = checker
        self._began = began
        self._paths = digest(tuple(paths))
        self._name = f"results-{settings_key(checker)}"
        self._stamps = {file.path: file.stamp for file in files}
        self._settings: dict[int, str] = {}
        content = project.read(self._name)
        self._rows = _listed(content.get("rows"))
        self._entries: dict[str, Any] = content.get("entries", {})
        if not isinstance(self._entries, dict):
            self._entries = {}
        self._new: dict[str, tuple[str, list[Any], Any]] = {}
        self._used: set[str] = set()
        self._stale: set[str] = set()
        # the row of each path; None if it may have changed meanwhile
        self._row_of: dict[str, Any] = {}

    def get(self, candidate: Candidate) -> FileResult | None:
        """Return the outcome of a file, if nothing that it depends on has changed."""
        found: FileResult | None = self._get(
            candidate.path, self._settings_of(candidate.path), FileResult
        )
        return found if found is not None and found.path == candidate.path else None

    def put(self, result: FileResult) -> None:
        """Keep the outcome of a file, if it depends only on what was looked up."""
        if result.looked_up and not result.ignored and not result.errors:
            plain = result._replace(looked_up=(), listed=())
            settings = self._settings_of(result.path)
            self._put(result.path, settings, result.looked_up, result.listed, plain)

    def remembered(self, name: str, inputs: str, wanted: Any, make: Callable[[], T]) -> T:
        """Return what ``make`` returns for some inputs: data of the type ``wanted``."""
        key = f"{name} of {self._paths}"
        known: T | None = self._get(key, inputs, wanted)
        if known is not None:
            return known
        with Lookups() as lookups:
            made = make()
        self._put(key, inputs, *lookups.all(), made)
        return made

    def materialised(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return findings with only those fixes that can be made, which may be known."""
        return self.remembered(
            "fixes",
            digest([repr(finding) for finding in findings]),
            tuple[Finding, ...],
            lambda: tuple(self._checker.materialised(findings)),
        )

    def save(self) -> None:
        """Write what was found, if anything is new."""
        kept = {
            key: entry
            for key, entry in self._entries.items()
            if key in self._used or (key not in self._stale and self._may_be_used(key))
        }
        if not self._new and len(kept) == len(self._entries):
            return
        numbers: dict[str, int] = {}
        table: list[Any] = []

        def numbered(row: Any) -> int:
            number = numbers.setdefault(f"{row[0]} {row[1]}", len(table))
            if number == len(table):
                table.append(row)
            return number

        entries: dict[str, Any] = {}
        for key, entry in kept.items():
            with suppress(*UNREADABLE):
                settings, rows, packed = entry
                entries[key] = settings, [numbered(self._rows[n]) for n in rows], packed
        for key, (settings, rows, value) in self._new.items():
            entries[key] = settings, list(map(numbered, rows)), pack(value)
        newest = dict(list(entries.items())[-MAX_RESULTS:])
        self._project.write(self._name, {"rows": table, "entries": newest})

    def _may_be_used(self, key: str) -> bool:
        """Return whether an entry that this run hasn't used is kept for others."""
        return not os.path.isabs(key) or os.path.isfile(key)

    def _get(self, key: str, settings: str, wanted: Any) -> Any:
        try:
            known, rows, packed = self._entries[key]
            if known != settings or not self._true_rows.issuperset(rows):
                self._stale.add(key)
                return None
            value = unpack(packed, wanted)
        except UNREADABLE:
            self._stale.add(key)
            return None
        self._used.add(key)
        return value

    def _put(
        self, key: str, settings: str, paths: Iterable[str], folders: Iterable[str], value: Any
    ) -> None:
        rows = [self._row(path) for path in sorted(paths)]
        if None not in rows:
            listed = [
                (path, {"listed": snapshot.requirements_in(path)}) for path in sorted(folders)
            ]
            self._new[key] = settings, [*rows, *listed], value

    def _row(self, path: str) -> Any:
        if path not in self._row_of:
            stamp = self._stamp(path)
            self._row_of[path] = (path, stamp) if is_settled(stamp, self._began) else None
        return self._row_of[path]

    @cached_property
    def _true_rows(self) -> set[int]:
        """The numbers of the rows that are still true."""
        return {number for number, row in enumerate(self._rows) if self._is_true(row)}

    def _is_true(self, row: Any) -> bool:
        try:
            path, was = row
            if isinstance(was, dict):
                return bool(snapshot.requirements_in(path) == was["listed"])
            return self._stamp(path) == (None if was is None else tuple(was))
        except UNREADABLE:
            return False

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
