"""``wslint check --watch``, in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_project import TOLD, run, write

FINE = TOLD.replace("client.post", "socket.send_text")
# Windows cannot send a process an interrupt
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")

WAITING = "Waiting for changes; Ctrl+C ends it.\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write({"wslint.toml": "", "tests/test_a.py": TOLD})
    return tmp_path


@pytest.fixture
def watching() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "wslint", "check", "--watch", "--output-format", "concise"]
    # a run in the background ignores it, and so would its processes
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [*command, "tests"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as process:
        signal.signal(signal.SIGINT, before)
        yield process
        process.kill()


def printed(process: subprocess.Popen[str]) -> str:
    """Return what one run printed."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1] != WAITING:
        lines.append(process.stdout.readline())
        assert lines[-1], lines
    return "".join(lines[:-1])


@pytest.mark.timeout(60)
def test_it_checks_again(watching: subprocess.Popen[str]) -> None:
    assert "tests/test_a.py:8:9: WS301" in printed(watching)
    write({"tests/test_a.py": FINE})
    assert "WS301" not in printed(watching)
    write({"tests/test_a.py": TOLD})
    assert "WS301" in printed(watching)
    write({"wslint.toml": 'ignore = "WS301"'})
    assert printed(watching).startswith("error: wslint.toml:1: ignore: ")
    write({"wslint.toml": 'ignore = ["WS301"]'})
    assert "WS301" not in printed(watching)
    watching.send_signal(signal.SIGINT)
    assert watching.wait(60) == 130


def test_what_it_cannot_watch() -> None:
    result = run("check", "--watch", "-", stdin=b"")
    assert result.exit_code == 2
    assert "--watch cannot be used with standard input" in result.output
    result = run("check", "--watch", "missing")
    assert (result.exit_code, result.output) == (2, "error: missing: no such file or directory\n")


def test_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = run("check", "--watch")
    assert result.exit_code == 2
    assert result.output == "error: --watch needs watchfiles: pip install 'wslint[watch]'\n"
