"""Standard output and standard error that are full, closed, or no longer read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_project import TOLD

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
    line = f'"$0" -m wslint "$@" {redirected}'
    done = subprocess.run(
        ["/bin/bash", "-c", line, sys.executable, *COMMANDS[command]],
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
    (tmp_path / "test_many.py").write_text(TOLD + TOLD.replace("told", "other") * 600)
    code, out, error = run(tmp_path, command, '| head -c 1; exit "${PIPESTATUS[0]}"')
    assert len(out) == 1
    assert error == ""
    assert code in (0, 1)
