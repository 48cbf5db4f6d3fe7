"""Several processes: they find what one finds, and one that dies takes nothing with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import pytest
from started_processes import count_processes
from warm import warm_wslint

from wslint.config.settings import Settings
from wslint.findings.report import Report
from wslint.run.check import check
from wslint.run.file_checker import FileChecker
from wslint.run.pool import number_of_jobs

HAZARD = """\
from starlette.testclient import TestClient


def test_two(app):
    client = TestClient(app)
    with client.websocket_connect("/") as one, client.websocket_connect("/") as two:
        one.send_text("x")
        two.receive_text()
"""
# reaches the socket only through conftest.py
LED = "def test_led(pair):\n    pair.one.receive_text()\n"
CONFTEST = """\
import pytest
from starlette.testclient import TestClient


@pytest.fixture
def pair(app):
    client = TestClient(app)
    with client.websocket_connect("/") as one, client.websocket_connect("/") as two:
        one.send_text("x")
        two.receive_text()
        yield one
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for number in range(40):
        text = HAZARD if number % 3 == 0 else "def broken(:\n" if number == 7 else "x = 1\n"
        if number == 7:
            text += "# websocket_connect\n"
        (tmp_path / f"test_{number}.py").write_text(text, encoding="utf-8")
    (tmp_path / "led").mkdir()
    (tmp_path / "led/test_led.py").write_text(LED, encoding="utf-8")
    (tmp_path / "led/conftest.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / ".gitignore").write_text("test_3.py\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    return tmp_path


def run(tree: Path, count: int) -> Report:
    settings = Settings(root=str(tree), cache=False, preview=True, jobs=count)
    return check([str(tree)], settings)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_as_many_as_one(tree: Path, start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    search_in_processes(monkeypatch)
    alone = run(tree, 1)
    assert [finding.code for finding in alone.findings].count("WS302") == 14
    assert [finding.code for finding in alone.findings].count("WS900") == 1
    if start == "spawn":
        monkeypatch.setattr("threading.active_count", lambda: 2)
    for count in (2, 3) if start == "fork" else (2,):
        assert run(tree, count) == alone


def search_in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wslint.run.pool.MIN_SEARCHED_BYTES", 1)
    monkeypatch.setattr("wslint.run.pool.SEARCHED_CHUNK", 5)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("dies", [True, False])
def test_a_search_that_dies_or_fails(
    tree: Path, dies: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 1)
    search_in_processes(monkeypatch)
    passes, parent = FileChecker.passes, os.getpid()
    searched: list[str] = []

    def deadly(self: FileChecker, candidate: Any) -> bool:
        if os.getpid() == parent:
            searched.append(os.path.basename(candidate.path))
        elif candidate.path.endswith("test_12.py"):
            if dies:
                os.kill(os.getpid(), signal.SIGKILL)
            raise MemoryError
        return passes(self, candidate)

    alone = run(tree, 1)
    monkeypatch.setattr(FileChecker, "passes", deadly)
    assert run(tree, 2) == alone
    assert "test_12.py" in searched


def test_other_interpreters_import_nothing_of_the_project(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = run(tree, 1)
    imported = tree / "imported"
    (tree / "multiprocessing.py").write_text(f"open({str(imported)!r}, 'w')\n", encoding="utf-8")
    monkeypatch.chdir(tree)
    monkeypatch.setattr("threading.active_count", lambda: 2)  # so they are not forked
    assert run(tree, 2).findings == alone.findings
    assert not imported.exists()


@pytest.mark.parametrize(("least", "count"), [(1, 2), (10**6, 0)])
def test_only_much_work_is_shared(
    tree: Path, least: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(2), raising=False)
    monkeypatch.delenv("PRE_COMMIT", raising=False)
    monkeypatch.setattr("wslint.run.pool.MIN_BYTES", least)
    alone = run(tree, 1)
    started = count_processes(monkeypatch)
    settings = Settings(root=str(tree), cache=False, preview=True)
    assert check([str(tree)], settings) == alone
    assert len(started) == count


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_process_that_dies(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a spawned process would not have the patch; a proof may have left a thread running
    monkeypatch.setattr("threading.active_count", lambda: 1)
    check_file = FileChecker.check
    parent = os.getpid()

    def deadly(self: FileChecker, candidate: Any) -> Any:
        if candidate.path.endswith("test_12.py") and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return check_file(self, candidate)

    before = run(tree, 1)
    monkeypatch.setattr(FileChecker, "check", deadly)
    after = run(tree, 2)
    lost = [finding for finding in before.findings if finding not in after.findings]
    assert [os.path.basename(finding.path) for finding in lost] == ["test_12.py"]
    (new,) = (finding for finding in after.findings if finding not in before.findings)
    assert (new.code, os.path.basename(new.path)) == ("WS900", "test_12.py")
    assert "died" in new.message


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_process_that_dies_while_files_are_submitted(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 1)
    submit_to = ProcessPoolExecutor.submit
    killed: list[bool] = []

    def submit(self: ProcessPoolExecutor, function: Any, /, *args: Any) -> Any:
        if len(self._pending_work_items) > 2 and not killed:
            killed.append(True)
            for process in self._processes.values():
                process.kill()
            wait_for(lambda: [] if self._broken else [1], 0)
        return submit_to(self, function, *args)

    alone = run(tree, 1)
    monkeypatch.setattr(ProcessPoolExecutor, "submit", submit)
    monkeypatch.setattr("wslint.run.pool.CHUNK", 1)
    assert run(tree, 2) == alone
    assert killed


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_result_that_cannot_be_sent(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 1)
    check_file = FileChecker.check

    def check_badly(self: FileChecker, candidate: Any) -> Any:
        result = check_file(self, candidate)
        if candidate.path.endswith("test_12.py"):
            unsendable: Any = lambda: None  # noqa: E731
            return result._replace(errors=(unsendable,))
        return result

    before = run(tree, 1)
    monkeypatch.setattr(FileChecker, "check", check_badly)
    after = run(tree, 2)
    (error,) = after.errors
    assert os.path.basename(error.path) == "test_12.py"
    assert error.message.startswith("internal error: ")
    assert len(after.findings) == len(before.findings) - 1


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
@pytest.mark.parametrize("possible", [0, 1, 2, 5])
def test_fewer_processes_where_no_more_can_be_started(
    tree: Path, possible: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 1)
    start = ForkProcess.start
    alone = run(tree, 1)

    def start_few(self: ForkProcess) -> None:
        if len(multiprocessing.active_children()) >= possible:
            raise OSError(24, "Too many open files")
        start(self)

    monkeypatch.setattr(ForkProcess, "start", start_few)
    assert run(tree, 8) == alone
    assert (
        wait_for(lambda: [child.pid or 0 for child in multiprocessing.active_children()], 0) == []
    )


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
def test_processes_of_others_are_left_alone(tree: Path) -> None:
    other = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    other.start()

    def interrupt(*_: int) -> None:
        if len(multiprocessing.active_children()) > 1:
            raise KeyboardInterrupt

    settings = Settings(root=str(tree), cache=False, preview=True, jobs=2)
    with pytest.raises(KeyboardInterrupt):
        check([str(tree)], settings, progress=interrupt)
    left = wait_for(lambda: [child.pid or 0 for child in multiprocessing.active_children()], 1)
    assert left == [other.pid]
    assert other.is_alive()
    other.kill()
    other.join()


@pytest.mark.parametrize(
    ("given", "hook", "count"),
    [(None, False, 4), (None, True, 1), (3, True, 3), (1, False, 1)],
)
def test_how_many(
    given: int | None, hook: bool, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(4), raising=False)
    monkeypatch.delenv("PRE_COMMIT", raising=False)
    if hook:
        monkeypatch.setenv("PRE_COMMIT", "1")
    assert number_of_jobs(given) == count


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("how", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_no_process_is_left_running(tree: Path, how: str) -> None:
    slow = "import time\nfrom wslint.run.file_checker import FileChecker as c\n"
    slow += "c.check = lambda *_: time.sleep(60)\nimport wslint.__main__ as m\nm.main()\n"
    command = [sys.executable, "-c", slow, "check", "--isolated", "--no-cache", "--jobs=2", "."]
    # tests that run in the background may have SIGINT ignored, which processes inherit
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(command, cwd=tree, stderr=subprocess.DEVNULL) as process:
        signal.signal(signal.SIGINT, handler)
        children = wait_for(lambda: children_of(process.pid), 2)
        time.sleep(0.3)  # CPython drops an interrupt that comes while it forks
        process.send_signal(signal.Signals[how])
        process.wait(10)
    assert wait_for(lambda: [pid for pid in children if is_running(pid)], 0) == []


def wait_for(found: Callable[[], list[int]], count: int) -> list[int]:
    """Wait until there are ``count`` of them; return them."""
    until = time.monotonic() + 20
    while len(found()) != count and time.monotonic() < until:
        time.sleep(0.02)
    return found()


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_option(tree: Path) -> None:
    command = warm_wslint("check", "--isolated", "--no-cache", "-q", ".")
    outputs = {
        subprocess.run(
            [*command, "--jobs", count], cwd=tree, capture_output=True, text=True, check=False
        ).stdout
        for count in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("WS302") == 14
