"""Merges the findings that several tests share, and applies the tiers of the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.findings.finding import OTHER_TEST, TIERS, Label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslint.config.settings import Settings
    from wslint.findings.finding import Applicability, Finding, Fix
    from wslint.findings.span import Place


def deduplicated(findings: Iterable[Finding]) -> list[Finding]:
    """Report a finding that several tests share once, with a label at each other test.

    The fix has the actions of all these tests: fixing only one would leave the finding.
    """
    unique: dict[tuple[str, Place], Finding] = {}
    for finding in findings:
        first = unique.setdefault((finding.code, finding.place), finding)
        if first is finding:
            continue
        labels = first.labels
        if finding.test_place not in (None, first.test_place):
            label = Label(finding.test_place, OTHER_TEST)
            labels = labels if label in labels else (*labels, label)
        fix = _joint_fix(first.fix, finding.fix)
        no_fix = "" if fix is not None else first.no_fix or finding.no_fix
        joint = replace(first, labels=labels, fix=fix, no_fix=no_fix, alternatives=())
        unique[finding.code, finding.place] = joint
    return list(unique.values())


def _joint_fix(first: Fix | None, second: Fix | None) -> Fix | None:
    if first is None or second is None:
        return None
    actions = tuple(dict.fromkeys((*first.actions, *second.actions)))
    reveals = tuple(dict.fromkeys((*first.reveals, *second.reveals)))
    tier = max(first.applicability, second.applicability, key=TIERS.index)
    return replace(first, applicability=tier, actions=actions, reveals=reveals)


def with_own_tier(finding: Finding, settings: Settings) -> Finding:
    """Return a finding whose fix has the tier that the most specific selector sets.

    A display-only fix changes its tier only if the settings name its rule, or a selection of the
    command line does: that is consent.
    """
    safe, unsafe = settings.extend_safe_fixes, settings.extend_unsafe_fixes
    if finding.fix is not None and finding.fix.applicability == "display-only":
        given = settings.given_selections
        unsafe = (
            *unsafe,
            *(name for one in given for name in (*(one.select or ()), *one.extend_select)),
        )
    if finding.fix is None or not (safe or unsafe):
        return finding
    from wslint.config.selection import EXACT, rank

    as_safe = rank(safe, finding.code, finding.name)
    as_unsafe = rank(unsafe, finding.code, finding.name)
    if as_safe == as_unsafe:
        return finding
    if finding.fix.applicability == "display-only" and max(as_safe, as_unsafe) < EXACT:
        return finding
    tier: Applicability = "safe" if as_safe > as_unsafe else "unsafe"
    return replace(finding, fix=replace(finding.fix, applicability=tier))


def sort_key(finding: Finding) -> tuple[str, int, int, str, str, str]:
    """Return the sort key of a finding: place, code, test."""
    span, test = finding.span, finding.test_place
    return (
        finding.path,
        span.line,
        span.column,
        finding.code,
        finding.test,
        test.path if test else "",
    )
