from __future__ import annotations

import re
from dataclasses import replace

import pytest

from wslint.config import selection as selectors
from wslint.config.rule_names import rule_names
from wslint.config.settings import Selection, Settings
from wslint.findings.span import Place, Span
from wslint.rules import all_rules, find_rule, selected_rules
from wslint.rules.rule import Cause, Rule, Status
from wslint.timeline.model import Moment, Origin, Resource

HEADINGS = [
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix safety",
    "Evidence",
]


def fake(code: str, name: str, status: Status = "stable") -> Rule:
    return Rule(code, name, "summary", status, "none", "page", None)


RULES = (
    fake("WS101", "a-one"),
    fake("WS102", "a-two"),
    fake("WS104", "a-trial", "preview"),
    fake("WS301", "c-one"),
    fake("WS900", "unreadable-source"),
)


def on(*selections: Selection, preview: bool = False) -> list[str]:
    settings = Settings(selections=selections, preview=preview)
    return [rule.code for rule in selected_rules(settings, RULES) if rule.code != "WS900"]


def test_default_is_stable() -> None:
    assert on() == ["WS101", "WS102", "WS301"]
    assert on(preview=True) == ["WS101", "WS102", "WS104", "WS301"]


@pytest.mark.parametrize(
    ("selection", "codes"),
    [
        (Selection(("WS1",)), ["WS101", "WS102"]),
        (Selection(("ALL",)), ["WS101", "WS102", "WS301"]),
        (Selection(("WS104",)), ["WS104"]),
        (Selection(("a-trial",)), ["WS104"]),
        (Selection(extend_select=("WS104",)), ["WS101", "WS102", "WS104", "WS301"]),
        (Selection(extend_select=("WS10",)), ["WS101", "WS102", "WS301"]),
        (Selection(ignore=("WS1",)), ["WS301"]),
        (Selection(ignore=("c-one",)), ["WS101", "WS102"]),
        (Selection(("WS1",), ("WS101",)), ["WS102"]),
        (Selection(("WS101",), ("WS1",)), ["WS101"]),
        (Selection(("a-one",), ("WS1",)), ["WS101"]),
        (Selection(("WS101",), ("WS101",)), []),
        (Selection(("ALL",), ("ALL",)), []),
        (Selection(("WS3",), ("ALL",), ("ws102",)), ["WS102", "WS301"]),
    ],
)
def test_the_more_specific_selector_wins(selection: Selection, codes: list[str]) -> None:
    assert on(selection) == codes


@pytest.mark.parametrize(
    ("file", "line", "codes"),
    [
        (Selection(ignore=("WS101",)), Selection(extend_select=("WS1",)), ["WS101", "WS102"]),
        (Selection(("WS1",)), Selection(ignore=("WS101",)), ["WS102"]),
        (Selection(("WS1",)), Selection(("WS3",)), ["WS301"]),
        (Selection(("WS1",)), Selection(extend_select=("WS3",)), ["WS101", "WS102", "WS301"]),
    ],
)
def test_the_later_place_wins(file: Selection, line: Selection, codes: list[str]) -> None:
    assert [code for code in on(file, line) if file.select or code != "WS301"] == codes


@pytest.mark.parametrize(
    ("selection", "stays"),
    [
        (Selection(("WS101",)), True),
        (Selection(ignore=("ALL",)), True),
        (Selection(ignore=("WS9",)), True),
        (Selection(ignore=("WS900",)), False),
        (Selection(ignore=("unreadable-source",)), False),
    ],
)
def test_unreadable_files_are_told_of_unless_that_is_ignored(
    selection: Selection, stays: bool
) -> None:
    codes = [rule.code for rule in selected_rules(Settings(selections=(selection,)), RULES)]
    assert ("WS900" in codes) is stays


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("ALL", True),
        ("all", True),
        ("WS", True),
        ("ws1", True),
        ("WS101", True),
        ("a-one", True),
        ("A-One", True),
        ("WS2", False),
        ("WS1011", False),
        ("a", False),
        ("", False),
    ],
)
def test_selectors(selector: str, matches: bool) -> None:
    assert selectors.matches(selector, "WS101", "a-one") is matches


@pytest.mark.parametrize("given", ["WS900", "ws900", "unreadable-source"])
def test_find_rule(given: str) -> None:
    rule = find_rule(given)
    assert rule is not None
    assert rule.code == "WS900"


@pytest.mark.parametrize("given", ["WS9", "ALL", "", "nope"])
def test_find_no_rule(given: str) -> None:
    assert find_rule(given) is None


def test_files_and_rules_agree() -> None:
    assert {rule.code: rule.name for rule in all_rules()} == dict(rule_names())


def test_pages_have_the_headings() -> None:
    for rule in all_rules():
        headings = re.findall(r"^## (.+)$", rule.page, re.MULTILINE)
        assert headings in (HEADINGS, [*HEADINGS, "See also"]), rule.code
        _, _, links = rule.page.partition("## See also\n")
        assert links.count("- https://") == links.count("- "), rule.code
        assert bool(links) is (len(headings) > len(HEADINGS)), rule.code
        assert not rule.summary.endswith("."), rule.code


@pytest.mark.parametrize(
    ("versions", "expected"),
    [
        ({}, True),
        ({"channels": "4.2.0"}, True),
        ({"channels": "4.2rc1"}, True),
        ({"channels": "4.1.0"}, False),
        ({"channels": "of its own"}, True),
        ({"django": "1.0"}, True),
    ],
)
def test_hazard_exists_in_versions(versions: dict[str, str], expected: bool) -> None:
    rule = replace(fake("WS101", "a-one"), concerns=("channels>=4.2", "django"))
    assert rule.exists_in(versions) is expected


def test_what_it_concerns() -> None:
    rule = replace(fake("WS101", "a-one"), concerns=("channels>=4.2", "django"))
    assert rule.libraries == ("channels", "django")
    assert rule.concerns_text({}) == "channels>=4.2, django"
    known = {"django": "5.2", "starlette": "1.0"}
    assert rule.concerns_text(known) == "channels>=4.2, django (this project: django 5.2)"


@pytest.mark.parametrize(
    ("page", "summary"),
    [
        ("A client is never entered.\n\nMore.\n", "a client is never entered"),
        ("HTTP call on a client.\n", "HTTP call on a client"),
        ("`timeout=` on a websocket.\n", "`timeout=` on a websocket"),
        (None, ""),
    ],
)
def test_a_rule_is_read_off_its_module(page: str | None, summary: str) -> None:
    rule = Rule.of("wslint.rules.ws999_some_hazard", page, status="stable", fixable="none")
    assert (rule.code, rule.name) == ("WS999", "some-hazard")
    assert (rule.summary, rule.page) == (summary, page or "")


def test_causes_are_told_apart() -> None:
    place = Place("a.py", Span(1, 0, 1, 5))
    resource = Resource(3, "TestClient", Origin(place), Moment(0, 1, ()), ())
    rule = fake("WS101", "a-one")

    def cause(given: Cause) -> str:
        return rule.finding(place, "message", "help", cause=given).cause

    assert cause(resource) == cause(3)
    assert len({cause(given) for given in (3, 4, place, "3", "")}) == 5
