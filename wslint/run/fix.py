"""Fixes the findings of ``check``, in groups of files that belong together."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wslint.config.resolver import SettingsResolver
from wslint.discovery.walk import absolute_path
from wslint.findings.report import Problem, Report
from wslint.fixes.fileset import read_files
from wslint.fixes.loop import Applied, FilesOutcome, fix_files
from wslint.fixes.remove_unused_suppressions import UnusedSuppressionFixer
from wslint.fixes.write import CannotWrite, Change, write_files
from wslint.rules import is_on
from wslint.run.check import check, check_files
from wslint.run.file_checker import internal_error
from wslint.suppressions.comments import UNUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.findings.finding import Finding, Fix
    from wslint.fixes.fileset import FileSet


@dataclass(frozen=True, slots=True)
class Fixes:
    """The fixes of a report. The changes of a group are made together or not at all.

    ``tests``: for each group, the test files with the findings that it fixes.
    """

    report: Report
    groups: tuple[tuple[Change, ...], ...] = ()
    tests: tuple[tuple[str, ...], ...] = ()
    applied: tuple[Applied, ...] = ()
    refused: tuple[tuple[Finding, str], ...] = ()

    @property
    def changes(self) -> tuple[Change, ...]:
        """Every change, in the order of the paths."""
        return tuple(sorted((c for group in self.groups for c in group), key=lambda c: c.path))

    @property
    def count(self) -> int:
        """The number of problems that the changes fix."""
        return sum(applied.count for applied in self.applied)


def find_fixes(
    paths: Sequence[str],
    settings: Settings,
    *,
    stdin: tuple[str, bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
    without: str = "",
    overlay: Mapping[str, bytes] | None = None,
) -> Fixes:
    """Compute the fixed files in memory; ``progress`` and ``overlay`` are as for ``check``.

    ``without``: the code of a rule whose fixes are skipped.
    """
    unsaved = dict(overlay or {})
    report = check(
        paths, settings, stdin=stdin, progress=progress, overlay=unsaved, make_fixes=False
    )
    resolver = SettingsResolver(settings)

    def select(finding: Finding) -> Fix | None:
        wanted = is_wanted(finding, resolver.of(finding.path)) and finding.code != without
        return finding.fix if wanted else None

    def judge(contents: Mapping[str, bytes]) -> Sequence[Finding]:
        return check_files({**unsaved, **contents}, settings).findings

    def may_change(path: str) -> bool:
        if _leads_outside(path, paths):
            return False
        return path in report.scope or (path in new and _is_below(path, paths))

    typed = {absolute_path(stdin[0]): stdin[1]} if stdin else {}
    known = {**unsaved, **typed}
    suppression_fixer = UnusedSuppressionFixer(select, may_change)
    problems: list[Problem] = []
    groups: list[_FixGroup] = []
    outcomes: list[FilesOutcome] = []
    new: set[str] = set()
    for group in _files_fixed_together(report, select):
        contents = read_files(group, known, settings.max_file_size)
        missing = {path for path in group if path not in contents and not os.path.lexists(path)}
        contents |= dict.fromkeys(missing, b"")
        new |= missing
        try:
            outcome = fix_files(
                suppression_fixer.fix(contents, report.findings), judge, select, may_change
            )
        except Exception as error:
            problems.append(internal_error(error, min(group)))
            continue
        outcomes.append(outcome)
        groups.append(_FixGroup(contents, outcome.after))
    changed = {path: data for group in groups for path, data in group.changed()}
    if changed and any(is_on(UNUSED, each) for each in resolver.all()):
        after = {**unsaved, **changed}
        if stdin is not None:
            (name,) = typed
            stdin = stdin[0], after.pop(name, stdin[1])
        late = check(paths, settings, stdin=stdin, overlay=after, make_fixes=False).findings
        groups = _merged_groups(
            groups,
            suppression_fixer.fixable(late),
            lambda path: read_files([path], known, settings.max_file_size),
        )
        for merged in groups:
            merged.after = suppression_fixer.fix(merged.after, late)
    return Fixes(
        replace(report, errors=(*report.errors, *problems)),
        tuple(
            tuple(
                Change(path, None if path in new else group.before[path], data)
                for path, data in group.changed()
            )
            for group in groups
        ),
        tuple(tuple(sorted(filter(_is_test_file, group.before))) for group in groups),
        (
            *suppression_fixer.applied,
            *(applied for outcome in outcomes for applied in outcome.applied),
        ),
        (
            *suppression_fixer.refused,
            *(refused for outcome in outcomes for refused in outcome.refused),
        ),
    )


@dataclass(slots=True)
class _FixGroup:
    """Files that are judged and fixed together, before and after."""

    before: FileSet
    after: FileSet

    def changed(self) -> Iterator[tuple[str, bytes]]:
        """Return the files that change, with their new content."""
        return ((path, new) for path, new in self.after.items() if new != self.before[path])


def _merged_groups(
    groups: list[_FixGroup], needed: Iterable[str], read: Callable[[str], FileSet]
) -> list[_FixGroup]:
    """Merge all groups if a fix made a suppression unused in a file outside of them."""
    held = {path for group in groups for path in group.before}
    others = {
        path: data for path in needed if path not in held for path, data in read(path).items()
    }
    if not others:
        return groups
    before, after = dict(others), dict(others)
    for group in groups:
        before |= group.before
        after |= group.after
    return [_FixGroup(before, after)]


def is_wanted(finding: Finding, settings: Settings) -> bool:
    """Return whether a finding has a fix that the settings allow."""
    wanted = ("safe", "unsafe") if settings.unsafe_fixes else ("safe",)
    return finding.fix is not None and finding.fix.applicability in wanted


def write_fixes(fixes: Fixes) -> list[Problem]:
    """Write the changes; groups that cannot be written are unchanged and reported."""
    _, problems = written_fixes(fixes)
    return problems


def written_fixes(fixes: Fixes) -> tuple[Fixes, list[Problem]]:
    """Write the changes; return those that were written, and the problems of the others."""
    written: list[tuple[tuple[Change, ...], tuple[str, ...]]] = []
    problems: list[Problem] = []
    lost: set[str] = set()
    for group, tests in zip(fixes.groups, fixes.tests, strict=True):
        problem = write_group(group)
        if problem is None:
            written.append((group, tests))
        else:
            problems.append(problem)
            lost |= {*tests, *(change.path for change in group)}
    groups, tests_of = zip(*written, strict=True) if written else ((), ())
    applied = tuple(fix for fix in fixes.applied if fix.path not in lost)
    return replace(fixes, groups=groups, tests=tests_of, applied=applied), problems


def write_group(group: Sequence[Change]) -> Problem | None:
    """Write the changes of one group; return the problem if that fails."""
    try:
        write_files(group)
    except CannotWrite as error:
        return Problem(error.path, f"not fixed: {error.reason}")
    return None


def _is_below(path: str, paths: Iterable[str]) -> bool:
    """Return whether a new file is in one of the folders to be fixed."""
    folders = [absolute_path(p).rstrip("/") + "/" for p in paths if os.path.isdir(p)]
    return path.startswith(tuple(folders))


def _leads_outside(path: str, paths: Iterable[str]) -> bool:
    """Return whether a path goes through a link to a file that is in none of the given paths."""
    real = os.path.realpath(path)
    if real == path:
        return False
    given = [absolute_path(p).rstrip("/") for p in paths]
    roots = [os.path.realpath(p) for p in given]
    return path not in given and not any(
        real == root or real.startswith(root.rstrip("/") + "/") for root in roots
    )


def _is_test_file(path: str) -> bool:
    from wslint.project import is_pytest_file, is_unittest_file, project_of

    return is_pytest_file(path, project_of(os.path.dirname(path))) or is_unittest_file(path)


def _files_fixed_together(
    report: Report, select: Callable[[Finding], Fix | None]
) -> list[set[str]]:
    """Group the files that a fix changes with those whose tests led to it."""
    groups: list[set[str]] = []
    for finding in report.findings:
        fix = select(finding)
        if fix is None:
            continue
        group = {finding.path, *report.seen_from.get((finding.code, finding.place), ())}
        group |= {action.path for action in fix.actions}
        for other in [other for other in groups if other & group]:
            group |= other
            groups.remove(other)
        groups.append(group)
    return sorted(groups, key=min)
