"""Annotations for GitHub Actions: one workflow command for each finding, up to GitHub's limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output.text import path_from_here, plural, printable

if TYPE_CHECKING:
    from wslint.findings.finding import Finding
    from wslint.findings.report import Problem, Report


# GitHub drops what a step annotates beyond this number of each level.
LIMIT = 10


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return ``::error`` lines for errors of the run and for findings.

    If there are too many, the last one counts the others, which follow as lines of the log.
    """
    findings = [_command(finding) for finding in report.findings]
    errors = [_error(error) for error in report.errors]
    left = len(findings) + len(errors) - LIMIT + 1
    if left <= 1:
        return "".join(f"{row}\n" for row in findings + errors)
    kept = (errors + findings)[: LIMIT - 1]
    kept.append(f"::error title=wslint::{plural(left, 'more problem')}: see the log of this step")
    kept += [f"error: {_place(error.path)}{_message(error.message)}"
             for error in report.errors[LIMIT - 1 :]]  # fmt: skip
    # a line that begins with a code can't be a command
    kept += [
        f"{finding.code} {_place(finding.path, finding.span.line)}{_message(finding.message)}"
        for finding in report.findings[max(LIMIT - 1 - len(report.errors), 0) :]
    ]
    return "".join(f"{row}\n" for row in kept)


def _error(error: Problem) -> str:
    where = f",file={_property(path_from_here(error.path))}" if error.path else ""
    return f"::error title=wslint{where}::{_message(error.message)}"


def _place(path: str, line: int = 0) -> str:
    return f"{_message(path_from_here(path))}{f':{line}' if line else ''}: " if path else ""


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
