"""Runs the stages over the files of one call and puts the report together."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from wslint import files
from wslint.gate import Gate
from wslint.merging import merged, sort_key, with_own_tier
from wslint.nearest import Nearest
from wslint.recursion import room
from wslint.report import Problem, Report, Suppressed
from wslint.source import Source, Unreadable, read_bytes, read_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wslint.config import Settings
    from wslint.finding import Finding, Unresolved
    from wslint.link.program import Program
    from wslint.link.reach import Reach
    from wslint.spans import Place
    from wslint.suppress import Suppressions
    from wslint.unused import Judged


def check(
    paths: Sequence[str],
    settings: Settings,
    *,
    stdin: tuple[str, bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Judge the files that ``paths`` name or hold; ``stdin`` is one more: its name and bytes.

    ``progress`` is told how many files are done, and how many there are.
    """
    run = _Run(settings)
    found = files.find_files(paths, settings)
    run.look_up(found.nearest)
    run.errors += [Problem(path, "no such file or directory") for path in found.missing]
    run.scope = {candidate.path for candidate in found.files}
    for unreadable in found.unreadable:
        run.report_unreadable(unreadable)
    run.judges_comments = True
    run.folders = tuple(files.absolute_path(path) for path in paths if os.path.isdir(path))
    with room():
        for number, candidate in enumerate(found.files):
            if progress is not None:
                progress(number, len(found.files))
            run.visit(candidate, found)
        if stdin is not None:
            run.visit_stdin(*stdin)
        run.follow_leads(found)
        run.keep()
        return run.report()


def check_files(contents: Mapping[str, bytes], settings: Settings) -> Report:
    """Judge files as if they held ``contents``; what they lead to is read from disk."""
    run = _Run(settings)
    run.overlay = dict(contents)
    run.scope = set(contents)
    nearest = Nearest(settings)
    for path in contents:
        nearest.of(path)
    run.look_up(nearest)
    with room():
        for path, data in sorted(contents.items()):
            run.files_checked += 1
            run.judge(Source.from_bytes(path, data, max_size=settings.max_file_size), gated=True)
        return run.report()


