"""docs/symptoms.md names rules that exist, and every public report."""

from __future__ import annotations

import re

from field_reports import count, count_with_runs, field_reports
from paths import ROOT

from wslint.rules import find_rule

DOCS = ROOT / "docs"
TEXT = (DOCS / "symptoms.md").read_text(encoding="utf-8")
ENTRIES = re.split(r"\n(?=\*\*)|\n## ", TEXT)


def test_every_rule_named_exists_and_is_a_link_to_its_page() -> None:
    links = re.findall(r"\[(WS\d{3})\]\(([^)]+)\)", TEXT)
    assert links
    for code, target in links:
        assert find_rule(code) is not None, code
        assert target == f"rules/{code}.md"
        assert (DOCS / target).is_file()
    assert re.findall(r"WS\d{3}", re.sub(r"\[WS\d{3}\]\([^)]+\)", "", TEXT)) == []


def test_reports_are_listed_with_the_rule_that_finds_them() -> None:
    no_rule = re.compile("[Nn]o\\s+(rule|linter)|by no rule|out of scope for wslint")
    for report in field_reports():
        entries = [entry for entry in ENTRIES if f"]({report.url})" in entry]
        assert len(entries) == 1, report.id
        codes = {case.partition("-")[0] for case in report.cases}
        named = set(re.findall(r"\[(WS\d{3})\]", entries[0]))
        if report.is_caught:
            assert codes <= named, report.id
        elif not report.beside:
            assert no_rule.search(entries[0]), report.id


def test_it_links_no_other_threads() -> None:
    known = {report.url for report in field_reports()}
    assert set(re.findall(r"\]\((https://[^)]+)\)", TEXT)) == known


def test_the_count_is_that_of_the_reports() -> None:
    assert count() in TEXT
    assert count_with_runs() in " ".join(TEXT.split())


def test_contents_lead_to_the_headings() -> None:
    anchors = re.findall(r"^- \[(.+)\]\(#(.+)\)$", TEXT, re.M)
    headings = re.findall(r"^## (.+)$", TEXT, re.M)
    assert [text for text, _ in anchors] == headings
    for text, anchor in anchors:
        assert anchor == re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-")
