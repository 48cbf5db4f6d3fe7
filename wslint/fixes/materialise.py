"""Makes each fix once in memory, so only fixes that can be made are offered, with their edits."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.filesystem import snapshot
from wslint.fixes.apply import edits_of
from wslint.fixes.errors import CannotFix
from wslint.fixes.fileset import apply_all, overlapping_fixes, read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from wslint.findings.finding import Edit, Finding, Fix
    from wslint.fixes.fileset import FileSet, MayChange


# A file is parsed and compared once for each fix that can't be made together with others, and has
# up to so many characters of edits; more is hostile.
_MOST_BYTES = 1_500_000
_MOST_TEXT = 1_000_000
_MOST_FIXES = 500
_TOO_MANY = "this file has too many fixes to make them all: make the others first"


def materialise_fixes(
    findings: Sequence[Finding], overlay: Mapping[str, bytes], max_size: int
) -> list[Finding]:
    """Return the findings; a fix gets its edits, one that can't be made is replaced by the reason.

    ``overlay`` has the bytes of unsaved files; larger files than ``max_size`` are not read.
    """
    fixes = (finding.fix for finding in findings if finding.fix is not None)
    also = (fix for finding in findings for fix in finding.alternatives)
    touched = {action.path for fix in (*fixes, *also) for action in fix.actions}
    for path in touched:
        snapshot.kind(path)  # a cached result depends on it
    files = read_files(touched, overlay, max_size)
    files |= {path: b"" for path in touched if path not in files and not os.path.lexists(path)}
    # a fix may also change other files: `wslint fix` then prints the command for it
    fixable = [number for number, finding in enumerate(findings) if finding.fix is not None]
    reasons = dict.fromkeys(fixable[_MOST_FIXES:], _TOO_MANY)
    tried = findings[: fixable[_MOST_FIXES]] if reasons else findings
    reasons |= _reasons(tried, files, files.__contains__)
    made: list[Finding] = []
    room = _MOST_TEXT
    for number, finding in enumerate(findings):
        if number in reasons:
            made.append(replace(finding, fix=None, no_fix=reasons[number], alternatives=()))
        elif finding.fix is None or room < 0:
            made.append(finding)
        else:
            offered = [
                replace(one, edits=_edits(one, files))
                for one in (finding.fix, *finding.alternatives)
                if one is finding.fix or not _reason(files, [one], files.__contains__, 1)
            ]
            room -= sum(len(edit.text) for one in offered for edit in one.edits)
            others = tuple(one for one in offered[1:] if one.edits)
            made.append(replace(finding, fix=offered[0], alternatives=others))
    return made


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
    for (paths, _), numbers in sorted(batches.items()):
        fixes = {number: fix for number in numbers if (fix := findings[number].fix) is not None}
        overlapping = overlapping_fixes(fixes)
        # those that are tried together; where that fails, each half by itself
        groups = [[number] for number in numbers if number in overlapping]
        groups.append([number for number in numbers if number not in overlapping])
        tries = max(_MOST_BYTES // (1 + sum(len(files.get(path, b"")) for path in paths)), 1)
        while groups:
            group = groups.pop()
            reason = _reason(files, [fixes[number] for number in group], may_change, tries)
            tries -= 1
            if reason and tries > 0 and len(group) > 1:
                middle = len(group) // 2
                groups += [group[middle:], group[:middle]]
            elif reason:
                reasons |= dict.fromkeys(group, reason)
    return reasons


def _reason(files: FileSet, fixes: Iterable[Fix], may_change: MayChange, tries: int) -> str:
    """Return why some fixes can't be made together; "" if they can."""
    if tries <= 0:
        return "too many fixes change the same places of this file: make others first"
    try:
        apply_all(files, list(fixes), may_change)
    except CannotFix as error:
        return error.reason
    except Exception as error:
        # an error in one fix must not lose the findings of the run
        return f"the fix crashes; please report this ({type(error).__name__}: {error})"
    return ""
