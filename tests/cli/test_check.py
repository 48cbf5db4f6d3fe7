from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wslint import __version__
from wslint.cli import main

BROKEN = "websocket_connect = (\n"
HAZARD = """\
from starlette.testclient import TestClient
from shop import app


def test_order_is_announced():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        client.post("/a")
        socket.receive_text()
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "WSLINT_TRACEBACK"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(*args: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, args, input=stdin)


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def test_nothing_found() -> None:
    write({"a.py": "x = 1\n"})
    result = run("check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "All checks passed!\n", "")


def test_problem_found() -> None:
    write({"a.py": BROKEN})
    result = run("check", "--output-format", "concise")
    assert result.exit_code == 1
    assert result.stdout == (
        "a.py:1:21: WS900 syntax error: '(' was never closed; nothing in this file was judged\n"
        "Found 1 problem.\n"
    )
    assert run("check", "--exit-zero").exit_code == 0
    assert run("check", "--ignore", "WS900").exit_code == 0
    assert run("check", "--select", "ALL", "--ignore", "x,unreadable-source").exit_code == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["check", "nope"], "error: nope: no such file or directory\n"),
        (["check", "nope", "--exit-zero"], "error: nope: no such file or directory\n"),
        (["check", "--select", "WS999"], "error: --select: unknown rule 'WS999' (did you mean"),
        (["check", "--config", "no.toml"], "error: no.toml: no such configuration file\n"),
        (["check", "--config", "a", "--isolated"], "--config and --isolated cannot be used"),
        (["check", "-", "a.py"], "- (standard input) cannot be combined with other paths"),
        (["check", "--output-format", "xml"], "'xml' is not one of"),
        (["check", "--selec"], "No such option"),
        (["chek"], "No such command"),
        (["rule"], "give a code or a name, or --all"),
        (["rule", "WS900", "--all"], "give a code or a name, or --all"),
        (["rule", "unreadable"], "no rule has the code or name 'unreadable' (did you mean"),
    ],
)
def test_wrong_usage(args: list[str], message: str) -> None:
    result = run(*args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_wrong_configuration() -> None:
    write({"pyproject.toml": '[tool.wslint]\nselct = ["WS9"]\n', "a.py": ""})
    result = run("check", "--exit-zero")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: pyproject.toml:2: tool.wslint.selct: unknown key (did you mean 'select'?)\n"
    )
    assert run("check", "--isolated").exit_code == 0
    write({"other.toml": 'ignore = ["WS900"]\n', "b.py": BROKEN})
    assert run("check", "--config", "other.toml").exit_code == 0


def test_a_directory_without_python_files(here: Path) -> None:
    (here / "a").mkdir()
    result = run("check", "a")
    assert result.exit_code == 0
    assert result.stderr == "warning: no Python files found under a\n"
    assert result.stdout == "All checks passed!\n"


def test_the_missing_path_does_not_hide_the_rest() -> None:
    write({"a.py": BROKEN})
    result = run("check", "nope", "a.py", "--output-format", "json")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert [finding["path"] for finding in document["findings"]] == ["a.py"]
    assert document["errors"] == [{"path": "nope", "message": "no such file or directory"}]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_unreadable_files_are_one_line_each(here: Path) -> None:
    (here / "dir.py").mkdir()
    os.mkfifo("fifo.py")
    Path("dangling.py").symlink_to("nowhere")
    Path("nul.py").write_bytes(b"x = 1\n\0")
    Path("cookie.py").write_bytes(b"# coding: nonsense\n")
    names = ["fifo.py", "dangling.py", "nul.py", "cookie.py"]
    result = run("check", "dir.py", *names, "--output-format", "concise")
    assert result.exit_code == 1
    rest = "; nothing in this file was judged"
    assert result.stdout.splitlines() == [
        f"cookie.py:1:1: WS900 unknown encoding: nonsense{rest}",
        f"dangling.py:1:1: WS900 a symbolic link to a file that does not exist{rest}",
        f"fifo.py:1:1: WS900 not a regular file{rest}",
        f"nul.py:2:1: WS900 contains a NUL byte{rest}",
        "Found 4 problems.",
    ]


def test_standard_input() -> None:
    result = run("check", "-", "--output-format", "concise", stdin=b"x = (\n")
    assert result.exit_code == 1
    assert result.stdout.startswith("test_stdin.py:1:5: WS900 ")
    for args in (["-"], []):
        named = run("check", *args, "--stdin-filename", "t/a.py", stdin=b"x = (\n")
        assert named.stdout.startswith("t/a.py:1:5: WS900 ")
        assert "1 | x = (" in named.stdout
    assert run("check", "-", stdin=b"x = 1\n").exit_code == 0


def test_standard_input_takes_the_settings_of_its_name() -> None:
    write({"t/wslint.toml": 'ignore = ["WS900"]\n'})
    assert run("check", "-", "--stdin-filename", "t/a.py", stdin=b"x = (\n").exit_code == 0
    assert run("check", "-", "--stdin-filename", "u/a.py", stdin=b"x = (\n").exit_code == 1


@pytest.mark.parametrize("verbose", [True, False])
def test_internal_errors_name_the_file(monkeypatch: pytest.MonkeyPatch, verbose: bool) -> None:
    def judge_file(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("wslint.run.judge.judge_file", judge_file)
    if verbose:
        monkeypatch.setenv("WSLINT_TRACEBACK", "1")
    write({"a.py": "websocket_connect\n", "b.py": BROKEN})
    result = run("check", "--exit-zero")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: a.py: internal error: KeyError: 'oops'; this is a bug")
    assert ("Traceback" in result.stderr) is verbose
    assert "b.py:1:21: WS900" in result.stdout


def test_errors_outside_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object, **__: object) -> None:
        raise RuntimeError("oops")

    monkeypatch.setattr("wslint.run.check.check", check)
    result = run("check")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: internal error: RuntimeError: oops")
    assert result.stdout == ""


def test_interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("wslint.run.check.check", check)
    result = run("check")
    assert (result.exit_code, result.stderr) == (130, "error: interrupted\n")


def test_options_reach_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    from wslint.config.settings import Selection, Settings
    from wslint.findings.report import Report

    seen: list[Settings] = []

    def check(paths: object, settings: Settings, **_: object) -> Report:
        seen.append(settings)
        return Report(files_checked=1)

    monkeypatch.setattr("wslint.run.check.check", check)
    options = "--select WS9,ws900 --select all --ignore WS9 --extend-select WS900 --preview"
    assert run("check", *options.split(), "--no-cache", "--force-exclude").exit_code == 0
    assert run("check").exit_code == 0
    first, second = seen
    assert first.selections == (Selection(("WS9", "ws900", "all"), ("WS9",), ("WS900",)),)
    assert (first.preview, first.cache, first.force_exclude) == (True, False, True)
    assert second == Settings()


def test_version_and_help() -> None:
    assert run("--version").stdout == f"wslint {__version__}\n"
    assert "check" in run("--help").stdout
    for name in ("check", "rule"):
        assert run(name, "-h").exit_code == 0


def test_colours_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    write({"a.py": BROKEN})
    assert "\x1b[" not in run("check").stdout
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in run("check").stdout
    assert "\x1b[" not in run("check", "--output-format", "json").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("check").stdout


def wslint(*args: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "wslint", *args]
    return subprocess.run(
        command, capture_output=True, check=False, env={**os.environ, **variables}
    )


def test_as_a_program() -> None:
    write({"a.py": "x = 1\n", "b/b.py": BROKEN})
    assert [wslint("check", path).returncode for path in ("a.py", "b", "nope")] == [0, 1, 2]


def test_a_terminal_that_knows_only_ascii() -> None:
    Path("é.py").write_text("websocket_connect = 'é' (\n")
    run = wslint("check", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert run.returncode == 1
    assert rb"\xe9.py:1:" in run.stdout
    assert rb"1 | websocket_connect = '\xe9' (" in run.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")
@pytest.mark.parametrize("output_format", ["full", "concise", "json"])
def test_file_names_of_any_bytes(output_format: str) -> None:
    Path(os.fsdecode(b"\xff\x1b[31m.py")).write_text(BROKEN)
    run = wslint("check", "--output-format", output_format)
    assert run.returncode == 1
    assert b"\x1b" not in run.stdout
    assert b"udcff" in run.stdout


def test_start_up_imports_little() -> None:
    """If no file passes the prefilter, neither rules nor parsers are imported."""
    write({"a.py": "x = 1\n", ".gitignore": "*.txt\n"})
    script = (
        "import sys\nfrom wslint.cli import main\n"
        "try: main(['check'])\nexcept SystemExit as exit: assert not exit.code\n"
        "print(*sorted(sys.modules))"
    )
    command = [sys.executable, "-c", script]
    modules = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    unwanted = {"libcst", "rich", "pathspec", "packaging", "tomllib", "json", "wslint.rules"}
    unwanted |= {
        "wslint.api",
        "wslint.output.baseline",
        "wslint.suppressions.unused",
        "wslint.cli.progress",
    }
    unwanted |= {
        "click.shell_completion",
        "difflib",
        "wslint.output.lines",
        "wslint.output.pictures",
    }
    assert not unwanted & set(modules)


def test_fix_repairs_and_reports_the_rest() -> None:
    write({"test_a.py": HAZARD, "test_b.py": BROKEN})
    result = run("check", "--fix", "--unsafe-fixes")
    assert result.exit_code == 1
    assert "Fixed 1 problem in 1 file" in result.stdout
    assert "WS900" in result.stdout
    assert Path("test_a.py").read_text() != HAZARD


def test_fix_leaves_json_alone() -> None:
    write({"test_a.py": HAZARD})
    options = ("--fix", "--unsafe-fixes", "--exit-non-zero-on-fix", "--output-format=json")
    result = run("check", *options)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["findings"] == []
    assert "Fixed 1 problem" in result.stderr
