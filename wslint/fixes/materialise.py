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

    from wslint.findings.actions import Action
    from wslint.findings.finding import Edit, Finding, Fix
    from wslint.fixes.fileset import FileSet, MayChange


# A file is parsed and compared once for each fix that can't be made together with others, and has
# up to so many characters of edits; more is hostile.
_MOST_BYTES = 1_500_000
_MOST_TEXT = 1_000_000
_MOST_FIXES = 500
# the number of the finding, and 0 for its fix, 1 for the first alternative and so on
Offer = tuple[int, int]
_TOO_MANY = "this file has too many fixes to make them all: make the others first"


def materialise_fixes(
    findings: Sequence[Finding], overlay: Mapping[str, bytes], max_size: int
) -> list[Finding]:
    """Return the findings; a fix gets its edits, one that can't be made is replaced by the reason.

    ``overlay`` has the bytes of unsaved files; larger files than ``max_size`` are not read.
    """
    fixes = [fix for finding in findings for fix in _offered(finding)]
    touched = {action.path for fix in fixes for action in fix.actions}
    for path in touched:
        snapshot.kind(path)  # a cached result depends on it
    files = read_files(touched, overlay, max_size)
    files |= {path: b"" for path in touched if path not in files and not os.path.lexists(path)}
    fixable = [number for number, finding in enumerate(findings) if finding.fix is not None]
    refused = {(number, 0): _TOO_MANY for number in fixable[_MOST_FIXES:]}
    offers = {
        (number, rank): fix
        for number in fixable[:_MOST_FIXES]
        for rank, fix in enumerate(_offered(findings[number]))
    }
    # a fix may also change other files: `wslint fix` then prints the command for it
    refused |= _refused(offers, findings, files, files.__contains__)
    made: list[Finding] = []
    room = _MOST_TEXT
    # many tests may show what one fix of a helper mends
    known: dict[tuple[Action, ...], tuple[Edit, ...]] = {}
    for number, finding in enumerate(findings):
        if (number, 0) in refused:
            reason = refused[number, 0]
            made.append(replace(finding, fix=None, no_fix=reason, alternatives=()))
        elif finding.fix is None or room < 0:
            made.append(finding)
        else:
            offered = [fix for rank, fix in enumerate(_offered(finding))
                       if (number, rank) not in refused]  # fmt: skip
            for fix in offered:
                if fix.actions not in known:
                    known[fix.actions] = _edits(fix.actions, files)
            first, *others = [replace(fix, edits=known[fix.actions]) for fix in offered]
            room -= sum(len(edit.text) for one in (first, *others) for edit in one.edits)
            alternatives = tuple(one for one in others if one.edits)
            made.append(replace(finding, fix=first, alternatives=alternatives))
    return made


def _offered(finding: Finding) -> tuple[Fix, ...]:
    """Return the fix of a finding, and the alternatives."""
    return () if finding.fix is None else (finding.fix, *finding.alternatives)


def _edits(actions: Sequence[Action], files: FileSet) -> tuple[Edit, ...]:
    """Return the edits of one fix; none if it can be made only together with others."""
    paths = sorted({action.path for action in actions})
    try:
        return tuple(edit for path in paths for edit in edits_of(files[path], path, actions))
    except CannotFix:
        return ()


def _refused(
    offers: Mapping[Offer, Fix],
    findings: Sequence[Finding],
    files: FileSet,
    may_change: MayChange,
) -> dict[Offer, str]:
    """Return the reasons why fixes can't be made."""
    refused: dict[Offer, str] = {}
    batches: dict[tuple[tuple[str, ...], str, int], dict[Offer, Fix]] = {}
    for (number, rank), fix in offers.items():
        paths = tuple(sorted({action.path for action in fix.actions}))
        batch = batches.setdefault((paths, findings[number].code, rank), {})
        batch[number, rank] = fix
    for (paths, *_), fixes in sorted(batches.items()):
        overlapping = overlapping_fixes(fixes)
        # those that are tried together; where that fails, each half by itself
        groups = [[offer] for offer in fixes if offer in overlapping]
        groups.append([offer for offer in fixes if offer not in overlapping])
        tries = max(_MOST_BYTES // (1 + sum(len(files.get(path, b"")) for path in paths)), 1)
        while groups:
            group = groups.pop()
            reason = _reason(files, [fixes[offer] for offer in group], may_change, tries)
            tries -= 1
            if reason and tries > 0 and len(group) > 1:
                middle = len(group) // 2
                groups += [group[middle:], group[:middle]]
            elif reason:
                refused |= dict.fromkeys(group, reason)
    return refused


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
