"""What one run found, as plain data for the output formats."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from wslint.findings.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.span import Place


class Problem(NamedTuple):
    """Something that kept the run from doing what was asked; it makes the exit code 2.

    ``path`` may be empty; ``detail`` holds a traceback.
    """

    path: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A comment that silences rules, for findings that start or end on a line ``first..last``.

    ``line`` and ``column`` are where the comment itself starts. No ``selectors`` means every rule;
    ``noqa`` says which of the two spellings it has.
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
        """The part of the line that is about suppressing."""
        end = self.column + len(self.text.rstrip())
        return Span(self.line, self.column, self.line, end)


class Suppressed(NamedTuple):
    """A finding that a comment covers, and that comment."""

    finding: Finding
    by: Suppression


class Edited(NamedTuple):
    """The text of a file, and what a fix makes of it."""

    path: str
    before: str
    after: str


class Detail(NamedTuple):
    """What takes work to find out about a finding, for the formats that show it.

    ``fixed`` are the files as its fix by itself would leave them, ``picture`` is the timeline.
    """

    fixed: tuple[Edited, ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of ``check``; findings are sorted by path, line, column and code.

    ``texts`` holds the text of files that cannot be read again: standard input. ``seen_from``
    tells which files, when judged, led to the finding of a code at a place. ``scope`` is every
    file within the paths: only these are spoken of, and only these may be changed. ``baselined``
    counts the findings that a baseline holds back. ``details`` are there for those formats only
    that show them. ``unsafe_fixes`` tells that the settings have unsafe fixes made as well.
    """

    findings: tuple[Finding, ...] = ()
    errors: tuple[Problem, ...] = ()
    unresolved: tuple[Unresolved, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    files_checked: int = 0
    tests_judged: int = 0
    texts: Mapping[str, str] = field(default_factory=dict)
    seen_from: Mapping[tuple[str, Place], Set[str]] = field(default_factory=dict)
    scope: Set[str] = frozenset()
    baselined: int = 0
    details: Mapping[tuple[str, Place], Detail] = field(default_factory=dict)
    unsafe_fixes: bool = False

    def detail(self, finding: Finding) -> Detail:
        """Return the detail of a finding, which is empty where none was asked for."""
        return self.details.get((finding.code, finding.place), Detail())

    @property
    def fixable(self) -> int:
        """The number of findings that ``wslint fix`` repairs."""
        return self._with_fix("safe")

    @property
    def fixable_unsafe(self) -> int:
        """The number of findings that only ``wslint fix --unsafe-fixes`` repairs."""
        return self._with_fix("unsafe")

    @property
    def exit_code(self) -> int:
        """0: nothing found, 1: findings, 2: the run itself went wrong."""
        return 2 if self.errors else int(bool(self.findings))

    def _with_fix(self, applicability: str) -> int:
        fixes = (finding.fix for finding in self.findings)
        return sum(fix is not None and fix.applicability == applicability for fix in fixes)
