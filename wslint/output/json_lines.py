"""The findings as JSON, one on each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output.ascii_json import json_text
from wslint.output.json_format import finding_entry

if TYPE_CHECKING:
    from wslint.findings.report import Report


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return a line for each finding, with the keys of the JSON format."""
    entries = (finding_entry(finding, report.rule_url) for finding in report.findings)
    return "".join(f"{json_text(entry)}\n" for entry in entries)
