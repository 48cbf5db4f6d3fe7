"""The number of findings of each rule."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

from wslint.output import summary
from wslint.output.colour import Paint

if TYPE_CHECKING:
    from wslint.findings.finding import Finding
    from wslint.findings.report import Report


def render(report: Report, *, colour: bool = False, quiet: bool = False) -> str:
    """Return a line for each rule, most frequent first: count, code, name, fixable findings."""
    paint = Paint(colour)
    rows = []
    counted = _counted(report)
    width = len(str(counted[0][1])) if counted else 1
    longest = max((len(name) for (_, name), _ in counted), default=0)
    for (code, name), count in counted:
        fixable = _tiers(report, code)
        row = f"{count:>{width}}  {paint('red', code)}  {name:{longest}}  {paint('green', fixable)}"
        rows.append(row.rstrip())
    rows += [] if quiet else [last] if (last := summary.summary(report)) else []
    return "".join(f"{row}\n" for row in rows)


def render_json(report: Report) -> str:
    """Return the same as a JSON list."""
    entries = [
        {
            "code": code,
            "name": name,
            "count": count,
            "fixable": len(_with_fix(report, code, "safe")),
            "fixable_unsafe": len(_with_fix(report, code, "unsafe")),
        }
        for (code, name), count in _counted(report)
    ]
    return json.dumps(entries, indent=2) + "\n"


def _counted(report: Report) -> list[tuple[tuple[str, str], int]]:
    counts = Counter((finding.code, finding.name) for finding in report.findings)
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def _tiers(report: Report, code: str) -> str:
    parts = []
    for tier, words in (("safe", "fix"), ("unsafe", "unsafe fix")):
        count = len(_with_fix(report, code, tier))
        parts += [f"{count} {words}"] if count else []
    return f"[{', '.join(parts)}]" if parts else ""


def _with_fix(report: Report, code: str, tier: str) -> list[Finding]:
    fixes = ((finding, finding.fix) for finding in report.findings if finding.code == code)
    return [finding for finding, fix in fixes if fix is not None and fix.applicability == tier]