class _Run:
    """What one call to ``check`` gathers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.nearest = Nearest(settings)
        self.overlay: dict[str, bytes] = {}
        self.scope: set[str] = set()
        self.findings: set[Finding] = set()
        self.seen_from: dict[tuple[str, Place], set[str]] = {}
        self.unresolved: list[Unresolved] = []
        self.errors: list[Problem] = []
        self.sources: dict[str, Source] = {}
        self.comments: dict[str, Suppressions] = {}
        self.texts: dict[str, str] = {}
        self.gate = Gate(settings.roles)
        self.let_through: list[files.Candidate] = []
        self.held_back: list[files.Candidate] = []
        self.files_checked = 0
        self.tests_judged = 0
        self.judges_comments = False
        self.folders: tuple[str, ...] = ()

    def look_up(self, nearest: Nearest) -> None:
        """Take the settings of each file from where they were found; the gate knows all names."""
        self.nearest = nearest
        if nearest.several:
            self.gate = Gate(nearest.roles())

    def limit(self, path: str) -> int:
        """Give the size up to which a file is read."""
        settings = self.nearest.of(path) if self.nearest.several else self.settings
        return settings.max_file_size

    @cached_property
    def program(self) -> Program:
        """The files that names lead to, read once for the whole run."""
        from wslint.link.program import Program

        cache = None
        if self.settings.cache and self.settings.root:
            from wslint.cache import ScriptCache

            cache = ScriptCache(self.settings.root)
        limit = self.settings.max_file_size
        return Program(self.overlay, max_file_size=limit, cache=cache)

    @cached_property
    def judged(self) -> Judged | None:
        """The files whose comments are looked at, where WS901 is on."""
        from wslint.rules import selected_rules
        from wslint.suppress import UNUSED

        on = (rule.code for each in self.nearest.all() for rule in selected_rules(each))
        if not self.judges_comments or UNUSED not in on:
            return None
        from wslint.unused import Judged

        return Judged(self.folders)

    @cached_property
    def reach(self) -> Reach:
        """What tells which tests of a file can be skipped."""
        from wslint.link.reach import Reach

        return Reach(self.program, self.gate)

    def keep(self) -> None:
        """Put what this run has learned into the cache, and report what libcst could not read."""
        if "program" in vars(self):
            self.program.keep()
            for unreadable in self.program.problems():
                if unreadable.path in self.scope:
                    self.report_unreadable(unreadable)

    def _forget_cache(self) -> bool:
        """Begin again without the cache, which may hold anything; False where there was none."""
        if self.program.cache is None:
            return False
        limit = self.settings.max_file_size
        vars(self).pop("reach", None)
        vars(self)["program"] = type(self.program)(self.overlay, max_file_size=limit)
        return True

    def visit(self, candidate: files.Candidate, found: files.Found) -> None:
        """Judge a file, if it passes the gate and nothing leaves it out.

        A file given by name is parsed even where it fails the gate, so that naming a broken file
        never looks like an all-clear; with force-exclude, names are treated like finds.
        """
        self.files_checked += 1
        limit = self.limit(candidate.path)
        data = read_bytes(candidate.path, max_size=limit)
        gated = isinstance(data, Unreadable) or self.gate.passes(data)
        if isinstance(data, bytes) and len(data) > limit and not gated:
            gated = self.gate.large_file_passes(candidate.path)
        (self.let_through if gated else self.held_back).append(candidate)
        forced = candidate.named and self.nearest.of(candidate.path).force_exclude
        if not gated and (not candidate.named or forced):
            return
        if found.ignores(candidate):
            self.files_checked -= 1
            self.scope.discard(candidate.path)
        elif isinstance(data, Unreadable):
            self.report_unreadable(data)
        else:
            self.judge(Source.from_bytes(candidate.path, data, max_size=limit), gated=gated)

    def follow_leads(self, found: files.Found) -> None:
        """Judge the tests that reach a socket only through what another file holds."""
        if not self.let_through and not any(candidate.named for candidate in self.held_back):
            return
        from wslint.leads import led_files

        for candidate, data in led_files(self.let_through, self.held_back, self.program, self.gate):
            if not found.ignores(candidate):
                limit = self.limit(candidate.path)
                self.judge(Source.from_bytes(candidate.path, data, max_size=limit), gated=True)

    def visit_stdin(self, name: str, data: bytes) -> None:
        """Judge standard input under the name that was given for it."""
        path = files.absolute_path(name)
        if self.settings.force_exclude and files.is_excluded(path, self.nearest):
            return
        self.files_checked += 1
        self.scope.add(path)
        self.overlay[path] = data
        self.texts[path] = data.decode("utf-8-sig", "replace")
        source = Source.from_bytes(path, data, max_size=self.settings.max_file_size)
        if isinstance(source, Source):
            self.texts[path] = source.text
        gated = self.gate.passes(data)
        (self.let_through if gated else self.held_back).append(files.Candidate(path, named=True))
        self.judge(source, gated=gated)

    def judge(self, source: Source | Unreadable, *, gated: bool) -> None:
        """Ask the rules about one file; what goes wrong there ends nothing but that file."""
        if isinstance(source, Unreadable):
            self.report_unreadable(source)
            return
        if not gated:
            return
        from wslint.judge import judge_file

        settings = self.nearest.of(source.path)
        try:
            # a comment may stand in a test that would be left out
            reach = None if self._watches(source) else self.reach
            judgement = judge_file(source, settings, self.program, reach)
        except (RecursionError, MemoryError) as error:
            reason = f"cannot be followed, as it nests too deeply ({type(error).__name__})"
            self.report_unreadable(Unreadable(source.path, source.deepest, 0, reason))
            return
        except Exception as error:
            if self._forget_cache():
                self.judge(source, gated=gated)
            else:
                self.errors.append(internal_error(error, source.path))
            return
        for finding in judgement.findings:
            self.findings.add(finding)
            self.seen_from.setdefault((finding.code, finding.place), set()).add(source.path)
            self.sources[source.path] = source
        for unreadable in judgement.unreadable:
            self.report_unreadable(unreadable)
        if self.judged is not None:
            self.judged.learn(source, judgement)
        self.unresolved += judgement.unresolved
        self.tests_judged += judgement.tests

    def _watches(self, source: Source) -> bool:
        if self.judged is None:
            return False
        from wslint.suppress import may_suppress

        return may_suppress(source.data)

    def report_unreadable(self, unreadable: Unreadable) -> None:
        """Make a finding of a file that could not be judged."""
        from wslint.rules import ws900_unreadable_source as ws900

        self.scope.add(unreadable.path)
        self.findings.add(ws900.finding(unreadable))

    def report(self) -> Report:
        """Drop what is off, out of the paths or suppressed, and sort the rest."""
        kept: list[Finding] = []
        suppressed: list[Suppressed] = []
        wanted = merged(sorted(self._wanted(self.findings), key=sort_key)) if self.findings else []
        unused = self._unused(wanted)
        for finding in sorted((*wanted, *unused), key=sort_key) if unused else wanted:
            by = self._suppression(finding)
            if by is None:
                kept.append(with_own_tier(finding, self.nearest.of(finding.path)))
            else:
                suppressed.append(by)
        return Report(
            findings=tuple(kept),
            errors=tuple(sorted(self.errors)),
            unresolved=tuple(sorted(self.unresolved, key=lambda u: (u.place, u.test, u.reason))),
            suppressed=tuple(suppressed),
            files_checked=self.files_checked,
            tests_judged=self.tests_judged,
            texts=self.texts,
            seen_from=self.seen_from,
            scope=frozenset(self.scope),
        )

    def _wanted(self, found: Iterable[Finding]) -> list[Finding]:
        from wslint.per_file import ignored_for_file
        from wslint.rules import selected_rules

        def is_on(finding: Finding) -> bool:
            settings = self.nearest.of(finding.path)
            if settings.config_file not in on:
                on[settings.config_file] = {rule.code for rule in selected_rules(settings)}
            return finding.code in on[settings.config_file] and not ignored_for_file(
                finding.path, finding.code, finding.name, settings
            )

        on: dict[str, set[str]] = {}
        return [one for one in found if one.path in self.scope and is_on(one)]

    def _unused(self, wanted: Sequence[Finding]) -> list[Finding]:
        judged = vars(self).get("judged")
        if judged is None or self.errors:
            return []
        from wslint.unused import unused_suppressions

        return self._wanted(unused_suppressions(judged, wanted, self.nearest))

    def _suppression(self, finding: Finding) -> Suppressed | None:
        if finding.path not in self.comments:
            self.comments[finding.path] = self._comments(finding.path)
        by = self.comments[finding.path].covers(finding)
        return Suppressed(finding, by) if by else None

    def _comments(self, path: str) -> Suppressions:
        from wslint.suppress import Suppressions, suppressions

        source: Source | Unreadable | None = self.sources.get(path)
        limit = self.settings.max_file_size
        # A finding may be in a file that was reached through another one.
        if source is None and path in self.overlay:
            source = Source.from_bytes(path, self.overlay[path], max_size=limit)
        elif source is None:
            source = read_source(path, max_size=limit)
        return Suppressions() if isinstance(source, Unreadable) else suppressions(source)


def internal_error(error: Exception, path: str = "") -> Problem:
    """Describe an error of wslint's own, with what a bug report needs."""
    import traceback

    detail = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    message = (
        f"internal error: {type(error).__name__}: {error}; this is a bug in wslint, please report "
        "it with this file (WSLINT_TRACEBACK=1 shows the traceback)"
    )
    return Problem(path, message, detail)
