"""``wslint fix --verify``, with the real pytest."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from warm import warm_pytest

from wslint.cli import main

HANGS = """\
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient


async def echo(websocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())
    await websocket.close()


app = Starlette(
    routes=[
        Route("/", lambda request: PlainTextResponse("home")),
        WebSocketRoute("/ws", echo),
    ]
)
"""
TEST = """\
from site_app import app
from starlette.testclient import TestClient


def test_echo():
    client = TestClient(app)
    with client.websocket_connect("/ws") as socket:
        assert client.get("/").text == "home"
        socket.send_text("hi")
        assert socket.receive_text() == "hi"
{more}
"""
# fails once the client is entered, which it detects by the client's portal
STUBBORN = """\
    import gc
    assert not any(one.portal for one in gc.get_objects() if type(one) is TestClient)
"""
# detects the second run by the fix, and waits
WAITS = """\
    if "as " + "client" in open(__file__).read():
        open("second", "w").close()
        import time; time.sleep(60)
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "site_app.py").write_text(HANGS)
    (tmp_path / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # starts sooner
    return tmp_path


def write(folder: Path, name: str, more: str = "") -> Path:
    path = folder / name
    path.write_text(TEST.format(more=more))
    return path


@pytest.fixture(scope="module")
def pytest_command() -> str:
    return shlex.join(warm_pytest("-q", "-p", "no:cacheprovider"))


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["fix", "--unsafe-fixes", "--verify", *args])


def test_a_fix_that_passes_is_kept(here: Path, pytest_command: str) -> None:
    path = write(here, "test_a.py")
    result = run(pytest_command, ".")
    assert result.exit_code == 0, result.output
    assert "with TestClient(app) as client, client.websocket_connect" in path.read_text()
    assert result.output.splitlines()[2:] == [
        "Tests of 1 file, before and after the fixes:",
        "  1 test unchanged: 1 passed",
        "All checks passed!",
    ]


def test_a_fix_that_breaks_a_test_is_reverted(here: Path, pytest_command: str) -> None:
    good, bad = write(here, "test_a.py"), write(here, "test_b.py", STUBBORN)
    before = bad.read_text()
    result = run(pytest_command, ".")
    assert result.exit_code == 1
    assert bad.read_text() == before
    assert "with TestClient(app) as client" in good.read_text()
    assert "  test_b.py::test_echo  passed   failed\n" in result.output
    assert "Reverted test_b.py: test_b.py::test_echo got worse\n" in result.output
    assert "test_b.py:8:16: WS301" in result.output
    assert "  WS301: reverted in test_b.py, see above\n" in result.output


def test_only_the_rule_that_breaks_a_test_is_reverted(here: Path, pytest_command: str) -> None:
    """The fix of WS404 removes the timeout and does no harm; that of WS301 breaks the test."""
    path = write(here, "test_a.py", STUBBORN)
    before = path.read_text()
    path.write_text(before.replace('connect("/ws")', 'connect("/ws", timeout=5)'))
    result = run(pytest_command, ".")
    assert result.exit_code == 1
    assert path.read_text() == before
    left_out = "Reverted WS301 in test_a.py: test_a.py::test_echo got worse with it\n"
    assert left_out in result.output
    assert "  1 test unchanged: 1 passed\n" in result.output
    said = "Not fixed:\n  WS301: reverted in test_a.py, see above\n"
    assert result.output.endswith(said)


def test_a_command_that_runs_nothing_changes_nothing(here: Path) -> None:
    path = write(here, "test_a.py")
    before = path.read_text()
    result = run(f"{sys.executable} -c pass", ".")
    assert result.exit_code == 2
    assert "--verify: the command ran no test" in result.output
    assert "Fixed" not in result.output
    assert "  WS301: the tests could not be run\n" in result.output
    assert path.read_text() == before


def test_nothing_to_fix_runs_nothing(here: Path) -> None:
    (here / "test_a.py").write_text("def test_a(): pass\n")
    result = run("no-such-command", ".")
    assert (result.exit_code, result.output) == (0, "All checks passed!\n")


@pytest.mark.parametrize("more", [("--diff",), ("-",)])
def test_not_with_diff_or_standard_input(more: tuple[str, ...], pytest_command: str) -> None:
    result = run(pytest_command, *more)
    assert result.exit_code == 2
    assert "--verify cannot be combined" in result.output


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"])
def test_signals_in_the_second_run_restore_the_files(
    here: Path, name: str, pytest_command: str
) -> None:
    number = getattr(signal, name)
    path = write(here, "test_a.py", WAITS)
    before = path.read_text()
    command = [
        sys.executable,
        "-m",
        "wslint",
        "fix",
        "--unsafe-fixes",
        "--verify",
        pytest_command,
        ".",
    ]
    # tests that run in the background may have SIGINT ignored, which processes inherit
    handler = signal.signal(number, signal.SIG_DFL)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    signal.signal(number, handler)
    try:
        limit = time.monotonic() + 60
        while not (here / "second").exists():
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < limit
            time.sleep(0.05)
        assert path.read_text() != before
        # the second one must not end the restoring that the first one has begun
        for _ in range(3):
            os.kill(process.pid, number)
            time.sleep(0.01)
        output, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == (130 if name == "SIGINT" else 128 + number)
    assert path.read_text() == before
    assert b"warning: the run did not end, so the fixes in 1 file were reverted" in output
