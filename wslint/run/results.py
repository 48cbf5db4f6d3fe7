"""Puts together what became of the files of a run."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from wslint.config.resolver import Nearest
from wslint.findings.report import Problem, Report, Suppressed
from wslint.syntax.source import Source, read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.walk import Found
    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.span import Place
    from wslint.run.file_checker import Outcome
    from wslint.suppressions.comments import Suppressions
    from wslint.suppressions.unused import Judged
    from wslint.syntax.source import Unreadable


class Gathering:
    """What one run has learned so far.

    ``folders`` were searched as a whole; ``overlay`` holds the bytes of files that aren't on disk.
    """

    def __init__(
        self,
        settings: Settings,
        found: Found | None = None,
        folders: tuple[str, ...] = (),
        overlay: Mapping[str, bytes] | None = None,
    ) -> None:
        self.nearest = found.nearest if found is not None else Nearest(settings)
        self.folders = folders
        self.overlay = dict(overlay or {})
        self._is_whole = found is not None
        self.ignored: set[str] = set()
        self._scope = {candidate.path for candidate in found.files} if found else {*self.overlay}
        self._files = len(found.files) if found else len(self.overlay)
        # in the order in which they were found, which for one test is always the same
        self._findings: dict[Finding, None] = {}
        self._ready_for: set[str] = set()
        self._seen_from: dict[tuple[str, Place], set[str]] = {}
        self._unresolved: list[Unresolved] = []
        self._errors: list[Problem] = []
        self._comments: dict[str, Suppressions] = {}
        self._texts: dict[str, str] = {}
        self._tests = 0
        if found is not None:
            self._errors += [Problem(path, "no such file or directory") for path in found.missing]
            for unreadable in found.unreadable:
                self._report_unreadable(unreadable)

    def add_stdin(self, path: str, data: bytes, source: Source | Unreadable) -> None:
        """Take up standard input as one more file."""
        self._files += 1
        self._scope.add(path)
        self.overlay[path] = data
        text = source.text if isinstance(source, Source) else data.decode("utf-8-sig", "replace")
        self._texts[path] = text

    def take(self, outcome: Outcome) -> None:
        """Take up what became of one file."""
        if outcome.ignored:
            self._files -= 1
            self._scope.discard(outcome.path)
            self.ignored.add(outcome.path)
        for finding in outcome.findings:
            if finding.code not in self._ready_for:
                self._make_ready(finding)
            self._findings[finding] = None
            self._seen_from.setdefault((finding.code, finding.place), set()).add(outcome.path)
        for unreadable in outcome.unreadable:
            if unreadable.path == outcome.path or unreadable.path in self._scope:
                self._report_unreadable(unreadable)
        self._unresolved += outcome.unresolved
        self._errors += outcome.errors
        self._tests += outcome.tests
        if outcome.resolved is not None and self._judged is not None:
            self._judged.learn(outcome)

    def _make_ready(self, finding: Finding) -> None:
        """Import what the report will take, as long as other processes are at work."""
        from wslint.config import per_file_ignores as per_file  # noqa: F401
        from wslint.rules import is_on
        from wslint.run import deduplicate as merging  # noqa: F401

        is_on(finding.code, self.nearest.of(finding.path))
        self._ready_for.add(finding.code)

    def report(self) -> Report:
        """Drop what is off, out of the paths or suppressed, and sort the rest."""
        kept: list[Finding] = []
        suppressed: list[Suppressed] = []
        for finding in self._sorted():
            by = self._comments_of(finding.path).covers(finding)
            if by is None:
                kept.append(self._with_own_tier(finding))
            else:
                suppressed.append(Suppressed(finding, by))
        return Report(
            findings=tuple(kept),
            errors=tuple(sorted(self._errors)),
            unresolved=tuple(sorted(self._unresolved, key=lambda u: (u.place, u.test, u.reason))),
            suppressed=tuple(suppressed),
            files_checked=self._files,
            tests_judged=self._tests,
            texts=self._texts,
            seen_from=self._seen_from,
            scope=frozenset(self._scope),
        )

    def _sorted(self) -> Sequence[Finding]:
        if not self._findings and vars(self).get("_judged") is None:
            return ()
        from wslint.run.deduplicate import merged, sort_key

        wanted = merged(sorted(self._wanted(self._findings), key=sort_key))
        return sorted((*wanted, *self._unused(wanted)), key=sort_key)

    def _wanted(self, found: Iterable[Finding]) -> list[Finding]:
        from wslint.config.per_file_ignores import ignored_for_file
        from wslint.rules import is_on

        known: dict[tuple[str, str], bool] = {}
        kept: list[Finding] = []
        for one in found:
            if one.path not in self._scope:
                continue
            settings = self.nearest.of(one.path)
            key = one.code, settings.config_file
            if key not in known:
                known[key] = is_on(one.code, settings)
            if known[key] and not ignored_for_file(one.path, one.code, one.name, settings):
                kept.append(one)
        return kept

    def _with_own_tier(self, finding: Finding) -> Finding:
        from wslint.run.deduplicate import with_own_tier

        return with_own_tier(finding, self.nearest.of(finding.path))

    @cached_property
    def _judged(self) -> Judged | None:
        """The files whose comments are looked at, where WS901 is on."""
        from wslint.rules import is_on
        from wslint.suppressions.comments import UNUSED

        if not self._is_whole or not any(is_on(UNUSED, one) for one in self.nearest.all()):
            return None
        from wslint.suppressions.unused import Judged

        return Judged(self._with_comments, self.folders)

    def _with_comments(self, path: str) -> Source | None:
        from wslint.suppressions.comments import may_suppress

        limit = self.nearest.of(path).max_file_size
        data = self.overlay[path] if path in self.overlay else read_bytes(path, max_size=limit)
        if not isinstance(data, bytes) or not may_suppress(data):
            return None
        source = Source.from_bytes(path, data, max_size=limit)
        return source if isinstance(source, Source) else None

    def _unused(self, wanted: Sequence[Finding]) -> list[Finding]:
        judged = vars(self).get("_judged")
        if judged is None or self._errors:
            return []
        from wslint.suppressions.unused import unused_suppressions

        return self._wanted(unused_suppressions(judged, wanted, self.nearest))

    def _comments_of(self, path: str) -> Suppressions:
        if path not in self._comments:
            from wslint.suppressions.comments import Suppressions, suppressions

            source = self._with_comments(path)
            self._comments[path] = suppressions(source) if source else Suppressions()
        return self._comments[path]

    def _report_unreadable(self, unreadable: Unreadable) -> None:
        """Make a finding of a file that could not be judged."""
        from wslint.rules import ws900_unreadable_source as ws900

        self._scope.add(unreadable.path)
        self._findings[ws900.finding(unreadable)] = None
