"""--show-settings, --show-files, the progress bar and the completion of shells."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from small_project import run, write

from wslint.cli.echo import progress
from wslint.cli.progress import Progress
from wslint.config import load_settings
from wslint.rules import selected_rules


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


SETTINGS = """\
[tool.wslint]
select = ["WS3", "unused-suppression"]
ignore = ["WS302"]
extend-exclude = ["old/", "a \\"b\\""]
test-database = "postgresql"

[tool.wslint.roles]
"a.b" = "TestClient"

[tool.wslint.per-file-ignores]
"t/*" = ["WS301"]
"""


@pytest.mark.parametrize("text", [SETTINGS, "[tool.wslint]\n"])
def test_settings_shown_make_the_same_settings(here: Path, text: str) -> None:
    write({"pyproject.toml": text})
    result = run("check", "--show-settings", "--preview", "--ignore", "WS303")
    assert result.exit_code == 0
    assert result.stdout.startswith("# from pyproject.toml\n")
    before = load_settings([str(here)])
    before = replace(before, preview=True)
    write({"wslint.toml": result.stdout})
    after = load_settings([str(here)])
    codes = [rule.code for rule in selected_rules(before) if rule.code != "WS303"]
    assert [rule.code for rule in selected_rules(after)] == codes
    same = {"config_file": "", "selections": ()}
    assert replace(after, **same) == replace(before, **same)  # type: ignore[arg-type]


def test_settings_without_a_file() -> None:
    assert run("check", "--show-settings").stdout.startswith("# from no configuration file\n")


def test_files() -> None:
    write(
        {
            "wslint.toml": 'extend-exclude = ["old", "*_pb2.py"]\n',
            "t/test_a.py": "",
            "t/a_pb2.py": "",
            "old/test_b.py": "",
            "b.txt": "",
        }
    )
    assert run("check", "--show-files").stdout == "t/test_a.py\n"
    assert run("check", "--show-files", "old/test_b.py").stdout == "old/test_b.py\n"
    assert run("check", "--show-files", "--force-exclude", "old/test_b.py").stdout == ""
    result = run("check", "--show-files", "nope", "t")
    assert (result.exit_code, result.stdout) == (2, "t/test_a.py\n")


def test_the_bar_comes_late_and_goes() -> None:
    now = [0.0]
    stream = io.StringIO()
    bar = Progress(stream, lambda: now[0])
    for second, done in ((0.5, 1), (0.9, 2), (1.5, 30), (1.55, 31), (2.0, 100)):
        now[0] = second
        bar(done, 100)
    assert stream.getvalue() == (
        "\r[#######.................] 30 of 100 files\r[########################] 100 of 100 files"
    )
    bar.clear()
    assert stream.getvalue().endswith("\r" + " " * 43 + "\r")
    bar.clear()
    assert stream.getvalue().count("\r") == 4


def test_no_bar_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress() is None
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert progress() is not None
    assert progress(quiet=True) is None


def test_check_moves_the_bar_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    write({f"test_{number}.py": "" for number in range(5)})
    monkeypatch.setattr("wslint.cli.progress.PATIENCE", 0.0)
    stream = io.StringIO()
    monkeypatch.setattr("wslint.cli.echo.progress", lambda **_: Progress(stream))
    for command in ("check", "fix"):
        assert run(command).exit_code == 0
        assert "0 of 5 files" in stream.getvalue()
        assert stream.getvalue().endswith(" \r")


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("wslint ", ["check", "fix", "rule", "trace", "clean"]),
        ("wslint check --add", ["--add-ignore"]),
        ("wslint check --output-format s", ["sarif"]),
    ],
)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(words: str, offered: list[str], shell: str) -> None:
    parts = words.split(" ")
    variables = {
        **os.environ,
        "_WSLINT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words if shell != "fish" else words.rpartition(" ")[0],
        "COMP_CWORD": str(len(parts) - 1) if shell != "fish" else parts[-1],
    }
    script = "from wslint.cli import main; main(prog_name='wslint')"
    done = subprocess.run(
        [sys.executable, "-c", script], env=variables, capture_output=True, check=True, text=True
    )
    lines = done.stdout.splitlines()
    if shell == "bash":
        assert lines == [f"plain,{name}" for name in offered]
    else:
        text = "\n".join(lines)
        assert all(name in text for name in offered)
