"""docs/proofs.md, as written by the runs, agrees with the ``concerns`` of the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from packaging.requirements import Requirement
from paths import ROOT

from wslint.filesystem.toml import load_toml
from wslint.rules import all_rules, find_rule
from wslint.rules.rule import Rule

PAGE = (ROOT / "docs" / "proofs.md").read_text(encoding="utf-8")
COLUMNS = load_toml(str(ROOT / "tests" / "proofs" / "columns.toml"))["column"]
NEWEST = "newest-python3.13"
STABLE = [rule for rule in all_rules() if rule.status == "stable"]


@dataclass(frozen=True)
class Row:
    """One row of the table: the outcome of a rule's cases in one column."""

    code: str
    column: str
    confirmed: int
    fixed: tuple[int, int]


def rows() -> list[Row]:
    table = re.findall(r"^\| (WS\d\d\d) \| (.*) \|$", PAGE, re.M)
    found = []
    for code, rest in table:
        column, _, confirmed, *_, fixed, _ = rest.split(" | ")
        passed, made = map(int, fixed.split(" of "))
        found.append(Row(code, column, int(confirmed.split(" of ")[0]), (passed, made)))
    return found


def versions(column: str) -> dict[str, str]:
    """Return what was installed in a column, by name."""
    line = re.search(rf"^- \*\*{re.escape(column)}\*\*: (.*);", PAGE, re.M)
    assert line is not None, column
    return {name.lower(): number for name, number in re.findall(r"([\w-]+) ([\d.]+)", line[1])}


def is_concerned(rule: Rule, column: str) -> bool:
    installed = versions(column)
    return all(
        one.specifier.contains(installed[one.name])
        for one in map(Requirement, rule.concerns)
        if one.name in installed
    )


def test_stable_rules_are_proved_with_the_newest_versions() -> None:
    newest = [row for row in rows() if row.column == NEWEST]
    for rule in STABLE:
        found = [row for row in newest if row.code == rule.code]
        assert len(found) == 1, rule.code
        assert found[0].confirmed, rule.code
        # a fixed form may be declared to fail: it reveals what the bad one has hidden
        passed, made = found[0].fixed
        assert bool(passed) is bool(made), rule.code


def test_hazards_are_confirmed_where_the_rule_says_so() -> None:
    for row in rows():
        rule = find_rule(row.code)
        assert rule is not None
        if rule.status == "stable":
            assert bool(row.confirmed) is is_concerned(rule, row.column), row


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column["name"])
def test_every_rule_was_run_in_every_column_that_is_about_it(column: dict[str, Any]) -> None:
    run = {row.code for row in rows() if row.column == column["name"]}
    about = set(column.get("about", ()))
    expected = {rule.code for rule in STABLE if not about or not about.isdisjoint(rule.libraries)}
    assert expected <= run


def test_nothing_went_otherwise_than_the_cases_declare() -> None:
    assert "Not as the case declares" not in PAGE
    assert "Not run:" not in PAGE
