"""docs/symptoms.md and the table of symptoms name the same texts and rules."""

from __future__ import annotations

import re

from paths import ROOT

from wslint.rules import find_rule
from wslint.symptoms.known import SYMPTOMS
from wslint.symptoms.matching import symptoms_in
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


def test_the_errors_of_the_page_are_explained() -> None:
    assert [error for error in quoted_errors() if not symptoms_in(failures_in(error))] == []


def test_the_quotes_of_a_symptom_are_on_the_page_with_its_rules() -> None:
    for symptom, quote in ((each, quote) for each in SYMPTOMS for quote in each.quotes):
        plain = quote.replace("`", "").lower()
        sections = [section for section in SECTIONS if plain in section.replace("`", "").lower()]
        assert sections, quote
        named = {code for section in sections for code in re.findall(r"\[(WS\d{3})\]", section)}
        assert set(symptom.rules) <= named, quote


def test_rules_exist() -> None:
    for code in {code for symptom in SYMPTOMS for code in symptom.rules}:
        rule = find_rule(code)
        assert rule is not None, code
        assert rule.code == code
