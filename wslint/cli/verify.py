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
    announce: Callable[[], None],
) -> tuple[list[Problem], Mapping[str, str]]:
    """Write the fixes, run the tests before and after, and print the outcome.

    ``timeout`` is in seconds, for each run; ``announce`` is called if there were two. Returns the
    problems and the reverted files, each with the code of the reverted rule, or "" for all fixes.
    """
    from wslint.verify.table import table
    from wslint.verify.verified import Verified, write_verified

    if not fixes.changes:
        return [], {}
    bar = echo.progress()

    def tick(run: str, count: int) -> None:
        if bar is not None:
            bar.say(f"running the tests {run} the fixes: {plural(count, 'test')}")

    result = Verified()
    try:
        with _ended_in_order():
            write_verified(fixes, command, timeout, tick, fixes_without, result)
    except BaseException:
        for problem in result.problems:
            echo.problem(problem)
        if result.restored:
            count = plural(len(result.restored), "file")
            echo.warning(f"the run did not end, so the fixes in {count} were reverted")
        raise
    if bar is not None:
        bar.clear()
    files = plural(len({path for group in fixes.tests for path in group}), "file")
    if result.after.outcomes:
        announce()
        echo.emit(f"Tests of {files}, before and after the fixes:\n", stream)
    for line in table(result) if result.after.outcomes else ():
        echo.emit(f"{line}\n", stream)
    if not result.after.outcomes and not result.put_back:
        return result.problems, {change.path: "" for change in fixes.changes}
    return result.problems, result.put_back


# those that end a process: Ctrl-C, kill, a closed terminal, Ctrl-\\
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a signal restore the files, and no further one keep it from that."""
    numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
    # one that is ignored, as SIGINT in the background, stays so
    numbers = [number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN]

    def end(number: int, _: Any) -> None:
        for each in numbers:
            signal.signal(each, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    before = [signal.signal(number, end) for number in numbers]
    try:
        yield
    finally:
        # a further signal is ignored until the process has ended
        for number, handler in zip(numbers, before, strict=True):
            if signal.getsignal(number) is end:
                signal.signal(number, handler)
