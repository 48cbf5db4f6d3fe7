"""The page generated from the results of the proofs."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import all_cases
from proofs.bench import Run
from proofs.report import document, read, write_down, write_end, write_header

STARTED = [{"kind": "start", "test": "test_a"}]
PASSED = [*STARTED, {"kind": "report", "when": "call", "outcome": "passed"}]
FAILED = [
    *STARTED,
    {"kind": "report", "when": "call", "outcome": "failed", "exception": "E", "message": "m"},
]


def test_page_tells_what_was_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROOF_REPORT", str(tmp_path))
    monkeypatch.setenv("PROOF_COLUMN", "some")
    cases = {case.id: case for case in all_cases()}
    hazard, silent = cases["WS301-setup"], cases["WS301-two_clients"]
    write_header()
    write_down(hazard, "before", "hangs", "", [Run(ended=False, entries=STARTED)])
    write_down(hazard, "fixed", "passes", "", [Run(ended=True, entries=PASSED)])
    write_down(silent, "before", "passes", "", [Run(ended=True, entries=FAILED)])
    assert read(tmp_path, []) == []
    write_end()
    page = document(read(tmp_path, ["other", "some"]), ["other", "some"])
    assert "| WS301 | some | 2 | 1 of 1 | 0 | 1 | 0 | 0 | 1 of 1 | 0 of 1 |" in page
    assert "- some: WS301 two_clients, before: fails, not passes" in page
    assert "Not run: other." in page


def test_what_a_page_says_of_rules_that_were_not_run_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOF_REPORT", str(tmp_path))
    cases = {case.id: case for case in all_cases()}
    page, runs = "", {"one": ("WS301-setup", "WS302-communicators"), "two": ("WS301-setup",)}
    for column, names in runs.items():
        monkeypatch.setenv("PROOF_COLUMN", column)
        write_header()
        for name in names:
            write_down(cases[name], "fixed", "passes", "", [Run(ended=True, entries=FAILED)])
        write_end()
        page = document(read(tmp_path, []), ["one", "two"], page)
        (tmp_path / f"{column}.jsonl").unlink()
    fails = "fixed: fails, not passes"
    assert f"- one: WS302 communicators, {fails}" in page
    assert f"- two: WS301 setup, {fails}" in page
    assert "- one: WS301" not in page
    assert page.count("| WS302 | one | 0 ") == page.count("| WS301 | two | 0 ") == 1
    assert "| WS301 | one |" not in page
    assert page.count("- **one**: ") == page.count("- **two**: ") == 1
    assert "Not run" not in page


def test_a_blind_hazard_is_confirmed_where_the_fixed_form_sees(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROOF_REPORT", str(tmp_path))
    monkeypatch.setenv("PROOF_COLUMN", "some")
    cases = {case.id: case for case in all_cases()}
    write_header()
    for name, seen in (("WS301-setup", FAILED), ("WS301-inline_client", PASSED)):
        for form, entries in (
            ("before", PASSED),
            ("fixed", PASSED),
            ("before-broken", PASSED),
            ("fixed-broken", seen),
        ):
            write_down(cases[name], form, "passes", "", [Run(ended=True, entries=entries)])
    write_end()
    page = document(read(tmp_path, ["some"]), ["some"])
    assert "| WS301 | some | 2 | 1 of 2 | 0 | 0 | 0 | 1 | 2 of 2 | 0 of 0 |" in page


def test_nothing_is_written_unless_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PROOF_REPORT", raising=False)
    monkeypatch.chdir(tmp_path)
    write_header()
    assert list(tmp_path.iterdir()) == []
