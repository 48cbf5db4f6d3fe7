"""SARIF 2.1.0, as code scanning services read it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from wslint import __version__
from wslint.output.fingerprint import fingerprints
from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from wslint.finding import Finding
    from wslint.report import Report
    from wslint.rules.rule import Rule
    from wslint.spans import Place


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
                "rules": [_rule(rule) for rule in rules],
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
    return json.dumps({"version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
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
    return result


def _location(place: Place) -> dict[str, Any]:
    span = place.span
    uri = quote(path_from_here(place.path).encode("utf-8", "surrogateescape"))
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri},
            "region": {
                "startLine": span.line,
                "startColumn": span.column + 1,
                "endLine": span.end_line,
                "endColumn": span.end_column + 1,
            },
        }
    }
