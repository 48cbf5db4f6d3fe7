"""Fixes what ``check`` finds: which files belong together, and what they become."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wslint.config.resolver import SettingsResolver
from wslint.discovery.walk import absolute_path
from wslint.findings.report import Problem, Report
from wslint.fixes.fileset import read_files
from wslint.fixes.loop import Applied, FilesOutcome, fix_files
from wslint.fixes.remove_unused_suppressions import UnusedSuppressionRemover
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
    """What can be done about a report. The changes of one group are made together or not.

    ``tests``: for each group, the test files that show what it changes.
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
        """The number of problems that the changes repair."""
        return sum(applied.count for applied in self.applied)


def find_fixes(
    paths: Sequence[str],
    settings: Settings,
    *,
    stdin: tuple[str, bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
    without: str = "",
) -> Fixes:
    """Work out, in memory, what the files become; ``progress`` is that of ``engine.check``.

    ``without`` is the code of a rule whose fixes are left out.
    """
    report = check(paths, settings, stdin=stdin, progress=progress, make_fixes=False)
    resolver = SettingsResolver(settings)

    def select(finding: Finding) -> Fix | None:
        wanted = is_wanted(finding, resolver.of(finding.path)) and finding.code != without
        return finding.fix if wanted else None

    def judge(contents: Mapping[str, bytes]) -> Sequence[Finding]:
        return check_files(contents, settings).findings

    def may_change(path: str) -> bool:
        return path in report.scope or (path in new and _is_below(path, paths))

    known = {absolute_path(stdin[0]): stdin[1]} if stdin else {}
    remover = UnusedSuppressionRemover(select, may_change)
    problems: list[Problem] = []
    groups: list[_Group] = []
    outcomes: list[FilesOutcome] = []
    new: set[str] = set()
    for group in _groups(report, select):
        contents = read_files(group, known, settings.max_file_size)
        missing = {path for path in group if path not in contents and not os.path.lexists(path)}
        contents |= dict.fromkeys(missing, b"")
        new |= missing
        try:
            outcome = fix_files(
                remover.remove(contents, report.findings), judge, select, may_change
            )
        except Exception as error:
            problems.append(internal_error(error, min(group)))
            continue
        outcomes.append(outcome)
        groups.append(_Group(contents, outcome.after))
    changed = {path: data for group in groups for path, data in group.changed()}
    if changed and any(is_on(UNUSED, one) for one in resolver.all()):
        if stdin is not None:
            (name,) = known
            stdin = stdin[0], changed.pop(name, stdin[1])
        late = check(paths, settings, stdin=stdin, overlay=changed, make_fixes=False).findings
        groups = _joined(
            groups,
            remover.wanted(late),
            lambda path: read_files([path], known, settings.max_file_size),
        )
        for one in groups:
            one.after = remover.remove(one.after, late)
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
        (*remover.applied, *(each for one in outcomes for each in one.applied)),
        (*remover.refused, *(each for one in outcomes for each in one.refused)),
    )


@dataclass(slots=True)
class _Group:
    """Files that are judged and fixed together, as they were and as they become."""

    before: FileSet
    after: FileSet

    def changed(self) -> Iterator[tuple[str, bytes]]:
        """Return the files that become something else, with that."""
        return ((path, new) for path, new in self.after.items() if new != self.before[path])


def _joined(
    groups: list[_Group], needed: Iterable[str], read: Callable[[str], FileSet]
) -> list[_Group]:
    """Make one group of all where a fix has made a comment needless in a file of none of them."""
    held = {path for group in groups for path in group.before}
    others = {path: data for one in needed if one not in held for path, data in read(one).items()}
    if not others:
        return groups
    before, after = dict(others), dict(others)
    for group in groups:
        before |= group.before
        after |= group.after
    return [_Group(before, after)]


def is_wanted(finding: Finding, settings: Settings) -> bool:
    """Return whether a finding has a fix of a tier that is to be made."""
    wanted = ("safe", "unsafe") if settings.unsafe_fixes else ("safe",)
    return finding.fix is not None and finding.fix.applicability in wanted


def write_fixes(fixes: Fixes) -> list[Problem]:
    """Write the changes; what could not be written stays as it was and is reported."""
    _, problems = written_fixes(fixes)
    return problems


def written_fixes(fixes: Fixes) -> tuple[Fixes, list[Problem]]:
    """Write the changes; return those that could be written, and the problems of the others."""
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
    applied = tuple(one for one in fixes.applied if one.path not in lost)
    return replace(fixes, groups=groups, tests=tests_of, applied=applied), problems


def write_group(group: Sequence[Change]) -> Problem | None:
    """Write the changes that belong together; tell what kept them from being written."""
    try:
        write_files(group)
    except CannotWrite as error:
        return Problem(error.path, f"not fixed: {error.reason}")
    return None


def _is_below(path: str, given: Iterable[str]) -> bool:
    """Return whether a file that isn't there yet lies in one of the folders to be fixed."""
    folders = [absolute_path(one).rstrip("/") + "/" for one in given if os.path.isdir(one)]
    return path.startswith(tuple(folders))


def _is_test_file(path: str) -> bool:
    from wslint.project import is_pytest_file, is_unittest_file, project_of

    return is_pytest_file(path, project_of(os.path.dirname(path))) or is_unittest_file(path)


def _groups(report: Report, select: Callable[[Finding], Fix | None]) -> list[set[str]]:
    """Put together the files that a fix touches, and those whose tests led to it."""
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
