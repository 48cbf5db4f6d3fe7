"""JUnit XML: a suite for each file, a failure for each finding."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from wslint.output.text import path_from_here, printable

if TYPE_CHECKING:
    from wslint.findings.finding import Finding
    from wslint.findings.report import Report


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return one document; without findings it has one suite with one passing test."""
    suites: dict[str, list[Finding]] = {}
    for finding in report.findings:
        suites.setdefault(finding.path, []).append(finding)
    rows = ['<?xml version="1.0" encoding="utf-8"?>']
    rows.append(f'<testsuites name="wslint" tests="{max(len(report.findings), 1)}" '
                f'failures="{len(report.findings)}" errors="{len(report.errors)}">')  # fmt: skip
    for path, findings in suites.items():
        name = quoteattr(printable(path_from_here(path)))
        count = len(findings)
        rows.append(f'  <testsuite name={name} tests="{count}" failures="{count}" errors="0">')
        rows += [_case(finding, name) for finding in findings]
        rows.append("  </testsuite>")
    if not suites:
        rows.append('  <testsuite name="wslint" tests="1" failures="0" errors="0">')
        rows.append('    <testcase name="nothing found" classname="wslint"/>')
        rows.append("  </testsuite>")
    return "\n".join([*rows, "</testsuites>"]) + "\n"


def _case(finding: Finding, name: str) -> str:
    span = finding.span
    message = printable(f"{finding.code} {finding.message}")
    text = escape(
        f"line {span.line}, column {span.column + 1}: {message}; {printable(finding.help)}"
    )
    title = quoteattr(printable(f"{finding.code} {finding.test}".strip()))
    return (
        f"    <testcase name={title} classname={name}>\n"
        f'      <failure type="{finding.code}" message={quoteattr(message)}>{text}</failure>\n'
        "    </testcase>"
    )
