"""Findings, and tests that could not be judged, as diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from wslint.server.pages import page_uri
from wslint.suppressions.comments import UNUSED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslint.findings.finding import Finding, Unresolved
    from wslint.findings.span import Place
    from wslint.server.texts import Texts

SOURCE = "wslint"
UNREADABLE = "WS900"
_START = types.Position(0, 0)


def diagnostics(
    findings: Iterable[Finding], unresolved: Iterable[Unresolved], texts: Texts
) -> list[types.Diagnostic]:
    """Return the diagnostics of one open file."""
    return [
        *(_of_finding(finding, texts) for finding in findings),
        *(_of_unresolved(part, texts) for part in unresolved),
    ]


def _range(place: Place, texts: Texts) -> types.Range:
    location = texts.location(place)
    return location.range if location is not None else types.Range(_START, _START)


def _of_finding(finding: Finding, texts: Texts) -> types.Diagnostic:
    places = ((texts.location(label.place), label.message) for label in finding.labels)
    related = [
        types.DiagnosticRelatedInformation(location, message)
        for location, message in places
        if location is not None
    ]
    uri = page_uri(finding.code)
    severity = types.DiagnosticSeverity
    return types.Diagnostic(
        range=_range(finding.place, texts),
        message=finding.message,
        severity=severity.Error if finding.code == UNREADABLE else severity.Warning,
        code=finding.code,
        code_description=types.CodeDescription(uri) if uri else None,
        source=SOURCE,
        tags=[types.DiagnosticTag.Unnecessary] if finding.code == UNUSED else None,
        related_information=related or None,
    )


def _of_unresolved(unresolved: Unresolved, texts: Texts) -> types.Diagnostic:
    return types.Diagnostic(
        range=_range(unresolved.place, texts),
        message=f"not judged: {unresolved.reason}",
        severity=types.DiagnosticSeverity.Hint,
        source=SOURCE,
    )
