"""Removes comments that suppress nothing (WS901), before and after all other fixes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wslint.fixes.apply import apply_fix
from wslint.fixes.errors import CannotFix
from wslint.fixes.loop import Applied
from wslint.suppressions.comments import UNUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from wslint.findings.finding import Finding, Fix
    from wslint.fixes.fileset import FileSet, MayChange


@dataclass(frozen=True, slots=True)
class UnusedSuppressionFixer:
    """Applies the fixes of WS901.

    Only a whole run knows which comments are unused. The fixes change no code, so files need not be
    judged again afterwards.
    """

    select: Callable[[Finding], Fix | None]
    may_change: MayChange
    applied: list[Applied] = field(default_factory=list)
    refused: list[tuple[Finding, str]] = field(default_factory=list)

    def fix(self, files: FileSet, findings: Iterable[Finding]) -> FileSet:
        """Return the files without the comments that ``findings`` report as unused."""
        after = dict(files)
        for path, unused in self.fixable(findings).items():
            if path not in files or not self.may_change(path):
                continue
            fixes = [fix for finding in unused if (fix := self.select(finding)) is not None]
            try:
                after[path] = apply_fix(
                    files[path], path, [action for fix in fixes for action in fix.actions]
                )
            except CannotFix as error:
                self.refused.extend((finding, error.reason) for finding in unused)
                continue
            titles = Counter(fix.title for fix in fixes)
            self.applied.extend(
                Applied(path, UNUSED, title, count) for title, count in sorted(titles.items())
            )
        return after

    def fixable(self, findings: Iterable[Finding]) -> dict[str, list[Finding]]:
        """Return the findings of WS901 to fix, by file."""
        by_file: dict[str, list[Finding]] = {}
        for finding in findings:
            if finding.code == UNUSED and self.select(finding) is not None:
                by_file.setdefault(finding.path, []).append(finding)
        return dict(sorted(by_file.items()))
