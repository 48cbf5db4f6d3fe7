"""The report as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslint import __version__
from wslint.output.ascii_json import json_text
from wslint.output.links import rule_link
from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from wslint.findings.finding import Finding, Fix
    from wslint.findings.report import Report
    from wslint.findings.span import Place


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return the report as one JSON document; lines and columns count from 1.

    Places that could not be judged are always counted, but listed only with ``show_unresolved``.
    """
    document: dict[str, Any] = {
        "version": __version__,
        "findings": [finding_entry(finding, report.rule_url) for finding in report.findings],
        "errors": [
            {"path": path_from_here(error.path), "message": error.message}
            for error in report.errors
        ],
        "summary": {
            "findings": len(report.findings),
            "fixable": report.fixable,
            "fixable_unsafe": report.fixable_unsafe,
            "suppressed": len(report.suppressed),
            "unresolved": len(report.unresolved),
            "files_checked": report.files_checked,
            "tests_judged": report.tests_judged,
        },
    }
    if report.only_seen:
        document["only_seen"] = [
            {**seen._asdict(), "path": path_from_here(seen.path), "test": path_from_here(seen.test)}
            for seen in report.only_seen
        ]
    if show_unresolved:
        document["unresolved"] = [
            {**_place(item.place), "test": item.test, "reason": item.reason}
            for item in report.unresolved
        ]
    return json_text(document, indent=2) + "\n"


def finding_entry(finding: Finding, rule_url: str) -> dict[str, Any]:
    """Return one finding as JSON data; lines and columns count from 1."""
    fix = finding.fix
    return {
        "code": finding.code,
        "name": finding.name,
        **_place(finding.place),
        "message": finding.message,
        "help": finding.help,
        "concerns": finding.concerns,
        "url": rule_link(finding.code, rule_url),
        "labels": [{**_place(label.place), "message": label.message} for label in finding.labels],
        "test": finding.test,
        "seen": finding.seen,
        "fix": fix and _fix(fix),
        "no_fix": finding.no_fix,
        "alternatives": [_fix(one) for one in finding.alternatives],
    }


def _fix(fix: Fix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability,
        "title": fix.title,
        "edits": [{**_place(edit.place), "text": edit.text} for edit in fix.edits],
    }


def _place(place: Place) -> dict[str, Any]:
    span = place.span
    return {
        "path": path_from_here(place.path),
        "line": span.line,
        "column": span.column + 1,
        "end_line": span.end_line,
        "end_column": span.end_column + 1,
    }
