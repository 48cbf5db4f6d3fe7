"""Makes each fix once, in memory, so that only what can be made is promised."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.fixes.errors import CannotFix
from wslint.fixes.fileset import apply_all, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wslint.findings.finding import Finding, Fix
    from wslint.fixes.fileset import FileSet, MayChange


def with_made_fixes(
    findings: Sequence[Finding], files: FileSet, may_change: MayChange
) -> list[Finding]:
    """Return the findings, with the reason in place of each fix that can't be made.

    ``files`` has the bytes of every file that a fix changes.
    """
    reasons: dict[int, str] = {}
    batches: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for number, finding in enumerate(findings):
        if finding.fix is not None:
            key = tuple(sorted({action.path for action in finding.fix.actions})), finding.code
            batches.setdefault(key, []).append(number)
    for _, numbers in sorted(batches.items()):
        fixes = {number: fix for number in numbers if (fix := findings[number].fix) is not None}
        apart = [number for number in numbers if _overlaps_another(number, fixes)]
        together = [number for number in numbers if number not in apart]
        if together and _reason(files, [fixes[number] for number in together], may_change):
            apart += together
        for number in apart:
            reason = _reason(files, [fixes[number]], may_change)
            if reason:
                reasons[number] = reason
    return [
        replace(finding, fix=None, no_fix=reasons[number]) if number in reasons else finding
        for number, finding in enumerate(findings)
    ]


def _overlaps_another(number: int, fixes: dict[int, Fix]) -> bool:
    return any(other != number and overlap(fixes[number], fixes[other]) for other in fixes)


def _reason(files: FileSet, fixes: Iterable[Fix], may_change: MayChange) -> str:
    """Return why some fixes can't be made together; empty where they can."""
    try:
        apply_all(files, list(fixes), may_change)
    except CannotFix as error:
        return error.reason
    return ""
