"""Checks single files, in each process of a run."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from wslint.config.own_rules import OwnRuleFailed
from wslint.config.resolver import SettingsResolver
from wslint.discovery.prefilter import Prefilter
from wslint.discovery.walk import ignores
from wslint.filesystem.lookups import Lookups
from wslint.findings.report import Problem
from wslint.syntax.source import Source, Unreadable, read_bytes, read_found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.walk import Candidate
    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.report import Notice
    from wslint.linking.program import Program
    from wslint.linking.reachability import Reachability
    from wslint.project.layout import Layout
    from wslint.run.judged_tests import JudgedTests


class FileResult(NamedTuple):
    """The outcome for one file.

    ``ignored``: excluded by a .gitignore or a setting. ``resolved`` are the first and last lines of
    the tests in which everything could be followed, None where the file was not checked.
    ``looked_up`` and ``listed`` are the paths and folders that the outcome depends on; none if it
    depends on more.
    """

    path: str
    ignored: bool = False
    findings: tuple[Finding, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Notice, ...] = ()
    tests: int = 0
    resolved: tuple[tuple[int, int], ...] | None = None
    looked_up: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()


class FileChecker:
    """Checks files, and caches the files that they lead to.

    ``resolver`` has the settings of each file; ``overlay`` has the bytes of unsaved files. With
    ``watches_comments``, no test of a file with suppressions is skipped if WS901 is on. With
    ``makes_fixes``, each fix is made once, and one that can't be made is replaced by the reason.
    ``known`` has the outcomes of tests for another version of a file.
    """

    def __init__(
        self,
        settings: Settings,
        resolver: SettingsResolver | None = None,
        overlay: Mapping[str, bytes] | None = None,
        *,
        watches_comments: bool = False,
        makes_fixes: bool = False,
        known: Mapping[str, JudgedTests] | None = None,
    ) -> None:
        self.settings = settings
        self.resolver = resolver or SettingsResolver(settings)
        self.overlay = dict(overlay or {})
        self.watches_comments = watches_comments
        self.makes_fixes = makes_fixes
        self.known = known or {}
        self.prefilter = Prefilter(self.resolver.roles())

    @cached_property
    def program(self) -> Program:
        """The files that names lead to, each read once."""
        from wslint.linking.program import Program

        return Program(self.overlay, self.settings.max_file_size, self.prefilter.own)

    @cached_property
    def layout(self) -> Layout:
        """Resolves paths without parsing any file."""
        from wslint.project.layout import Layout

        return Layout(self.overlay, max_file_size=self.settings.max_file_size)

    @cached_property
    def reachability(self) -> Reachability:
        """Finds the tests of a file that can be skipped."""
        from wslint.linking.reachability import Reachability

        return Reachability(self.program, self.prefilter)

    def max_size(self, path: str) -> int:
        """Return the size up to which a file is read."""
        settings = self.resolver.of(path) if self.resolver.several else self.settings
        return settings.max_file_size

    def passes(self, candidate: Candidate) -> bool:
        """Return whether a file passes the prefilter, or can't be read."""
        path, stamp = candidate.path, candidate.stamp
        if path in self.settings.tests:
            return True
        size = stamp[2] if stamp is not None and path not in self.overlay else None
        if size is not None and size < self.prefilter.shortest and not candidate.named:
            return False  # most __init__.py are empty
        data = self._read(candidate)
        if isinstance(data, Unreadable) or self.prefilter.passes(data):
            return True
        return len(data) > self.max_size(path) and self.prefilter.large_file_passes(path)

    def check(self, candidate: Candidate) -> FileResult:
        """Check a file, unless a .gitignore or a setting excludes it."""
        with Lookups() as lookups:
            result = self._check(candidate)
        looked_up, listed = lookups.all()
        # a statement that can't be followed is reported only once
        if result.errors or self.program.had_problems(looked_up):
            return result
        looked_up.add(candidate.path)
        return result._replace(looked_up=tuple(sorted(looked_up)), listed=tuple(sorted(listed)))

    def _check(self, candidate: Candidate) -> FileResult:
        path = candidate.path
        if ignores(candidate, self.resolver):
            return FileResult(path, ignored=True)
        data = self._read(candidate)
        if isinstance(data, Unreadable):
            return FileResult(path, unreadable=(data,))
        return self.check_source(Source.from_bytes(path, data, max_size=self.max_size(path)), path)

    def check_readable(self, candidate: Candidate) -> FileResult | None:
        """Return the result of a file without websockets: WS900 or warnings, else None."""
        path = candidate.path
        data = self._read(candidate)
        if not isinstance(data, Unreadable):
            source = Source.from_bytes(path, data, max_size=self.max_size(path))
            if isinstance(source, Source):
                warnings = self._warnings(source)
                return FileResult(path, warnings=tuple(warnings)) if warnings else None
            data = source
        return FileResult(path, unreadable=(data,))

    def check_source(self, source: Source | Unreadable, path: str) -> FileResult:
        """Run the rules on one file; an internal error affects only that file."""
        if isinstance(source, Unreadable):
            return FileResult(path, unreadable=(source,))
        from wslint.run.judge import judge_file

        settings = self.resolver.of(path)
        try:
            # a suppression may be in a test that would be skipped
            reachability = None if self._watches(source) else self.reachability
            judged = judge_file(source, settings, self.program, reachability, self.known.get(path))
            findings = self.materialised(judged.findings)
            warnings = self._warnings(source)
        except (RecursionError, MemoryError) as error:
            reason = f"is nested too deeply to be followed ({type(error).__name__})"
            deep = Unreadable(path, source.measures[2], 0, reason)
            return FileResult(path, unreadable=(deep,))
        except Exception as error:
            return FileResult(path, errors=(internal_error(error, path),))
        unreadable = (*judged.unreadable, *self.program.new_problems())
        if os.path.basename(path) != "conftest.py":
            self.program.release(path)
        return FileResult(
            path,
            findings=tuple(findings),
            unresolved=tuple(judged.unresolved),
            unreadable=unreadable,
            errors=tuple(Problem(path, message) for message in judged.missing),
            warnings=tuple(warnings),
            tests=judged.tests,
            resolved=tuple(judged.resolved),
        )

    def _read(self, candidate: Candidate) -> bytes | Unreadable:
        path, limit = candidate.path, self.max_size(candidate.path)
        if path in self.overlay:
            return self.overlay[path]
        if candidate.named:
            return read_bytes(path, max_size=limit)
        return read_found(path, candidate.stamp, max_size=limit)

    def materialised(self, findings: Sequence[Finding]) -> Sequence[Finding]:
        """Return the findings with only those fixes that can be made."""
        if not self.makes_fixes or all(finding.fix is None for finding in findings):
            return findings
        from wslint.fixes.materialise import materialise_fixes

        return materialise_fixes(findings, self.overlay, self.settings.max_file_size)

    def _warnings(self, source: Source) -> Sequence[Notice]:
        if b"wslint:" not in source.data:
            return ()
        from wslint.suppressions.unknown import unknown_rules

        return unknown_rules(source)

    def _watches(self, source: Source) -> bool:
        if not self.watches_comments:
            return False
        from wslint.rules import is_on
        from wslint.suppressions.comments import UNUSED, may_suppress

        return may_suppress(source.data) and is_on(UNUSED, self.resolver.of(source.path))


def internal_error(error: Exception, path: str = "") -> Problem:
    """Describe an internal error, with everything that a bug report needs."""
    import traceback

    detail = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    message = (
        f"internal error: {type(error).__name__}: {error}; this is a bug in wslint, please report "
        "it with this file (WSLINT_TRACEBACK=1 shows the traceback)"
    )
    if isinstance(error, OwnRuleFailed):
        message = f"{error} (WSLINT_TRACEBACK=1 shows the traceback)"
    return Problem(path, message, detail)
