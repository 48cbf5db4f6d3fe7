"""Several processes: they find what one finds, and one that dies takes nothing with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from started_processes import count_processes

from wslint.config.settings import Settings
from wslint.discovery.walk import Candidate
from wslint.findings.report import Report
from wslint.run import jobs
from wslint.run.check import check
from wslint.run.file_checker import Visitor
from wslint.run.workers import Begun, Done, Workers

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
    alone = run(tree, 1)
    assert [finding.code for finding in alone.findings].count("WS302") == 14
    assert [finding.code for finding in alone.findings].count("WS900") == 1
    if start == "spawn":
        monkeypatch.setattr("threading.active_count", lambda: 2)
    for count in (2, 3):
        assert run(tree, count) == alone


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many files were left to several processes, each time."""
    counts: list[int] = []
    sift = Workers.sift

    def counted(self: Workers, files: Sequence[Candidate], visitor: Visitor) -> Begun:
        counts.append(len(files))
        return sift(self, files, visitor)

    monkeypatch.setattr(Workers, "sift", counted)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(2), raising=False)
    monkeypatch.delenv("PRE_COMMIT", raising=False)
    return counts


@pytest.mark.parametrize("alone", [0.0, 0.02, 1000.0])
def test_the_rest_is_shared(
    tree: Path, alone: float, shared: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = run(tree, 1)
    monkeypatch.setattr(jobs, "ALONE", alone)
    settings = Settings(root=str(tree), cache=False, preview=True)
    assert check([str(tree)], settings) == before
    if alone != 0.02:  # which may be anywhere in between
        assert shared == ([] if alone else [before.files_checked + 1])


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(("many", "long_walk"), [(10, 1000.0), (1000, 0.0), (1000, 1000.0)])
def test_many_files_are_shared_at_once(
    tree: Path,
    many: int,
    long_walk: float,
    cached: bool,
    shared: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "ALONE", 1000.0)
    monkeypatch.setattr(jobs, "MANY", many)
    monkeypatch.setattr(jobs, "LONG_WALK", long_walk)
    settings = Settings(root=str(tree), cache=cached, preview=True, jobs=1)
    monkeypatch.setattr("wslint.run.walk_record.MARGIN_NS", -(10**15))
    check([str(tree)], settings)
    (tree / "test_new.py").write_text("", encoding="utf-8")
    report = check([str(tree)], replace(settings, jobs=None))
    assert report == run(tree, 1)
    # while it walks, a run that may be known already starts nothing
    assert bool(shared) is (many == 10 or (not long_walk and not cached))


def test_tests_that_are_led_to_are_shared(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(120):
        (tree / f"led/test_{number}.py").write_text(LED if number % 2 else "x = 1\n")
    asked: list[str] = []

    def counted(kind: str) -> None:
        function = getattr(Workers, kind)

        def count(self: Workers, files: Sequence[Candidate], *others: Any) -> Iterator[Done]:
            asked.append(kind)
            return function(self, files, *others)  # type: ignore[no-any-return]

        monkeypatch.setattr(Workers, kind, count)

    counted("search")
    counted("judge_led")
    alone = run(tree, 1)
    assert not asked
    assert alone.tests_judged == 13 + 60  # without the ignored ones
    assert run(tree, 2) == alone
    assert asked == ["search", "judge_led"]


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux only")
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_process_that_dies(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # a started process would not know of what is patched; a proof may have left a thread behind
    monkeypatch.setattr("threading.active_count", lambda: 1)
    visit = Visitor.visit
    parent = os.getpid()

    def deadly(self: Visitor, candidate: Any) -> Any:
        if candidate.path.endswith("test_12.py") and os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return visit(self, candidate)

    before = run(tree, 1)
    monkeypatch.setattr(Visitor, "visit", deadly)
    after = run(tree, 2)
    lost = [finding for finding in before.findings if finding not in after.findings]
    assert [os.path.basename(finding.path) for finding in lost] == ["test_12.py"]
    (new,) = (finding for finding in after.findings if finding not in before.findings)
    assert (new.code, os.path.basename(new.path)) == ("WS900", "test_12.py")
    assert "died" in new.message


@pytest.mark.parametrize("count", [2, 3])
def test_a_few_files_are_shared_by_all(
    tree: Path, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = count_processes(monkeypatch)
    run(tree, count)
    assert len(pids) == count


@pytest.mark.parametrize(
    ("given", "files", "hook", "count"),
    [
        (None, 1, False, 1),
        (None, 10, False, 4),
        (None, 10**6, True, 1),
        (3, 10**6, True, 3),
        (3, 2, False, 2),
        (3, 0, False, 1),
        (1, 10**6, False, 1),
    ],
)
def test_how_many(
    given: int | None, files: int, hook: bool, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(4), raising=False)
    monkeypatch.delenv("PRE_COMMIT", raising=False)
    if hook:
        monkeypatch.setenv("PRE_COMMIT", "1")
    assert jobs.number_of(given, files) == count


def test_the_option(tree: Path) -> None:
    command = [sys.executable, "-m", "wslint", "check", "--isolated", "--no-cache", "-q", "."]
    outputs = {
        subprocess.run(
            [*command, "--jobs", count], cwd=tree, capture_output=True, text=True, check=False
        ).stdout
        for count in ("1", "2")
    }
    assert len(outputs) == 1
    assert outputs.pop().count("WS302") == 14
