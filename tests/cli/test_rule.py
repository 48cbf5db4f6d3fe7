from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from wslint.cli import main
from wslint.rules import all_rules


def output(*args: str) -> str:
    result = CliRunner().invoke(main, ["rule", *args])
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("given", ["WS900", "ws900", "unreadable-source"])
def test_text(given: str) -> None:
    text = output(given)
    assert text.startswith(
        "# WS900 unreadable-source\n\n"
        "a file could not be read as Python, so nothing in it was checked (stable; no fix)\n\n"
        "## What it does\n"
    )
    assert text.count("WS900 unreadable-source") == 1


def test_json() -> None:
    rule = json.loads(output("WS900", "--output-format", "json"))
    assert rule["code"] == "WS900"
    assert rule["name"] == "unreadable-source"
    assert rule["status"] == "stable"
    assert rule["fixable"] == "none"
    assert "## Why is this bad?" in rule["page"]


def test_all() -> None:
    codes = [rule.code for rule in all_rules()]
    listed = json.loads(output("--all", "--output-format", "json"))
    assert [rule["code"] for rule in listed] == codes
    text = output("--all", "--output-format", "full")
    assert all(f"# {code} " in text for code in codes)
    assert "## Why is this bad?" in text


def test_all_as_a_table() -> None:
    heading, *lines = output("--all").splitlines()
    assert heading.split() == ["code", "name", "status", "fix", "summary"]
    assert [line.split()[:2] for line in lines] == [[rule.code, rule.name] for rule in all_rules()]
    for line, rule in zip(lines, all_rules(), strict=True):
        assert line[heading.index("status") :].startswith(rule.status)
        assert line[heading.index("summary") :] == rule.summary
    fixes = {line[heading.index("fix") : heading.index("summary")].strip() for line in lines}
    assert fixes == {"safe", "display-only", "in some places", "-"}


def test_one_rule_is_a_page_in_both_formats() -> None:
    assert output("WS301", "--output-format", "full") == output("WS301")
