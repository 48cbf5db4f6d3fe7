"""Collects the results of the files of one run into a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.config.resolver import SettingsResolver
from wslint.findings.report import Problem, Report, Suppressed
from wslint.syntax.source import Source, Unreadable, decode, read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.walk import FoundFiles
    from wslint.findings.actions import Action
    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.report import Notice
    from wslint.findings.span import Place
    from wslint.run.file_checker import FileResult
    from wslint.suppressions.comments import Suppressions


class ResultCollector:
    """The results of one run so far.

    ``materialised``: the actions of the fixes that can be made.
    ``folders``: the folders that were searched as a whole. ``overlay``: the bytes of files that
    aren't on disk. ``report_on``: files that are not checked, but whose findings are wanted.
    """

    def __init__(
        self,
        settings: Settings,
        found: FoundFiles | None = None,
        folders: tuple[str, ...] = (),
        overlay: Mapping[str, bytes] | None = None,
        report_on: Iterable[str] = (),
    ) -> None:
        self.resolver = found.resolver if found is not None else SettingsResolver(settings)
        self.folders = folders
        self.overlay = dict(overlay or {})
        self._is_whole = found is not None
        self.ignored: set[str] = set()
        self.materialised: set[tuple[Action, ...]] = set()
        self._scope = {candidate.path for candidate in found.files} if found else {*self.overlay}
        self._scope |= {*report_on}
        self._files = len(found.files) if found else len(self.overlay)
        # in the order of discovery, which is deterministic within a test
        self._findings: dict[Finding, None] = {}
        self._seen_from: dict[tuple[str, Place], set[str]] = {}
        self._unresolved: list[Unresolved] = []
        self._errors: list[Problem] = []
        self._comments: dict[str, Suppressions] = {}
        self._texts: dict[str, str] = {}
        self._checked: list[FileResult] = []
        self._warnings: set[Notice] = set()
        self._tests = 0
        if found is not None:
            self._errors += [Problem(path, "no such file or directory") for path in found.missing]
            for unreadable in found.unreadable:
                self._report_unreadable(unreadable)

    def add_text(self, path: str, data: bytes) -> None:
        """Add the text of standard input, which cannot be read again."""
        decoded = decode(path, data)
        failed = isinstance(decoded, Unreadable)
        self._texts[path] = data.decode("utf-8-sig", "replace") if failed else decoded[0]

    def add(self, result: FileResult) -> None:
        """Add the result of one file."""
        if result.ignored:
            self._files -= 1
            self._scope.discard(result.path)
            self.ignored.add(result.path)
        for finding in result.findings:
            if finding.fix is not None:
                self.materialised.add(finding.fix.actions)
            self._findings[finding] = None
            self._seen_from.setdefault((finding.code, finding.place), set()).add(result.path)
        for unreadable in result.unreadable:
            if unreadable.path == result.path or unreadable.path in self._scope:
                self._report_unreadable(unreadable)
        self._unresolved += result.unresolved
        self._errors += result.errors
        self._warnings.update(result.warnings)
        self._tests += result.tests
        if result.resolved is not None:
            self._checked.append(result)

    def report(self) -> Report:
        """Return the report: selected rules only, within the paths, without suppressed findings."""
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
            warnings=tuple(sorted(self._warnings)),
            files_checked=self._files,
            tests_judged=self._tests,
            texts=self._texts,
            seen_from=self._seen_from,
            scope=frozenset(self._scope),
            elsewhere=self._elsewhere(),
        )

    def _sorted(self) -> Sequence[Finding]:
        if not self._findings and not self._checked:
            return ()
        from wslint.run.deduplicate import sort_key

        wanted = self._found(lambda path: path in self._scope)
        return sorted((*wanted, *self._unused(wanted)), key=sort_key)

    def _found(self, is_in: Callable[[str], bool]) -> Sequence[Finding]:
        """Return the findings in some of the files, each once."""
        findings = [finding for finding in self._findings if is_in(finding.path)]
        if not findings:
            return ()
        from wslint.run.deduplicate import deduplicated, sort_key

        return deduplicated(sorted(self._wanted(findings), key=sort_key))

    def _elsewhere(self) -> tuple[Finding, ...]:
        """Return the findings in files that are not within the paths."""
        wanted = self._found(lambda path: path not in self._scope)
        return tuple(one for one in wanted if self._comments_of(one.path).covers(one) is None)

    def _wanted(self, findings: Iterable[Finding]) -> list[Finding]:
        from wslint.config.selection import ignored_for_file
        from wslint.rules import is_on

        known: dict[tuple[str, str], bool] = {}
        kept: list[Finding] = []
        for finding in findings:
            settings = self.resolver.of(finding.path)
            key = finding.code, settings.config_file
            if key not in known:
                # where there is one configuration, the judge has asked already
                was_asked = bool(finding.test) and not self.resolver.several
                known[key] = was_asked or is_on(finding.code, settings)
            if known[key] and not ignored_for_file(
                finding.path, finding.code, finding.name, settings
            ):
                kept.append(finding)
        return kept

    def _with_own_tier(self, finding: Finding) -> Finding:
        from wslint.run.deduplicate import with_own_tier

        return with_own_tier(finding, self.resolver.of(finding.path))

    def _with_comments(self, path: str) -> Source | None:
        from wslint.suppressions.comments import may_suppress

        limit = self.resolver.of(path).max_file_size
        data = self.overlay[path] if path in self.overlay else read_bytes(path, max_size=limit)
        if not isinstance(data, bytes) or not may_suppress(data):
            return None
        source = Source.from_bytes(path, data, max_size=limit)
        return source if isinstance(source, Source) else None

    def _unused(self, wanted: Sequence[Finding]) -> list[Finding]:
        """Return the findings about unused suppressions, if WS901 is on."""
        from wslint.rules import is_on
        from wslint.suppressions.comments import UNUSED

        if not self._is_whole or self._errors or not self._checked:
            return []
        if not any(is_on(UNUSED, settings) for settings in self.resolver.all()):
            return []
        from wslint.suppressions.unused import CheckedFiles, unused_suppressions

        checked = CheckedFiles(self._with_comments, self.folders)
        for result in self._checked:
            checked.add(result.path, result.resolved or (), result.unresolved)
        unused = unused_suppressions(checked, wanted, self.resolver)
        return self._wanted(finding for finding in unused if finding.path in self._scope)

    def _comments_of(self, path: str) -> Suppressions:
        if path not in self._comments:
            from wslint.suppressions.comments import Suppressions, suppressions
            from wslint.suppressions.unknown import unknown_in

            source = self._with_comments(path)
            self._comments[path] = suppressions(source) if source else Suppressions()
            self._warnings.update(unknown_in(path, self._comments[path].comments))
        return self._comments[path]

    def _report_unreadable(self, unreadable: Unreadable) -> None:
        """Report a file that could not be checked."""
        from wslint.rules import ws900_unreadable_source as ws900

        self._scope.add(unreadable.path)
        self._findings[ws900.finding(unreadable)] = None
