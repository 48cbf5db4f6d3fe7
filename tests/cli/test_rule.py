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
    text = output("--all")
    assert all(f"# {code} " in text for code in codes)
