"""One line for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output import summary
from wslint.output.colour import Paint

if TYPE_CHECKING:
    from wslint.findings.report import Report


def render(
    report: Report, *, colour: bool = False, show_unresolved: bool = False, quiet: bool = False
) -> str:
    """Return the report as text, without a summary if ``quiet``; lines end with a newline."""
    paint = Paint(colour)
    rows = [summary.head(finding, paint) for finding in report.findings]
    rows += summary.closing(report, paint, show_unresolved=show_unresolved, quiet=quiet)
    return "".join(f"{row}\n" for row in rows if row)
