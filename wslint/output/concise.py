"""One line for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output import summary
from wslint.output.colour import Paint

if TYPE_CHECKING:
    from wslint.report import Report


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:
    """Return the report as text; every line ends with a newline."""
    paint = Paint(colour)
    rows = [summary.head(finding, paint) for finding in report.findings]
    if show_unresolved:
        rows += summary.unresolved(report, paint)
    rows.append(summary.summary(report, show_unresolved=show_unresolved))
    return "".join(f"{row}\n" for row in rows if row)
