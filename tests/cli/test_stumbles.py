"""Common mistakes of new users, and the messages for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_project import TOLD, run, write


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write({"tests/test_a.py": TOLD})
    return tmp_path


@pytest.mark.parametrize(
    ("command", "near"),
    [
        ("ceck", " (did you mean 'check'?)"),
        ("tests", " (did you mean 'wslint check tests'?)"),
        ("zzz", ""),
    ],
)
def test_an_unknown_command(command: str, near: str) -> None:
    result = run(command)
    assert result.exit_code == 2
    assert result.stderr.endswith(f"Error: No such command {command!r}.{near}\n")


def test_commands_are_listed_in_whole_sentences() -> None:
    listed = run("--help").stdout.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == [
        "check",
        "fix",
        "rule",
        "trace",
        "explain",
        "server",
        "clean",
    ]
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_a_reason_after_a_space_is_not_a_path() -> None:
    result = run("check", "tests", "--add-ignore", "legacy")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: legacy: no such file or directory; nothing was added "
        '(pass a reason as --add-ignore="legacy")\n'
    )
    assert Path("tests/test_a.py").read_text() == TOLD
    assert run("check", "nope", "--add-ignore=legacy").stderr.endswith("nothing was added\n")


def test_missing_findings_of_a_baseline_may_be_of_disabled_rules() -> None:
    run("check", "--write-baseline", "b.json")
    result = run("check", "--baseline", "b.json", "--ignore", "WS301", "-v")
    assert "baseline: 0 found again, 1 not (fixed, of rules that are off" in result.stderr
    assert "0 not\n" in run("check", "--baseline", "b.json", "-v").stderr


def test_unsafe_fixes_of_the_settings_need_no_option() -> None:
    result = run("check")
    assert "(unsafe: needs --unsafe-fixes)" in result.stdout
    assert "(1 fixable with wslint fix --unsafe-fixes)" in result.stdout
    write({"wslint.toml": "unsafe-fixes = true\n"})
    result = run("check")
    assert "= fix: enter the client so that everything shares one event loop (unsafe)" in (
        result.stdout
    )
    assert "(1 fixable with wslint fix)" in result.stdout
    assert run("fix").exit_code == 0
