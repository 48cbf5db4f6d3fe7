"""Messages are short: one line that names the hazard here."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

import pytest
from cases import all_cases, settings_of

from wslint.findings.finding import Finding
from wslint.run.check import check

MEDIAN, MOST = 90, 140


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """What is found in all cases."""
    found: list[Finding] = []
    for case in all_cases():
        if case.is_hazard:
            folder: Path = tmp_path_factory.mktemp(case.code)
            case.copy_to(folder / "project")
            found += check([str(folder)], settings_of(case, folder / "project")).findings
    return found


def test_messages_are_short(findings: list[Finding]) -> None:
    longest = max((finding.message for finding in findings), key=len)
    assert len(longest) <= MOST, longest
    assert median(len(finding.message) for finding in findings) <= MEDIAN


def test_texts_are_phrases(findings: list[Finding]) -> None:
    """They begin without a capital, except for names, and end without a full stop."""
    for finding in findings:
        titles = [finding.fix.title] if finding.fix else [finding.no_fix]
        labels = [label.message for label in finding.labels]
        for text in (finding.message, finding.help, *titles, *labels):
            assert text
            assert not text.endswith(".")
            assert not re.match(r"[A-Z][a-z]+ ", text), text
            assert "\n" not in text
