"""--show-settings, --show-files, the progress bar and shell completion."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from small_project import run, write

from wslint.cli.echo import progress
from wslint.cli.progress import Progress
from wslint.config.loader import load_settings
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


def test_the_bar_appears_late_and_is_removed() -> None:
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


def test_check_updates_and_removes_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
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
        ("wslint ", ["check", "fix", "rule", "trace", "explain", "server", "clean"]),
        ("wslint check --add", ["--add-ignore"]),
        ("wslint check --output-format s", ["sarif"]),
        ("wslint check --select ws10", [f"WS10{n}" for n in range(1, 8)]),
        ("wslint fix --ignore WS1,WS90", ["WS1,WS900", "WS1,WS901"]),
        ("wslint rule unused", ["unused-suppression"]),
        ("wslint trace --color a", ["auto", "always"]),
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


@pytest.mark.parametrize(
    "words",
    ["check te", "fix te", "trace te", "check --config te", "check --baseline te", "check -o te"],
)
def test_completion_leaves_paths_to_the_shell(words: str) -> None:
    words = f"wslint {words}"
    variables = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    assert complete("bash", variables).splitlines() == ["file,te"]


def complete(shell: str, variables: dict[str, str], what: str = "complete") -> str:
    script = "from wslint.cli import main; main(prog_name='wslint')"
    variables = {**os.environ, "_WSLINT_COMPLETE": f"{shell}_{what}", **variables}
    command = [sys.executable, "-c", script]
    return subprocess.run(command, env=variables, capture_output=True, check=True, text=True).stdout


@pytest.mark.parametrize(
    ("shell", "words"),
    [("bash", "complete -o nosort -F"), ("zsh", "compdef "), ("fish", "complete --no-files")],
)
def test_output_for_the_shell(shell: str, words: str) -> None:
    if shell == "bash" and not shutil.which("bash"):
        pytest.fail("bash is needed to ask for its version")
    told = complete(shell, {}, "source")
    assert words in told
    assert "_WSLINT_COMPLETE=" in told
    page = Path(__file__).parents[2] / "docs" / "output.md"
    assert f"_WSLINT_COMPLETE={shell}_source wslint" in page.read_text("utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_bash_itself_completes() -> None:
    write({"tests/test_a.py": ""})
    script = """
        eval "$(_WSLINT_COMPLETE=bash_source wslint)"
        COMP_WORDS=(wslint tr); COMP_CWORD=1; _wslint_completion wslint
        echo "${COMPREPLY[@]}"
        COMPREPLY=(); COMP_WORDS=(wslint rule WS90); COMP_CWORD=2; _wslint_completion wslint
        echo "${COMPREPLY[@]}"
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(["bash", "-c", script], env={**os.environ, "PATH": path},
                          capture_output=True, check=True, text=True)  # fmt: skip
    assert done.stdout.splitlines() == ["trace", "WS900 WS901"]
