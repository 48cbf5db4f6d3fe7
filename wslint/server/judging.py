"""Judges open files as ``wslint check`` would if they were saved.

A judgement is kept for as long as nothing that was looked up for it has changed: neither the text
of an open file nor a file on disk. So it is known what a change touches. If only the text of the
judged file has changed, the outcomes of its other tests are kept too.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wslint.config.loader import load_settings, override
from wslint.config.settings import ConfigError, Settings
from wslint.filesystem import snapshot
from wslint.findings.report import Problem, Report
from wslint.run.check import check
from wslint.run.file_checker import internal_error
from wslint.run.judged_tests import JudgedTests
from wslint.server.diagnostics import UNREADABLE

if TYPE_CHECKING:
    from wslint.filesystem.snapshot import Stamp
    from wslint.findings.finding import Finding, Unresolved
    from wslint.server.buffers import Buffer

    Open = Mapping[str, Buffer]


# Lookups, all of which are checked after an edit; with more, a file is judged anew.
_MANY = 5000


@dataclass(frozen=True)
class Judgement:
    """The report on one open file.

    ``root``: the folder in which it was judged. ``used`` has each path that was looked up, with its
    buffer if it was open; also for tests whose outcome is that of an earlier version.
    """

    buffer: Buffer
    root: str
    settings: Settings
    report: Report
    used: Mapping[str, Buffer | None]
    stamps: Mapping[str, Stamp | None] = field(repr=False)
    listings: Mapping[str, list[str]] = field(repr=False)
    tests: JudgedTests = field(repr=False)

    @property
    def unsaved(self) -> dict[str, bytes]:
        """The bytes of the other open files that were looked up."""
        return {
            path: buffer.data
            for path, buffer in self.used.items()
            if buffer is not None and path != self.buffer.path
        }

    def is_current(self, buffers: Open) -> bool:
        """Return whether no open file that was looked up has changed."""
        return all(buffers.get(path) is buffer for path, buffer in self.used.items())

    def has_same_surroundings(self, buffers: Open) -> bool:
        """Return whether nothing that was looked up has changed but the file itself."""
        own = self.buffer.path
        return all(
            buffers.get(path) is buffer for path, buffer in self.used.items() if path != own
        ) and snapshot.unchanged(self.stamps, self.listings)


class Judge:
    """Judges files and keeps the judgements. Used in one thread only."""

    def __init__(self) -> None:
        self._kept: dict[str, Judgement] = {}

    def forget(self) -> None:
        """Judge everything again, as some configuration may have changed."""
        self._kept.clear()

    def judge(self, path: str, buffers: Open, root: str) -> Judgement:
        """Judge an open file, as ``wslint check`` in the folder ``root`` would."""
        for closed in self._kept.keys() - buffers.keys():
            del self._kept[closed]
        known = self._kept.get(path)
        if known is None or not known.has_same_surroundings(buffers):
            self._kept[path] = known = _judged(buffers[path], buffers, root)
        elif known.buffer is not buffers[path]:
            before = known if len(known.stamps) < _MANY else None
            self._kept[path] = known = _judged(buffers[path], buffers, root, before)
        return known

    def is_settled(self, buffers: Open) -> bool:
        """Return whether every open file is judged, and no edit has made that outdated."""
        return all(path in self._kept and self._kept[path].is_current(buffers) for path in buffers)

    def is_used_elsewhere(self, path: str) -> bool:
        """Return whether the judgement of another file depends on this one."""
        return any(path in other.used for name, other in self._kept.items() if name != path)

    def findings_in(self, path: str, buffers: Open) -> list[Finding]:
        """Return the findings in an open file; tests in other files may lead to some of them."""
        found: dict[object, Finding] = {}
        for judgement in self._current(path, buffers):
            for finding in judgement.report.findings:
                if finding.path == path:
                    found.setdefault((finding.code, finding.place), finding)
        return sorted(found.values(), key=lambda finding: (finding.span, finding.code))

    def unresolved_in(self, path: str, buffers: Open) -> list[Unresolved]:
        """Return what could not be judged in an open file, each place once."""
        found: dict[object, Unresolved] = {}
        for judgement in self._current(path, buffers):
            for unresolved in judgement.report.unresolved:
                if unresolved.place.path == path:
                    found.setdefault(unresolved.place, unresolved)
        return sorted(found.values(), key=lambda unresolved: unresolved.place)

    def _current(self, path: str, buffers: Open) -> list[Judgement]:
        """Return the judgements that are not outdated, that of ``path`` first."""
        names = sorted(self._kept, key=lambda name: name != path)
        return [each for name in names if (each := self._kept[name]).is_current(buffers)]


def enter(root: str) -> None:
    """Make a folder the working directory, or the nearest one above it that exists."""
    while root:
        with suppress(OSError):
            os.chdir(root)
            return
        above = os.path.dirname(root)
        root = above if above != root else ""


def _judged(buffer: Buffer, buffers: Open, root: str, before: Judgement | None = None) -> Judgement:
    """Judge an open file; ``before``: the judgement of another version, if only it has changed."""
    tests = before.tests if before is not None else JudgedTests()
    traceable, tests.traceable = tests.traceable, {}
    enter(root)
    snapshot.forget()
    settings = Settings()
    try:
        settings = override(load_settings([buffer.path]), force_exclude=True, cache=False, jobs=1)
        report = check(
            [],
            settings,
            stdin=(buffer.path, buffer.data),
            overlay={path: other.data for path, other in buffers.items()},
            make_fixes=False,
            report_on=buffers,
            known={buffer.path: tests},
        )
    except ConfigError as error:
        report = Report(errors=(Problem("", str(error)),))
    except Exception as error:
        report = Report(errors=(internal_error(error, buffer.path),))
    if any(finding.code == UNREADABLE for finding in report.findings):
        tests.traceable = traceable  # something is half typed
    stamps = snapshot.stamps()
    used = {path: buffers.get(path) for path in (*stamps, buffer.path)}
    # what an open file has on disk does not matter
    on_disk = {path: stamp for path, stamp in stamps.items() if path not in buffers}
    listings = snapshot.listings()
    if before is not None:
        used = {**before.used, **used}
        on_disk = {**before.stamps, **on_disk}
        listings = {**before.listings, **listings}
    return Judgement(buffer, root, settings, report, used, on_disk, listings, tests)
