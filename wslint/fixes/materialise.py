"""Makes each fix once in memory, so only fixes that can be made are offered, with their edits."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.fixes.apply import edits_of
from wslint.fixes.errors import CannotFix
from wslint.fixes.fileset import apply_all, overlapping_fixes, read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wslint.findings.finding import Edit, Finding, Fix
    from wslint.fixes.fileset import FileSet, MayChange


def materialise_fixes(
    findings: Sequence[Finding], overlay: Mapping[str, bytes], max_size: int
) -> list[Finding]:
    """Return the findings; a fix gets its edits, one that can't be made is replaced by the reason.

    ``overlay`` has the bytes of unsaved files; larger files than ``max_size`` are not read.
    """
    fixes = (finding.fix for finding in findings if finding.fix is not None)
    touched = {action.path for fix in fixes for action in fix.actions}
    files = read_files(touched, overlay, max_size)
    files |= {path: b"" for path in touched if path not in files and not os.path.lexists(path)}
    # a fix may also change other files: `wslint fix` then prints the command for it
    reasons = _reasons(findings, files, files.__contains__)
    return [
        _with_edits(finding, files)
        if number not in reasons
        else replace(finding, fix=None, no_fix=reasons[number])
        for number, finding in enumerate(findings)
    ]


def _with_edits(finding: Finding, files: FileSet) -> Finding:
    if finding.fix is None:
        return finding
    return replace(finding, fix=replace(finding.fix, edits=_edits(finding.fix, files)))


def _edits(fix: Fix, files: FileSet) -> tuple[Edit, ...]:
    """Return the edits of one fix; none if it can be made only together with others."""
    paths = sorted({action.path for action in fix.actions})
    try:
        return tuple(edit for path in paths for edit in edits_of(files[path], path, fix.actions))
    except CannotFix:
        return ()


def _reasons(findings: Sequence[Finding], files: FileSet, may_change: MayChange) -> dict[int, str]:
    """Return the reasons why fixes can't be made, by the index of the finding."""
    reasons: dict[int, str] = {}
    batches: dict[tuple[tuple[str, ...], str], list[int]] = {}
    for number, finding in enumerate(findings):
        if finding.fix is not None:
            key = tuple(sorted({action.path for action in finding.fix.actions})), finding.code
            batches.setdefault(key, []).append(number)
    for _, numbers in sorted(batches.items()):
        fixes = {number: fix for number in numbers if (fix := findings[number].fix) is not None}
        overlapping = overlapping_fixes(fixes)
        apart = [number for number in numbers if number in overlapping]
        together = [number for number in numbers if number not in overlapping]
        if together and _reason(files, [fixes[number] for number in together], may_change):
            apart += together
        for number in apart:
            reason = _reason(files, [fixes[number]], may_change)
            if reason:
                reasons[number] = reason
    return reasons


def _reason(files: FileSet, fixes: Iterable[Fix], may_change: MayChange) -> str:
    """Return why some fixes can't be made together; "" if they can."""
    try:
        apply_all(files, list(fixes), may_change)
    except CannotFix as error:
        return error.reason
    except Exception as error:
        # an error in one fix must not lose the findings of the run
        return f"the fix crashes; please report this ({type(error).__name__}: {error})"
    return ""
