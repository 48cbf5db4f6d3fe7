"""Output formats, files and verbosity."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import TOLD, TWO, run, write

from wslint.output.formats import FORMATS


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_several_at_once() -> None:
    write({"test_a.py": TOLD})
    formats = ("--output-format", "sarif:out.sarif", "--output-format", "concise")
    result = run("check", *formats, "--output-format", "junit:out.xml")
    assert result.exit_code == 1
    assert result.stdout.startswith("test_a.py:8:9: WS301 ")
    assert json.loads(Path("out.sarif").read_text())["version"] == "2.1.0"
    assert Path("out.xml").read_text().startswith("<?xml")


def test_only_files_leave_the_summary_on_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    write({"test_a.py": TOLD})
    result = run("check", "--output-format", "full:out.txt")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Found 1 problem (")
    text = Path("out.txt").read_text()
    assert "WS301" in text
    assert "\x1b" not in text
    assert run("check", "-q", "--output-format", "full:out.txt").stderr == ""


def test_output_file() -> None:
    write({"test_a.py": TOLD})
    result = run("check", "--output-format", "json", "-o", "out.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(json.loads(Path("out.json").read_text())["findings"]) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--output-format", "sarif:"], "has no file after the colon"),
        (["--output-format", "full", "--output-format", "json"], "two formats go to standard"),
        (["--output-format", "json:a", "--output-format", "sarif:./a"], "two formats go to a"),
        (["--output-format", "json:a", "-o", "b"], "nothing would go to standard output"),
        (["--output-format", "sarif", "--statistics"], "not available as sarif"),
    ],
)
def test_wrong_usage(options: list[str], message: str) -> None:
    result = run("check", *options)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_file_that_cannot_be_written() -> None:
    write({"test_a.py": TOLD})
    result = run("check", "--output-format", "sarif:no/out.sarif", "--output-format", "concise")
    assert result.exit_code == 2
    assert result.stderr == "error: no/out.sarif: cannot be written: No such file or directory\n"
    assert "WS301" in result.stdout


@pytest.mark.parametrize("name", ["full", "concise", "grouped"])
def test_quiet(name: str) -> None:
    write({"test_a.py": TOLD})
    loud = run("check", "--output-format", name).stdout
    quiet = run("check", "--output-format", name, "--quiet").stdout
    assert loud.startswith(quiet)
    assert loud[len(quiet) :].startswith("Found 1 problem (")
    write({"test_a.py": "x = 1\n"})
    assert run("check", "-q", "--output-format", name).stdout == ""


def test_statistics() -> None:
    write({"test_a.py": TWO, "b.py": "websocket_connect = (\n"})
    result = run("check", "--statistics")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [
        "2  WS301  http-while-websocket-open-on-bare-client  [2 unsafe fix]",
        "1  WS900  unreadable-source",
    ]
    assert run("check", "--statistics", "-q").stdout.count("\n") == 2
    counted = json.loads(run("check", "--statistics", "--output-format", "json").stdout)
    assert [(entry["code"], entry["count"], entry["fixable_unsafe"]) for entry in counted] == [
        ("WS301", 2, 2),
        ("WS900", 1, 0),
    ]


def test_statistics_of_nothing() -> None:
    write({"a.py": "x = 1\n"})
    assert run("check", "--statistics").stdout == "All checks passed!\n"


def test_verbose() -> None:
    silenced = TOLD.replace('post("/a")', 'post("/a")  # wslint: ignore[WS301] a reason')
    write({"test_a.py": silenced, "wslint.toml": "preview = false\n"})
    result = run("check", "-v")
    assert result.exit_code == 0
    settings, looked, reason = result.stderr.splitlines()
    assert settings == "settings: wslint.toml"
    assert looked.startswith("1 file checked, 1 test judged in ")
    assert reason == "test_a.py:8: WS301 suppressed on line 8: a reason"


def test_every_format_is_named_in_the_help() -> None:
    text = " ".join(run("check", "--help").stdout.split())
    assert ", ".join(FORMATS) in text
    assert "wslint check --write-baseline wslint-baseline.json" in text


def test_a_file_is_written_as_a_whole_and_not_through_a_link(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write({"test_a.py": TOLD, "victim": "precious", "old.json": "old"})
    Path("link.json").symlink_to("victim")
    Path("old.json").chmod(0o640)
    run("check", "--output-format", "json:link.json", "--write-baseline", "base.json")
    run("check", "--output-format", "json:link.json", "--output-format", "junit:old.json")
    assert Path("victim").read_text() == "precious"
    assert not Path("link.json").is_symlink()
    assert Path("old.json").read_text().startswith("<?xml")
    assert Path("old.json").stat().st_mode & 0o777 == 0o640

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = sorted(Path().iterdir())
    monkeypatch.setattr("os.replace", refuse)
    result = run("check", "--output-format", "concise:old.json")
    assert (result.exit_code, "No space left" in result.stderr) == (2, True)
    assert Path("old.json").read_text().startswith("<?xml")
    assert sorted(Path().iterdir()) == before


def test_a_device_is_written_to() -> None:
    write({"test_a.py": TOLD})
    assert run("check", "--output-format", "json:/dev/null").exit_code == 1
    assert Path("/dev/null").is_char_device()
