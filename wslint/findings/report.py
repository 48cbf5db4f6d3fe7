"""The report of a run, as plain data for the output formats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from wslint.findings.seen import Seen
from wslint.findings.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.span import Place


class Problem(NamedTuple):
    """An error that kept the run from doing its work; the exit code is 2.

    ``path`` may be empty; ``detail`` is a traceback.
    """

    path: str
    message: str
    detail: str = ""


class Notice(NamedTuple):
    """A warning about a line of a file; it does not change the exit code."""

    path: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences rules for findings that start or end on a line ``first..last``.

    ``line`` and ``column`` are where the comment starts. No ``selectors`` means every rule;
    ``noqa``: it is spelled ``# noqa`` rather than ``# wslint:``.
    """

    kind: Literal["line", "statement", "file"]
    line: int
    column: int
    first: int
    last: int
    selectors: tuple[str, ...]
    reason: str
    noqa: bool = False
    text: str = ""

    @property
    def span(self) -> Span:
        """The part of the line that suppresses."""
        end = self.column + len(self.text.rstrip())
        return Span(self.line, self.column, self.line, end)


class Suppressed(NamedTuple):
    """A suppressed finding and the comment that covers it."""

    finding: Finding
    by: Suppression


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of ``check``; findings are sorted by path, line, column and code.

    ``texts``: the text of files that cannot be read again (standard input). ``seen_from``: for the
    code and place of a finding, the files whose tests led to it. ``scope``: every file within the
    paths; only these are reported on and changed. ``baselined``: the number of findings that a
    baseline hides. ``pictures``: for the code and place of a finding, the timeline of its test as
    SVG; drawn only for formats that show it. ``unsafe_fixes``: the settings ask for unsafe fixes
    too. ``only_seen``: what a run of the tests has shown and no finding names. ``rule_url``: the
    setting of that name. ``elsewhere``: what tests within the paths show in other files, such as a
    conftest.py; it is no finding of this run.
    """

    findings: tuple[Finding, ...] = ()
    errors: tuple[Problem, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    warnings: tuple[Notice, ...] = ()
    files_checked: int = 0
    tests_judged: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    seen_from: Mapping[tuple[str, Place], Set[str]] = field(default_factory=dict)
    scope: Set[str] = frozenset()
    baselined: int = 0
    pictures: Mapping[tuple[str, Place], str] = field(default_factory=dict)
    unsafe_fixes: bool = False
    only_seen: tuple[Seen, ...] = ()
    rule_url: str = ""
    elsewhere: tuple[Finding, ...] = ()

    def picture(self, finding: Finding) -> str:
        """Return the picture of a finding; empty if none was drawn."""
        return self.pictures.get((finding.code, finding.place), "")

    @property
    def fixable(self) -> int:
        """The number of findings that ``wslint fix`` fixes."""
        return self._with_fix("safe")

    @property
    def fixable_unsafe(self) -> int:
        """The number of findings that only ``wslint fix --unsafe-fixes`` fixes."""
        return self._with_fix("unsafe")

    @property
    def exit_code(self) -> int:
        """0: no findings, 1: findings, 2: the run failed."""
        return 2 if self.errors else int(bool(self.findings))

    def _with_fix(self, applicability: str) -> int:
        fixes = (finding.fix for finding in self.findings)
        return sum(fix is not None and fix.applicability == applicability for fix in fixes)
