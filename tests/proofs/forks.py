"""Runs pytest many times: a process imports the libraries once and forks for each run.

``python -m proofs.forks`` reads one JSON object a line and answers with one line each.
"""

from __future__ import annotations

import contextlib
import gc
import importlib.metadata
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future
from importlib import import_module
from importlib.metadata import Distribution, distributions, entry_points
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from typing import Any, NamedTuple

TESTS = Path(__file__).resolve().parents[1]
# Imported before the fork, with pytest's plugins; none of these reads Django's settings.
WARM = (
    "channels.generic.websocket",
    "channels.testing",
    "django.contrib.contenttypes",
    "django.core.cache.backends.locmem",
    "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base",
    "django.middleware.csrf",
    "django.test",
    "fastapi.testclient",
    "pdb",
    "starlette.testclient",
    "unittest.mock",
    "wslint.pytest_plugin.explanations",
    "xml.etree.ElementTree",
)
HYPOTHESIS = "_hypothesis_pytestplugin"
# of no use in the runs, and each takes time when a pytest starts
LEFT_OUT = (
    *("cacheprovider", "doctest", "hypothesispytest", "junitxml", "pastebin", "setuponly"),
    *("setupplan", "stepwise", "xdist", "xdist.looponfail"),
)


# between two looks for runs that have ended, in seconds
_PAUSE = 0.01


class _Running(NamedTuple):
    number: int
    end: float


class Forker:
    """A handle of the process that forks."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "proofs.forks"],
            cwd=TESTS,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._numbers = count()
        self._running: dict[int, Future[bool]] = {}
        self._writing = Lock()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def run(
        self, folder: Path, report: Path, log: Path, limit: float, arguments: Sequence[str] = ()
    ) -> bool:
        """Run pytest in a folder; return False on a timeout. Any number may run at once."""
        number = next(self._numbers)
        job = {
            "number": number,
            "folder": str(folder),
            "report": str(report),
            "log": str(log),
            "limit": limit,
            "arguments": list(arguments),
        }
        ended = self._running[number] = Future()
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(json.dumps(job) + "\n")
            self.process.stdin.flush()
        return ended.result()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer = json.loads(line)
            self._running.pop(answer["number"]).set_result(answer["ended"])
        for ended in self._running.values():
            ended.set_exception(RuntimeError("the process that forks has died"))

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def serve() -> None:
    """Answer jobs until standard input ends."""
    plugins = [plugin.module for plugin in entry_points(group="pytest11")]
    for name in (*WARM, *plugins):
        if name != HYPOTHESIS:
            with contextlib.suppress(ImportError):
                import_module(name)
    installed = [_Installed(found) for found in distributions()]
    importlib.metadata.distributions = lambda: iter(installed)  # type: ignore[assignment]
    sys.dont_write_bytecode = True  # what the runs import below is only run once
    gc.freeze()
    running: dict[int, _Running] = {}
    unread, is_open = b"", True
    while is_open or running:
        # without runs it waits for a job, else it looks for those that have ended
        if is_open and select.select([0], [], [], _PAUSE if running else None)[0]:
            read = os.read(0, 1 << 16)
            is_open = bool(read)
            *lines, unread = (unread + read).split(b"\n")
            for line in lines:
                job = json.loads(line)
                child = os.fork()
                if child == 0:
                    _run(job)
                running[child] = _Running(job["number"], time.monotonic() + job["limit"])
        for child, run in list(running.items()):
            ended = os.waitpid(child, os.WNOHANG)[0] == child
            if ended or time.monotonic() > run.end:
                del running[child]
                _answer(child, run.number, ended=ended)


def _answer(child: int, number: int, *, ended: bool) -> None:
    """End what is left of a run, and say whether it has ended by itself."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)
    if not ended:
        os.waitpid(child, 0)
    sys.stdout.write(json.dumps({"number": number, "ended": ended}) + "\n")
    sys.stdout.flush()


class _Installed:
    """A distribution of which is read only once what each pytest looks at when it starts."""

    def __init__(self, found: Distribution) -> None:
        self._found = found
        self.entry_points = list(found.entry_points)
        has_plugin = any(point.group == "pytest11" for point in self.entry_points)
        self.files = found.files if has_plugin else None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._found, name)


def _run(job: dict[str, Any]) -> None:
    status = 99
    try:
        os.setsid()
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        empty = os.open(os.devnull, os.O_RDONLY)
        for stream, descriptor in ((0, empty), (1, log), (2, log)):
            os.dup2(descriptor, stream)
        os.chdir(job["folder"])
        sys.path = [path for path in sys.path if Path(path or ".").resolve() != TESTS]
        import pytest

        from proofs.recorder import Recorder

        for name in [name for name in sys.modules if name.partition(".")[0] == "proofs"]:
            del sys.modules[name]  # the project under test may have a package of this name
        # pytest's own tracebacks take longer than many of the runs
        arguments = ["-q", "--tb=native", *(f"-pno:{name}" for name in LEFT_OUT), *job["arguments"]]
        status = int(pytest.main(arguments, plugins=[Recorder(job["report"])]))
    finally:
        # do not wait for threads or loops that a test left running
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
