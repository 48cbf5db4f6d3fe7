"""The keys of each ``case.toml`` are those that ``cases`` describes."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import Any

import cases
import pytest
from case_schema import SCHEMA, problems

PATH = Path("tests/fixtures/WS301/some/case.toml")
SILENT = {"title": "a", "kind": "silent", "before": {"outcome": "passes"}}
HAZARD = {
    **SILENT,
    "kind": "hazard",
    "fix": "none",
    "reason": "b",
    "findings": [{"path": "test_a.py", "line": 1, "code": "WS301"}],
}


def test_keys_of_the_cases() -> None:
    found = [problems(case.folder / "case.toml", case.data) for case in cases.all_cases()]
    assert list(chain.from_iterable(found)) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"titel": "a"}, ["'titel' was unexpected"]),
        ({"title": None}, ["'title' is a required property"]),
        ({"kind": "hazrd"}, ["kind: 'hazrd' is not one of"]),
        ({"before": {"outcome": "fails", "exeption": "a"}}, ["before: ", "'exeption' was unexp"]),
        ({"before": {}}, ["before: 'outcome' is a required property"]),
        ({"before": {"outcome": "fail"}}, ["before.outcome: 'fail' is not one of"]),
        ({"before": "passes"}, ["before: 'passes' is not of type 'object'"]),
        ({"before_where": [{"outcome": "fails"}]}, ["before_where.0: 'if' is a required"]),
        ({"needs": "waffle"}, ["needs: 'waffle' is not of type 'array'"]),
        ({"slow": "yes"}, ["slow: True was expected"]),
        ({"fix": None}, ["'fix' is a required property"]),
        ({"reason": None}, ["'reason' is a required property"]),
        ({"findings": [{"path": "a.py", "line": "1", "code": "WS301"}]}, ["findings.0.line: '1'"]),
        ({"findings": [{"path": "a.py", "code": "WS301"}]}, ["findings.0: 'line' is a required"]),
    ],
)
def test_a_mistake_names_file_and_key(data: dict[str, Any], said: list[str]) -> None:
    assert list(problems(PATH, HAZARD)) == list(problems(PATH, SILENT)) == []
    broken = {key: value for key, value in {**HAZARD, **data}.items() if value is not None}
    found = list(problems(PATH, broken))
    assert found
    assert all(line.startswith(f"{PATH}: ") for line in found)
    assert all(any(part in line for line in found) for part in said)


def test_silent_cases_have_no_fix() -> None:
    assert list(problems(PATH, {**SILENT, "fix": "safe"}))


def test_every_key_is_described() -> None:
    assert set(SCHEMA["properties"]) <= {*re.findall(r"\w+", cases.__doc__ or "")}
