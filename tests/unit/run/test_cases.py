"""What wslint finds in each case, and what its fix makes of it; nothing is run here."""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakSet

import pytest
from cases import Case, all_cases, fix, holds, laid_out, read_tree, relative, settings_of
from fix_tools import edited

from wslint.findings.finding import Finding, Fix
from wslint.findings.report import Report
from wslint.fixes.fileset import apply_all
from wslint.output import full, html, json_format, json_lines, sarif
from wslint.run.check import check
from wslint.run.fix import find_fixes
from wslint.timeline.interpreter.interpreter import Interpreter

CASES = all_cases()
FIXED = [case for case in CASES if case.fix != "none"]


def places(report: Report, folder: Path) -> list[tuple[str, int, str]]:
    return sorted(
        (relative(found.path, folder), found.span.line, found.code) for found in report.findings
    )


@pytest.fixture
def interpreters(monkeypatch: pytest.MonkeyPatch) -> Iterator[WeakSet[Interpreter]]:
    """The interpreters that are not freed yet; the garbage collector is off."""
    made: WeakSet[Interpreter] = WeakSet()
    init = Interpreter.__init__

    def watched(self: Interpreter, *given: Any) -> None:
        made.add(self)
        init(self, *given)

    monkeypatch.setattr(Interpreter, "__init__", watched)
    gc.disable()
    yield made
    gc.enable()


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_found(case: Case, interpreters: WeakSet[Interpreter]) -> None:
    """Each case is found as it says, with the edits of its fix; nothing is left in a cycle."""
    check_declaration(case)
    with laid_out(case) as folder:
        report = check([str(folder)], settings_of(case, folder))
        assert report.errors == ()
        assert places(report, folder) == case.findings
        for finding in report.findings:
            assert (finding.fix.applicability if finding.fix else "none") == case.fix
            assert case.data.get("reason", "") in finding.no_fix
            assert (finding.fix is None) == bool(finding.no_fix)
            check_texts(finding)
            if finding.fix is not None:
                check_edits(finding.fix)
        check_said(report)
    assert not interpreters


@pytest.mark.any_python  # the test above has made each fix once
@pytest.mark.parametrize("case", FIXED, ids=[case.id for case in FIXED])
def test_fixed(case: Case, interpreters: WeakSet[Interpreter]) -> None:
    """Each case is fixed as it says, and once is enough."""
    with laid_out(case) as folder:
        before = read_tree(folder)
        assert not fix(case, folder).refused
        after = read_tree(folder)
        changed = {path: text for path, text in after.items() if before.get(path) != text}
        assert changed == case.expected
        again = fix(case, folder)
        assert places(again.report, folder) == []
        assert again.changes == ()
        assert read_tree(folder) == after
    assert not interpreters


def check_declaration(case: Case) -> None:
    assert case.breaks == ("before_broken" in case.data)
    assert (case.breaks and case.fix != "none") == ("after_broken" in case.data)
    for entry in [e for key in case.data if key.endswith("_where") for e in case.data[key]]:
        assert all(isinstance(holds(condition), bool) for condition in entry["if"])
    assert all(code == case.code for _, _, code in case.findings)
    assert bool(case.expected) == ("after" in case.data) == (case.fix != "none")


def check_texts(finding: Finding) -> None:
    """They are phrases: no capital at the start but for names, no full stop, one line."""
    assert len(finding.message) <= 140
    title = finding.fix.title if finding.fix else finding.no_fix
    labels = [label.message for label in finding.labels]
    for text in (finding.message, finding.help, title, *labels):
        assert text
        assert not text.endswith(".")
        assert not re.match(r"[A-Z][a-z]+ ", text), text
        assert "\n" not in text


def check_edits(one: Fix) -> None:
    """Check that the edits of a fix do what the fix does alone."""
    paths = sorted({action.path for action in one.actions})
    before = {path: Path(path).read_bytes() if Path(path).exists() else b"" for path in paths}
    after = apply_all(before, [one], before.__contains__)
    assert one.edits
    for path in paths:
        own = [edit for edit in one.edits if edit.place.path == path]
        assert edited(before[path], own) == after[path]


def check_said(report: Report) -> None:
    """Check that formats say of each finding how it is repaired, or why that can't be done here."""
    text, page = full.render(report), html.render(report)
    parsed = json.loads(json_format.render(report))["findings"]
    lines = json_lines.render(report).splitlines()
    results = json.loads(sarif.render(report))["runs"][0]["results"]
    assert text.count(" = fix: ") + text.count(" = no fix: ") == len(report.findings)
    assert page.count("<h3>Fix: ") + page.count("<p>No fix here: ") == len(report.findings)
    for finding, entry, line, result in zip(report.findings, parsed, lines, results, strict=True):
        for said in (entry, json.loads(line)):
            tier = said["fix"]["applicability"] if said["fix"] else ""
            assert tier == (finding.fix.applicability if finding.fix else "")
            assert said["no_fix"] == finding.no_fix
        assert result.get("properties", {}).get("noFix", "") == finding.no_fix


def test_what_is_only_shown_is_made_where_its_rule_is_named(tmp_path: Path) -> None:
    case = next(case for case in CASES if case.fix == "display-only")
    case.copy_to(tmp_path / "project")
    folder = str(tmp_path / "project")
    settings = replace(settings_of(case, tmp_path / "project"), unsafe_fixes=True)
    assert not find_fixes([folder], settings).changes
    for others in (("ALL",), (case.code[:4],)):
        assert not find_fixes([folder], replace(settings, extend_unsafe_fixes=others)).changes
    assert find_fixes([folder], replace(settings, extend_unsafe_fixes=(case.code,))).changes
    named = replace(settings, unsafe_fixes=False, extend_safe_fixes=(case.code,))
    assert find_fixes([folder], named).changes


def test_conditions_follow_installed_versions() -> None:
    assert holds("libcst>=1.8")
    assert not holds("libcst<1.8")
    assert holds("python>=3.10")
    assert not holds("surely-not-installed>=0")
    data = {
        "before": {"outcome": "fails", "exception": "Error"},
        "before_where": [
            {"if": ["libcst>=1.8", "python<3.10"], "outcome": "hangs"},
            {"if": ["libcst>=1.8"], "outcome": "passes"},
        ],
    }
    assert Case(Path("WS101/some"), data).declared("before") == {"outcome": "passes"}
