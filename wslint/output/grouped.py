"""Findings grouped by file."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from wslint.output import summary
from wslint.output.colour import Paint
from wslint.output.text import shown_path

if TYPE_CHECKING:
    from wslint.findings.report import Report


def render(
    report: Report, *, colour: bool = False, show_unresolved: bool = False, quiet: bool = False
) -> str:
    """Return the report as text, without a summary if ``quiet``; lines end with a newline."""
    paint = Paint(colour)
    rows: list[str] = []
    for path, findings in groupby(report.findings, key=lambda finding: finding.path):
        rows.append(paint("bold", f"{shown_path(path)}:"))
        for finding in findings:
            at = f"{finding.span.line}:{finding.span.column + 1}"
            rows.append(f"  {at:>8} {summary.what(finding, paint)}")
        rows.append("")
    rows += summary.closing(report, paint, show_unresolved=show_unresolved, quiet=quiet)
    return "".join(f"{row}\n" for row in rows)
