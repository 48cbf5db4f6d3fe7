"""Fixes what ``check`` finds: which files belong together, and what they become."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslint import engine
from wslint.files import absolute_path
from wslint.fix.apply import apply_fix
from wslint.fix.loop import Applied, FilesOutcome, fix_files
from wslint.fix.write import CannotWrite, Change, write_files
from wslint.report import Problem, Report
from wslint.source import Unreadable, read_bytes
from wslint.suppress import UNUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from wslint.config import Settings
    from wslint.finding import Finding, Fix


@dataclass(frozen=True, slots=True)
class Fixes:
    """What can be done about a report. The changes of one group are made together or not."""

    report: Report
    groups: tuple[tuple[Change, ...], ...] = ()
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
) -> Fixes:
    """Work out, in memory, what the files become; ``progress`` is that of ``engine.check``."""
    report = engine.check(paths, settings, stdin=stdin, progress=progress)

    def select(finding: Finding) -> Fix | None:
        fix = finding.fix
        wanted = fix is not None and (settings.unsafe_fixes or fix.applicability == "safe")
        return fix if wanted else None

    def judge(contents: Mapping[str, bytes]) -> Sequence[Finding]:
        return engine.check_files(contents, settings).findings

    known = {absolute_path(stdin[0]): stdin[1]} if stdin else {}
    outcomes: list[FilesOutcome] = []
    groups: list[tuple[Change, ...]] = []
    tidied: list[Applied] = []
    for group in _groups(report, select):
        contents = _read(group, known, settings)
        tidy, applied = _without_unused_comments(contents, report, select)
        tidied += applied
        one = fix_files(tidy, judge, select, report.scope.__contains__)
        outcomes.append(one)
        changed = (path for path in contents if contents[path] != one.after[path])
        groups.append(tuple(Change(path, contents[path], one.after[path]) for path in changed))
    return Fixes(
        report,
        tuple(groups),
        (*tidied, *(applied for one in outcomes for applied in one.applied)),
        tuple(refused for one in outcomes for refused in one.refused),
    )


def _without_unused_comments(
    contents: Mapping[str, bytes], report: Report, select: Callable[[Finding], Fix | None]
) -> tuple[dict[str, bytes], list[Applied]]:
    """Make the fixes of WS901, which change no code and so no judgement.

    They come before all others: which comments are unused, only the whole run can tell.
    """
    tidy = dict(contents)
    applied: list[Applied] = []
    for path in sorted(contents):
        found = [one for one in report.findings if one.code == UNUSED and one.path == path]
        fixes = [fix for one in found if (fix := select(one)) is not None]
        if not fixes:
            continue
        actions = [action for fix in fixes for action in fix.actions]
        tidy[path] = apply_fix(contents[path], path, actions)
        titles = Counter(fix.title for fix in fixes)
        applied += [Applied(path, UNUSED, title, count) for title, count in sorted(titles.items())]
    return tidy, applied


def write_fixes(fixes: Fixes) -> list[Problem]:
    """Write the changes; what could not be written stays as it was and is reported."""
    return [problem for group in fixes.groups if (problem := _write(group))]


def _write(group: Sequence[Change]) -> Problem | None:
    try:
        write_files(group)
    except CannotWrite as error:
        return Problem(error.path, f"not fixed: {error.reason}")
    return None


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


def _read(paths: Iterable[str], known: Mapping[str, bytes], settings: Settings) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for path in sorted(paths):
        data = known.get(path)
        read = read_bytes(path, max_size=settings.max_file_size) if data is None else data
        if not isinstance(read, Unreadable):
            contents[path] = read
    return contents
