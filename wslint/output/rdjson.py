"""reviewdog's diagnostic format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslint.output.ascii_json import json_text
from wslint.output.links import rule_link
from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from wslint.findings.report import Report
    from wslint.findings.span import Place, Span


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return the findings as one DiagnosticResult; columns count from 1."""
    diagnostics = []
    for finding in report.findings:
        entry: dict[str, Any] = {
            "message": f"{finding.message}; {finding.help}",
            "location": _location(finding.place),
            "severity": "ERROR",
            "code": {"value": finding.code},
            "related_locations": [
                {"message": label.message, "location": _location(label.place)}
                for label in finding.labels
            ],
        }
        if link := rule_link(finding.code, report.rule_url):
            entry["code"]["url"] = link
        edits = finding.fix.edits if finding.fix is not None else ()
        # suggestions are limited to the file of the finding; half a fix would be wrong
        if {edit.place.path for edit in edits} == {finding.path}:
            entry["suggestions"] = [
                {"range": _range(edit.place.span), "text": edit.text} for edit in edits
            ]
        diagnostics.append(entry)
    document = {"source": {"name": "wslint"}, "severity": "ERROR", "diagnostics": diagnostics}
    return json_text(document, indent=2) + "\n"


def _location(place: Place) -> dict[str, Any]:
    return {"path": path_from_here(place.path), "range": _range(place.span)}


def _range(span: Span) -> dict[str, Any]:
    return {
        "start": {"line": span.line, "column": span.column + 1},
        "end": {"line": span.end_line, "column": span.end_column + 1},
    }
