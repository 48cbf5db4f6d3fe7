from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import HEAD, TEST, TOLD, TWO, run, write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_written_and_used() -> None:
    write({"t/test_a.py": TWO})
    result = run("check", "--write-baseline", "b.json")
    assert (result.exit_code, result.stdout) == (0, "Wrote 2 problems to b.json.\n")
    result = run("check", "--baseline", "b.json")
    assert (result.exit_code, result.stdout) == (0, "No new problem. 2 more in the baseline.\n")
    assert run("check").exit_code == 1


def test_fix_reports_what_is_new() -> None:
    write({"t/test_a.py": TWO.replace("TestClient(app)", "TestClient(app, 'http://a')")})
    run("check", "--write-baseline", "b.json")
    result = run("fix")
    assert (result.exit_code, result.stdout.count("WS301 ")) == (1, 2)
    result = run("fix", "--baseline", "b.json")
    assert (result.exit_code, result.stdout) == (0, "No new problem. 2 more in the baseline.\n")
    write({"wslint.toml": 'baseline = "b.json"\n'})
    assert run("fix").exit_code == 0
    assert run("fix", "--baseline", "").exit_code == 1


def test_survives_moved_lines_and_reports_what_is_new() -> None:
    write({"test_a.py": TOLD})
    run("check", "--write-baseline", "b.json")
    moved = TOLD.replace("def test", "\n\nX = 1\n\n\ndef test")
    write({"test_a.py": moved + "\n\n" + TEST.format("new")})
    result = run("check", "--baseline", "b.json", "--output-format", "concise")
    assert result.exit_code == 1
    first, last = result.stdout.splitlines()
    assert first.startswith("test_a.py:20:9: WS301 ")
    assert last.startswith("Found 1 problem (")
    assert last.endswith(" 1 more in the baseline.")


def test_equal_ones_are_counted() -> None:
    broken = "websocket_connect = (\n"
    write({"a.py": broken})
    again = "def test_a():\n    socket = client.websocket_connect('/')\n    socket.send('')\n"
    write({"test_b.py": HEAD + "client = TestClient(app)\n\n\n" + again})
    run("check", "--write-baseline", "b.json")
    known = json.loads(Path("b.json").read_text())["findings"]
    assert [(entry["path"], entry["code"]) for entry in known] == [
        ("a.py", "WS900"),
        ("test_b.py", "WS401"),
    ]
    more = again.replace(
        "    socket.send", "    other = client.websocket_connect('/')\n    other.send"
    )
    write({"test_b.py": HEAD + "client = TestClient(app)\n\n\n" + more})
    result = run("check", "--baseline", "b.json", "--output-format", "json")
    assert len(json.loads(result.stdout)["findings"]) == 1


def test_works_from_every_folder(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"t/test_a.py": TOLD})
    run("check", "--write-baseline", "b.json")
    monkeypatch.chdir(here / "t")
    assert run("check", "--baseline", "../b.json").exit_code == 0
    assert run("check", "--write-baseline", "../b.json").exit_code == 0
    (entry,) = json.loads(Path("../b.json").read_text())["findings"]
    assert entry["path"] == "t/test_a.py"


def test_as_a_setting(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write({"pyproject.toml": '[tool.wslint]\nbaseline = "b.json"\n', "t/test_a.py": TOLD})
    missing = run("check")
    assert missing.exit_code == 2
    assert missing.stderr == (
        "error: b.json: no such baseline: No such file or directory "
        "(--write-baseline creates one)\n"
    )
    assert run("check", "--write-baseline", "b.json").exit_code == 0
    assert run("check").exit_code == 0
    assert "Wrote 1 problem" in run("check", "--write-baseline", "b.json").stdout
    monkeypatch.chdir(here / "t")
    assert run("check").exit_code == 0
    assert run("check", "--baseline", "").exit_code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not a baseline written by wslint (--write-baseline creates one)"),
        ("[]", "is not a baseline written by wslint (--write-baseline creates one)"),
        ('{"version": 1, "findings": [1]}', "is not a baseline written by wslint"),
        ('{"version": 2, "findings": []}', "must be version 1 of a baseline, not 2"),
    ],
)
def test_invalid_baselines(text: str, message: str) -> None:
    write({"b.json": text, "test_a.py": TOLD})
    result = run("check", "--baseline", "b.json")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: b.json: {message}")
    assert result.stdout == ""


def test_not_written_after_an_error() -> None:
    write({"test_a.py": TOLD})
    assert run("check", "nope", "test_a.py", "--write-baseline", "b.json").exit_code == 2
    assert not Path("b.json").exists()
    assert run("check", "--write-baseline", "no/b.json").exit_code == 2


def test_nothing_found_is_a_baseline_too() -> None:
    write({"test_a.py": "x = 1\n"})
    assert run("check", "--write-baseline", "b.json").exit_code == 0
    assert json.loads(Path("b.json").read_text()) == {"version": 1, "findings": []}
    assert run("check", "--baseline", "b.json").stdout == "All checks passed!\n"


def test_verbose_counts_findings_that_are_gone() -> None:
    write({"test_a.py": TWO})
    run("check", "--write-baseline", "b.json")
    write({"test_a.py": TOLD})
    result = run("check", "--baseline", "b.json", "--verbose")
    assert "baseline: 1 found again, 1 not (fixed, of rules that are off, " in result.stderr


CONFTEST = """\
import pytest
from starlette.testclient import TestClient

from app import app


@pytest.fixture
def echo():
    return TestClient(app).websocket_connect("/echo")
"""
WITH_ECHO = "def test_echo(echo):\n    echo.send_text('a')\n"


def test_what_is_elsewhere_is_counted() -> None:
    write({"conftest.py": CONFTEST, "t/test_a.py": WITH_ECHO})
    said = "All checks passed! 1 more problem in a file that was not given: conftest.py.\n"
    for paths in (("t",), ("t/test_a.py::test_echo",)):
        result = run("check", *paths)
        assert (result.exit_code, result.stdout) == (0, said)
    assert run("fix", "t").stdout == said
    run("check", "--write-baseline", "b.json")
    assert run("check", "t", "--baseline", "b.json").stdout == "All checks passed!\n"
    write({"conftest.py": CONFTEST.replace('"/echo")', '"/echo")  # wslint: ignore[WS401]')})
    assert run("check", "t").stdout == "All checks passed!\n"
