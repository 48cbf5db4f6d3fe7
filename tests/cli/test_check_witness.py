from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import TOLD, run, write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write({"test_a.py": TOLD})


def witnessed(**changes: object) -> None:
    entry = {
        "rule": "WS301", "name": "a-name", "test": "test_a.py::test_told", "path": "test_a.py",
        "line": 8, "message": "was seen", "latent": False, **changes,
    }  # fmt: skip
    document = {"version": 1, "rootdir": ".", "seen": [entry], "off": []}
    Path("w.json").write_text(json.dumps(document))


def test_confirmed() -> None:
    witnessed()
    result = run("check", "--witness", "w.json")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0].endswith(" [unsafe fix] [seen at run time]")
    again = run("check")
    assert "seen at run time" not in again.stdout


def test_only_seen_is_no_finding() -> None:
    witnessed(rule="WS501", message="was \x1b[31mseen")
    result = run("check", "--select", "WS4", "--witness", "w.json")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Only seen at run time:",
        r"test_a.py:8: WS501 was \x1b[31mseen (test_a.py::test_told)",
        "",
        "All checks passed!",
    ]


def test_a_suppressed_finding_is_not_listed() -> None:
    witnessed()
    result = run("check", "--witness", "w.json", "--add-ignore=meant so")
    assert result.exit_code == 0
    assert "Only seen" not in result.stdout


@pytest.mark.parametrize("text", ["", "[]", '{"version": 9}', '{"version": 1, "seen": [{}]}'])
def test_a_broken_file_is_an_error(text: str) -> None:
    Path("w.json").write_text(text)
    result = run("check", "--witness", "w.json")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: w.json: ")
    assert len(result.stderr.splitlines()) == 1
