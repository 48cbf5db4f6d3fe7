"""reviewdog's diagnostic format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from wslint.report import Report
    from wslint.spans import Place


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return the findings as one DiagnosticResult; columns count from 1."""
    from wslint.rules import rule_url

    diagnostics = [
        {
            "message": f"{finding.message}; {finding.help}",
            "location": _location(finding.place),
            "severity": "ERROR",
            "code": {"value": finding.code, "url": rule_url(finding.code)},
            "related_locations": [
                {"message": label.message, "location": _location(label.place)}
                for label in finding.labels
            ],
        }
        for finding in report.findings
    ]
    document = {"source": {"name": "wslint"}, "severity": "ERROR", "diagnostics": diagnostics}
    return json.dumps(document, indent=2) + "\n"


def _location(place: Place) -> dict[str, Any]:
    span = place.span
    return {
        "path": path_from_here(place.path),
        "range": {
            "start": {"line": span.line, "column": span.column + 1},
            "end": {"line": span.end_line, "column": span.end_column + 1},
        },
    }
