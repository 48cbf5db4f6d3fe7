"""What is said of the rules in different places is the same set."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from paths import ROOT
from script_module import load_script

from wslint.rules import all_rules
from wslint.rules.rule import Rule

RULES = all_rules()


def test_stable_rules_have_cases() -> None:
    """At least six: two hazards, three look-alikes, and one whose reason lies in another file."""
    for rule in (rule for rule in RULES if rule.status == "stable"):
        cases = sorted((ROOT / "tests" / "fixtures" / rule.code).glob("*/case.toml"))
        kinds = [re.search(r'^kind = "(\w+)"', case.read_text(), re.M)[1] for case in cases]  # type: ignore[index]
        assert kinds.count("hazard") >= 2, rule.code
        if rule.check is None:
            assert kinds.count("silent") >= 1, rule.code
            continue
        assert kinds.count("silent") >= 3, rule.code
        assert len(cases) >= 6, rule.code
        assert any(is_across_files(case.parent / "before") for case in cases), rule.code


def is_across_files(folder: Path) -> bool:
    """Return whether a test of a case uses what another file of the case defines."""
    files = [path for path in folder.rglob("*.py") if path.name != "__init__.py"]
    helpers = [path for path in files if not re.match(r"tests?(_|\.)|.*_tests?\.", path.name)]
    tests = "".join(path.read_text() for path in files if path not in helpers)
    names = {path.stem for path in helpers if path.name != "conftest.py"}
    for path in helpers:
        names |= set(re.findall(r"^(?:def|class|async def) (\w+)", path.read_text(), re.M))
    automatic = any("autouse" in path.read_text() for path in helpers)
    return automatic or any(re.search(rf"\b{name}\b", tests) for name in names)


def test_examples_of_the_pages_parse() -> None:
    for rule in RULES:
        blocks = re.findall(r"```python\n(.*?)```", rule.page, re.S)
        assert len(blocks) == 2, rule.code
        for block in blocks[1:]:
            compile(block, rule.code, "exec", dont_inherit=True, flags=0x2000)  # top-level await


def test_no_rule_imports_from_another() -> None:
    for path in (ROOT / "wslint" / "rules").glob("ws*.py"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"wslint\.rules\.ws\d+|from wslint\.rules import", text) == [], path


def test_new_rule_begins_a_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = load_script("new_rule")
    (tmp_path / "wslint" / "rules").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert script.main(["WS999", "some-hazard", "something is wrong"]) == 0
    monkeypatch.syspath_prepend(tmp_path / "wslint" / "rules")
    rule = import_module("ws999_some_hazard").RULE
    assert isinstance(rule, Rule)
    assert (rule.code, rule.name, rule.status) == ("WS999", "some-hazard", "preview")
    assert rule.summary == "something is wrong"
    assert rule.check is not None
    assert (tmp_path / "tests" / "fixtures" / "WS999" / "hazard" / "case.toml").is_file()
    assert script.main(["WS999", "again", "taken"]) == 2
    assert script.main(["WS99", "short", "no code"]) == 2


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")
