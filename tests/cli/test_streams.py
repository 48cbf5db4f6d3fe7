"""Standard output and standard error that are full, closed, or no longer read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT
from small_project import HEAD, TEST, TOLD
from warm import warm_wslint

pytestmark = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
COMMANDS = {
    "check": ["check", "."],
    "sarif": ["check", "--output-format", "sarif", "."],
    "diff": ["fix", "--unsafe-fixes", "--diff", "."],
    "fix": ["fix", "--unsafe-fixes", "."],
    "rule": ["rule", "--all"],
    "trace": ["trace", "test_it.py"],
    "help": ["check", "--help"],
    "version": ["--version"],
}


def run(folder: Path, command: str, redirected: str) -> tuple[int, str, str]:
    """Run a command in a shell with redirected streams."""
    (folder / "test_it.py").write_text(TOLD)
    # how Python starts matters only if a stream is closed
    start = [sys.executable, "-m", "wslint"] if ">&-" in redirected else warm_wslint()
    done = subprocess.run(
        ["/bin/bash", "-c", f'"$0" "$@" {redirected}', *start, *COMMANDS[command]],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_output_that_cannot_be_written_is_an_error(tmp_path: Path, command: str) -> None:
    code, _, error = run(tmp_path, command, ">/dev/full")
    assert code == 2
    assert error.startswith("error: ")
    assert error.lower().endswith("no space left on device\n")
    assert error.count("\n") == 1
    assert run(tmp_path, command, ">/dev/full 2>&1")[::2] == (2, "")


@pytest.mark.parametrize("streams", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize("command", ["check", "diff", "version"])
def test_closed_streams_do_no_harm(tmp_path: Path, command: str, streams: str) -> None:
    expected, _, told = run(tmp_path, command, "")
    code, _, error = run(tmp_path, command, streams)
    assert code == expected
    assert error == ("" if "2>&-" in streams else told)


@pytest.mark.parametrize("command", ["rule", "help", "check", "diff"])
def test_a_closed_pipe(tmp_path: Path, command: str) -> None:
    # more than a pipe takes before anybody reads it
    tests = [f"{TEST.format(number)}        # {'x' * 600}\n" for number in range(100)]
    (tmp_path / "test_many.py").write_text(HEAD + "\n\n".join(tests))
    code, out, error = run(tmp_path, command, '| head -c 1; exit "${PIPESTATUS[0]}"')
    assert len(out) == 1
    assert error == ""
    assert code in (0, 1)


def test_standard_input_is_closed(tmp_path: Path) -> None:
    line = f'"{sys.executable}" -m wslint check - <&-'
    done = subprocess.run(
        ["/bin/bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "error: standard input is closed\n")


@pytest.mark.parametrize("command", ["check", "fix", "rule"])
def test_the_working_directory_is_gone(tmp_path: Path, command: str) -> None:
    line = f'mkdir gone && cd gone && rmdir ../gone && exec "$0" -m wslint {command}'
    done = subprocess.run(
        ["/bin/bash", "-c", line, sys.executable],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "error: the working directory: no such file or directory\n"


def test_what_could_not_be_written_is_not_said_to_be_fixed(tmp_path: Path) -> None:
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text(TOLD)
    os.link(tmp_path / "test_b.py", tmp_path / "other_name")
    command = [sys.executable, "-m", "wslint", "fix", "--unsafe-fixes", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout.startswith("Fixed 1 problem in 1 file:\n  test_a.py: ")
    assert "\n  test_b.py: " not in done.stdout
    assert "test_b.py: not fixed: it has hard links" in done.stderr
