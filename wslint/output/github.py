"""Annotations for GitHub Actions: one workflow command for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output.text import path_from_here, printable

if TYPE_CHECKING:
    from wslint.findings.finding import Finding
    from wslint.findings.report import Report


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return one ``::error`` line for each finding, and for each error of the run."""
    rows = [_command(finding) for finding in report.findings]
    for error in report.errors:
        where = f",file={_property(path_from_here(error.path))}" if error.path else ""
        rows.append(f"::error title=wslint{where}::{_message(error.message)}")
    return "".join(f"{row}\n" for row in rows)


def _command(finding: Finding) -> str:
    span = finding.span
    properties = {
        "title": f"wslint ({finding.code})",
        "file": path_from_here(finding.path),
        "line": str(span.line),
        "col": str(span.column + 1),
        "endLine": str(span.end_line),
        "endColumn": str(span.end_column + 1),
    }
    parameters = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::error {parameters}::{_message(f'{finding.code} {finding.message}; {finding.help}')}"


def _message(text: str) -> str:
    return printable(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
