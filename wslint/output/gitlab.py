"""GitLab's code quality report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output.ascii_json import json_text
from wslint.output.fingerprint import fingerprints
from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from wslint.findings.report import Report


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return the findings as one JSON list."""
    entries = [
        {
            "check_name": finding.code,
            "description": f"{finding.code}: {finding.message}",
            "severity": "major",
            "fingerprint": fingerprint,
            "location": {
                "path": path_from_here(finding.path),
                "lines": {"begin": finding.span.line, "end": finding.span.end_line},
            },
        }
        for finding, fingerprint in zip(report.findings, fingerprints(report.findings), strict=True)
    ]
    return json_text(entries, indent=2) + "\n"
