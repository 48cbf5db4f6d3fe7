"""docs/symptoms.md and the table of symptoms name the same texts and rules."""

from __future__ import annotations

import re

import pytest
from paths import ROOT

from wslint.rules import find_rule
from wslint.symptoms.known import SYMPTOMS
from wslint.symptoms.matching import symptoms_in
from wslint.symptoms.model import Symptom
from wslint.symptoms.tracebacks import failures_in

TEXT = (ROOT / "docs" / "symptoms.md").read_text(encoding="utf-8")
SECTIONS = [" ".join(section.split()) for section in TEXT.split("\n## ")[1:]]
ENTRIES = [" ".join(entry.split()) for entry in re.split(r"\n(?=\*\*)|\n## ", TEXT)]
# what a heading quotes as the text of an error
AN_ERROR = re.compile(r"(\w+\.)*\w*(Error|Exception|Warning|Failed|Forbidden|Mismatch)\b.*: .+")


def quoted_errors() -> list[str]:
    """Return the errors that the bold beginnings of the entries quote."""
    heads = [match[1] for entry in ENTRIES if (match := re.match(r"\*\*(.+?)\*\*", entry))]
    spans = [span for head in heads for span in re.findall(r"`([^`]+)`", head)]
    return [span for span in spans if AN_ERROR.fullmatch(span)]


def test_there_are_quoted_errors() -> None:
    assert len(quoted_errors()) > 30


@pytest.mark.parametrize("error", quoted_errors())
def test_an_error_of_the_page_is_explained(error: str) -> None:
    assert symptoms_in(failures_in(error))


@pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda symptom: symptom.name)
def test_a_symptom_is_on_the_page_with_its_rules(symptom: Symptom) -> None:
    for quote in symptom.quotes:
        plain = quote.replace("`", "").lower()
        sections = [section for section in SECTIONS if plain in section.replace("`", "").lower()]
        assert sections, quote
        named = {code for section in sections for code in re.findall(r"\[(WS\d{3})\]", section)}
        assert set(symptom.rules) <= named


@pytest.mark.parametrize("symptom", SYMPTOMS, ids=lambda symptom: symptom.name)
def test_rules_exist(symptom: Symptom) -> None:
    for code in symptom.rules:
        rule = find_rule(code)
        assert rule is not None
        assert rule.code == code
