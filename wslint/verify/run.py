"""Runs the tests of some files with the user's command."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

from wslint.verify.outcomes import TestRun, is_in, of_pytest, of_unittest

_PLUGIN = Path(__file__).with_name("pytest_outcomes.py")
_TICK = 0.1


class CannotRun(Exception):
    """The command could not be started, or its output cannot be read."""


def run_tests(
    command: str, files: Sequence[str], timeout: float, tick: Callable[[int], None]
) -> TestRun:
    """Run the tests of files; ``timeout`` in seconds, ``tick`` receives the number of tests run.

    If a test hangs, the files after it are run separately. Raises CannotRun.
    """
    total = TestRun()
    left = list(files)
    while left:
        run = _run_once(command, left, timeout, tick)
        total = TestRun({**total.outcomes, **run.outcomes}, run.ended, total.output + run.output)
        rest = [path for path in left if not any(is_in(test, path) for test in run.outcomes)]
        if run.ended or len(rest) == len(left):
            break
        left = rest
    return total


def _run_once(
    command: str, files: Sequence[str], timeout: float, tick: Callable[[int], None]
) -> TestRun:
    words = shlex.split(command)
    if not words:
        raise CannotRun("the command is empty")
    by_pytest = any("pytest" in os.path.basename(word) for word in words)
    with tempfile.TemporaryDirectory(prefix="wslint-") as folder:
        written, printed = Path(folder, "outcomes"), Path(folder, "output")
        written.touch()
        # Bytecode is matched by second and size; a fix that changes neither would not take effect.
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        if by_pytest:
            Path(folder, "wslint_outcomes.py").write_bytes(_PLUGIN.read_bytes())
            paths = [folder, environment.get("PYTHONPATH", "")]
            environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
            environment["WSLINT_OUTCOMES"] = str(written)
            words += ["-p", "wslint_outcomes", *files]
        else:
            words += ["-v", "2"] if any("manage" in word for word in words) else ["-v"]
            words += [_label(path) for path in files]
        with printed.open("wb") as stream, _started(words, environment, stream) as process:
            ended = _wait(process, timeout, lambda: tick(_count(written, by_pytest=by_pytest)))
        output = printed.read_text(encoding="utf-8", errors="replace")
        lines = written.read_text(encoding="utf-8").splitlines()
    outcomes = of_pytest(lines, ended=ended) if by_pytest else of_unittest(output, ended=ended)
    return TestRun(outcomes, ended, output)


def _label(path: str) -> str:
    """Return the dotted name of a file for unittest and manage.py."""
    relative = os.path.relpath(path).replace(os.sep, "/")
    return relative.removesuffix(".py").replace("/", ".")


def _count(written: Path, *, by_pytest: bool) -> int:
    return written.read_bytes().count(b'"teardown"') if by_pytest else 0


@contextlib.contextmanager
def _started(
    words: list[str], environment: dict[str, str], stream: IO[bytes]
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a process in a new group, and kill the group afterwards."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the command is the user's own
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=sys.platform != "win32",
        )
    except OSError as error:
        raise CannotRun(f"{words[0]} cannot be started: {error.strerror}") from error
    try:
        yield process
    finally:
        if process.poll() is None:
            _kill(process)


def _wait(process: subprocess.Popen[bytes], timeout: float, tick: Callable[[], None]) -> bool:
    """Wait for the process; return False on a timeout."""
    limit = time.monotonic() + timeout
    while time.monotonic() < limit:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_TICK)
            return True
        tick()
    return False


def _kill(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
