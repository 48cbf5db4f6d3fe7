"""The findings of a whole run: reported once for several tests, with the tier of the settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.findings.finding import TIERS, Label

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslint.config.settings import Settings
    from wslint.findings.finding import Applicability, Finding, Fix
    from wslint.findings.span import Place


def deduplicated(findings: Iterable[Finding]) -> list[Finding]:
    """Report what several tests show at one place once, with a label at each other test.

    Its fix is that of all these tests: one that mends only one of them leaves the finding.
    """
    unique: dict[tuple[str, Place], Finding] = {}
    for finding in findings:
        first = unique.setdefault((finding.code, finding.place), finding)
        if first is finding:
            continue
        labels = first.labels
        if finding.test_place not in (None, first.test_place):
            label = Label(finding.test_place, "this test does it too")
            labels = labels if label in labels else (*labels, label)
        fix = _joint_fix(first.fix, finding.fix)
        no_fix = "" if fix is not None else first.no_fix or finding.no_fix
        joint = replace(first, labels=labels, fix=fix, no_fix=no_fix)
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
    """Return a finding's fix the tier that the settings say, the more exact selector's.

    A fix that is only shown is made by nobody who has not named its rule.
    """
    safe, unsafe = settings.extend_safe_fixes, settings.extend_unsafe_fixes
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
    """Order findings by place, then code, then the test that shows it."""
    span, test = finding.span, finding.test_place
    return (
        finding.path,
        span.line,
        span.column,
        finding.code,
        finding.test,
        test.path if test else "",
    )
