"""Applies fixes until nothing is left to fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from wslint.findings.finding import Finding, Fix
from wslint.fixes.errors import CannotFix
from wslint.fixes.fileset import FileSet, MayChange, apply_all, overlap, overlapping_fixes

ROUNDS = 10

Judge = Callable[[FileSet], Sequence[Finding]]
SelectFix = Callable[[Finding], Fix | None]


@dataclass(frozen=True, slots=True)
class Applied:
    """The number of fixes of one rule and title in one file, the file of the findings."""

    path: str
    code: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class FilesOutcome:
    """The outcome of fixing a set of files.

    Spans in ``refused`` refer to ``after``. If the fixes did not settle, ``after`` is
    ``before``.
    """

    before: FileSet
    after: FileSet
    applied: tuple[Applied, ...]
    refused: tuple[tuple[Finding, str], ...]
    settled: bool

    @property
    def changed(self) -> tuple[str, ...]:
        """The files that differ from before."""
        return tuple(path for path in self.before if self.before[path] != self.after[path])


@dataclass(frozen=True, slots=True)
class FixOutcome:
    """The outcome of fixing one file."""

    path: str
    before: bytes
    after: bytes
    applied: tuple[Applied, ...]
    refused: tuple[tuple[Finding, str], ...]
    settled: bool


def fix_source(
    path: str,
    source: bytes,
    judge: Callable[[bytes], Sequence[Finding]],
    select_fix: SelectFix,
) -> FixOutcome:
    """Fix one file; ``judge`` lints its new bytes, ``select_fix`` returns the fix to make."""
    outcome = fix_files(
        {path: source}, lambda files: judge(files[path]), select_fix, lambda other: other == path
    )
    after = outcome.after[path]
    return FixOutcome(path, source, after, outcome.applied, outcome.refused, outcome.settled)


def fix_files(
    files: FileSet, judge: Judge, select_fix: SelectFix, may_change: MayChange
) -> FilesOutcome:
    """Fix a set of files that are judged together.

    Each round goes through the rules, and for each rule applies all fixes that do not overlap;
    the next round starts from the result.
    """
    run = _Run(files, judge, select_fix, may_change)
    settled = False
    for _ in range(ROUNDS):
        if not run.round():
            settled = True
            break
    applied = tuple(Applied(*key, count) for key, count in sorted(run.applied.items()))
    if settled:
        return FilesOutcome(files, run.files, applied, tuple(run.refused), settled=True)
    why = f"the fixes did not settle within {ROUNDS} rounds"
    refused = tuple((finding, why) for finding in judge(files) if select_fix(finding))
    return FilesOutcome(files, files, (), refused, settled=False)


@dataclass(slots=True)
class _Candidate:
    finding: Finding
    fix: Fix


class _Run:
    def __init__(
        self, files: FileSet, judge: Judge, select_fix: SelectFix, may_change: MayChange
    ) -> None:
        self.files = files
        self.applied: Counter[tuple[str, str, str]] = Counter()
        self.refused: list[tuple[Finding, str]] = []
        self._judge = judge
        self._select_fix = select_fix
        self._may_change = may_change
        self._findings = sorted(judge(files), key=_order)

    def round(self) -> bool:
        """Go through the rules once; return whether anything was fixed."""
        fixed = False
        self.refused = []
        for code in sorted({finding.code for finding in self._findings}):
            fixed |= self._batch(code) or self._one_by_one(code)
        return fixed

    def _candidates(self, code: str) -> list[_Candidate]:
        pairs = ((finding, self._select_fix(finding)) for finding in self._findings)
        return [
            _Candidate(finding, fix)
            for finding, fix in pairs
            if fix is not None and code == finding.code
        ]

    def _batch(self, code: str) -> bool:
        """Apply all non-overlapping fixes of a rule at once."""
        candidates = self._candidates(code)
        overlapping = overlapping_fixes({i: each.fix for i, each in enumerate(candidates)})
        chosen: list[_Candidate] = []
        disputed: list[_Candidate] = []
        for number, candidate in enumerate(candidates):
            if number in overlapping:
                if any(overlap(candidate.fix, other.fix) for other in disputed):
                    continue
                disputed.append(candidate)
            chosen.append(candidate)
        return bool(chosen) and self._attempt(chosen) is None

    def _one_by_one(self, code: str) -> bool:
        """Apply each fix of a rule separately, if they could not be applied together."""
        fixed, number = False, 0
        while number < len(candidates := self._candidates(code)):
            reason = self._attempt([candidates[number]])
            if reason is None:
                fixed = True
            else:
                self.refused.append((candidates[number].finding, reason))
                number += 1
        return fixed

    def _attempt(self, chosen: Sequence[_Candidate]) -> str | None:
        """Apply fixes and judge the result; return the reason if it was undone."""
        try:
            files = apply_all(self.files, [each.fix for each in chosen], self._may_change)
        except CannotFix as error:
            return error.reason
        findings = sorted(self._judge(files), key=_order)
        before, after = _count(self._findings), _count(findings)
        fixed = _count(each.finding for each in chosen)
        idle = {each.finding.code for each in chosen if each.fix.reveals}
        fixes = [self._select_fix(each) for each in self._findings if each.code in idle]
        revealed = {test for fix in fixes if fix is not None for test in fix.reveals}
        for key, count in sorted(after.items()):
            if key[2] in revealed and key[0] not in idle:
                continue
            if count > before[key]:
                return f"the fixed file would have a new {key[0]}"
            if count > before[key] - fixed[key]:
                return f"the fixed file would still have this {key[0]}"
        self.files, self._findings = files, findings
        for each in chosen:
            self.applied[each.finding.path, each.finding.code, each.fix.title] += 1
        return None


def _order(finding: Finding) -> tuple[str, tuple[int, ...], str]:
    return finding.path, tuple(finding.span), finding.code


def _count(findings: Iterable[Finding]) -> Counter[tuple[str, str, str]]:
    """Count findings by a key that does not depend on lines."""
    return Counter((finding.code, finding.path, finding.test) for finding in findings)
