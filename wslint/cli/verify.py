"""``wslint fix --verify``: fixes that stay only if the tests say so."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from wslint.cli import echo
from wslint.output.text import plural

if TYPE_CHECKING:
    from wslint.fixing import Fixes
    from wslint.report import Problem


def write(fixes: Fixes, command: str, timeout: float, stream: TextIO) -> list[Problem]:
    """Make the fixes, run the tests before and after, tell what happened.

    ``timeout`` is in seconds, for each of the two runs. Gives what went wrong.
    """
    from wslint.verify.table import table
    from wslint.verify.verified import write_verified

    if not fixes.changes:
        return []
    with _ended_in_order():
        result = write_verified(fixes, command, timeout, _Ticker(sys.stderr))
    files = plural(len({path for group in fixes.tests for path in group}), "file")
    if result.after.outcomes:
        echo.emit(f"Tests of {files}, before and after the fixes:\n", stream)
    for line in table(result) if result.after.outcomes else ():
        echo.emit(f"{line}\n", stream)
    return result.problems


class _Ticker:
    """Says on a terminal how many tests have run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None
        self._last = ("", -1)

    def __call__(self, run: str, count: int) -> None:
        if self._stream is not None and (run, count) != self._last:
            self._last = run, count
            text = f"\rrunning the tests {run} the fixes: {plural(count, 'test')}"
            self._stream.write(text + " " * 8)
            self._stream.flush()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a SIGTERM put the files back, as Ctrl-C does."""

    def end(*_: Any) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
