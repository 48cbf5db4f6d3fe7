"""SARIF 2.1.0, for code scanning services."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wslint import __version__
from wslint.output.fingerprint import fingerprints
from wslint.output.links import rule_link
from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslint.findings.finding import Edit, Finding
    from wslint.findings.report import Report
    from wslint.findings.span import Place, Span
    from wslint.rules.rule import Rule


_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_TIERS = {
    "safe": "",
    "unsafe": " (may change behaviour)",
    "display-only": " (may fail a test of a correct application)",
}


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return one run: the rules, a result for each finding, the errors as notifications."""
    from wslint.rules import all_rules

    used = {finding.code for finding in report.findings}
    rules = [rule for rule in all_rules() if rule.code in used]
    number = {rule.code: index for index, rule in enumerate(rules)}
    known_by = fingerprints(report.findings)
    notifications = [
        {"level": "error", "message": {"text": f"{path_from_here(e.path)}: {e.message}"}}
        for e in report.errors
    ]
    run = {
        "tool": {
            "driver": {
                "name": "wslint",
                "version": __version__,
                "rules": [_rule(rule, report.rule_url) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, number[finding.code], known)
            for finding, known in zip(report.findings, known_by, strict=True)
        ],
        "invocations": [
            {
                "executionSuccessful": not report.errors,
                "toolExecutionNotifications": notifications,
            }
        ],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule, rule_url: str) -> dict[str, Any]:
    link = rule_link(rule.code, rule_url)
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        **({"helpUri": link} if link else {}),
        "defaultConfiguration": {"level": "warning" if rule.status == "preview" else "error"},
    }


def _result(finding: Finding, rule: int, fingerprint: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": f"{finding.message}. To do: {finding.help}."},
        "locations": [_location(finding.place)],
        "partialFingerprints": {"wslint/v1": fingerprint},
    }
    if finding.labels:
        result["relatedLocations"] = [
            {"id": number, **_location(label.place), "message": {"text": label.message}}
            for number, label in enumerate(finding.labels)
        ]
    if finding.no_fix:
        result["properties"] = {"noFix": finding.no_fix}
    if finding.fix is not None and finding.fix.edits:
        tier = _TIERS[finding.fix.applicability]
        result["fixes"] = [
            {
                "description": {"text": f"{finding.fix.title}{tier}"},
                "artifactChanges": [
                    _change(path, edits)
                    for path, edits in groupby(finding.fix.edits, lambda edit: edit.place.path)
                ],
            }
        ]
    return result


def _change(path: str, edits: Iterable[Edit]) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(path)},
        "replacements": [
            {"deletedRegion": _region(edit.place.span), "insertedContent": {"text": edit.text}}
            for edit in edits
        ],
    }


def _location(place: Place) -> dict[str, Any]:
    artifact = {"uri": _uri(place.path)}
    return {"physicalLocation": {"artifactLocation": artifact, "region": _region(place.span)}}


def _uri(path: str) -> str:
    shown = path_from_here(path)
    # outside of the working directory; the colon of a drive would look like a scheme
    drive = shown[:2] if shown[1:3] == ":/" else ""
    start = f"file:///{drive}" if drive else "file://" * shown.startswith("/")
    return start + quote(shown[len(drive) :].encode("utf-8", "surrogateescape"))


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column + 1,
        "endLine": span.end_line,
        "endColumn": span.end_column + 1,
    }
