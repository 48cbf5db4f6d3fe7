"""``wslint fix --verify``: keeps fixes only if the tests get no worse."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

from wslint.cli import echo
from wslint.output.text import plural

if TYPE_CHECKING:
    from wslint.findings.report import Problem
    from wslint.run.fix import Fixes


def write(
    fixes: Fixes,
    command: str,
    timeout: float,
    stream: TextIO,
    fixes_without: Callable[[str], Fixes],
) -> tuple[list[Problem], Mapping[str, str]]:
    """Write the fixes, run the tests before and after, and print the outcome.

    ``timeout`` is in seconds, for each run. Returns the problems and the reverted files, each with
    the code of the reverted rule, or "" for all fixes.
    """
    from wslint.verify.table import table
    from wslint.verify.verified import write_verified

    if not fixes.changes:
        return [], {}
    bar = echo.progress()

    def tick(run: str, count: int) -> None:
        if bar is not None:
            bar.say(f"running the tests {run} the fixes: {plural(count, 'test')}")

    with _ended_in_order():
        result = write_verified(fixes, command, timeout, tick, fixes_without)
    if bar is not None:
        bar.clear()
    files = plural(len({path for group in fixes.tests for path in group}), "file")
    if result.after.outcomes:
        echo.emit(f"Tests of {files}, before and after the fixes:\n", stream)
    for line in table(result) if result.after.outcomes else ():
        echo.emit(f"{line}\n", stream)
    return result.problems, result.put_back


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM restore the files, as Ctrl-C does."""

    def end(*_: Any) -> None:
        raise SystemExit(143)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
