"""The outcome of each test, read from the output of a run."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

PASSED, HANGS = "passed", "hangs"
_UNITTEST = re.compile(
    r"^(\w+) \(([\w.]+)\)(?:\n[^\n]*?)? \.\.\. "
    r"(ok|FAIL|ERROR|skipped|expected failure|unexpected success)?",
    re.MULTILINE,
)
_ERROR = re.compile(r"E\s+\S|(\S+ )?(error|Error|ERROR): |\w*(Error|Exception): ")
_WORDS = {
    "ok": PASSED,
    "FAIL": "failed",
    "ERROR": "error",
    "skipped": "skipped",
    "expected failure": "xfailed",
    "unexpected success": "failed",
}


@dataclass(frozen=True)
class TestRun:
    """A test run: the outcome of each test by its id, and the last lines of its output.

    An outcome is "passed", "failed", "error", "skipped", "xfailed" or "hangs".
    """

    __test__ = False

    outcomes: dict[str, str] = field(default_factory=dict)
    ended: bool = True
    output: str = ""


def of_pytest(lines: Iterable[str], *, ended: bool) -> dict[str, str]:
    """Read the file of the pytest plugin; in a run that did not end, the last test hangs."""
    outcomes: dict[str, str] = {}
    running = ""
    for line in lines:
        try:
            test, when, outcome = json.loads(line)
        except ValueError:
            continue  # cut off by the end of the process
        if when == "start":
            running = test
        elif when == "collect":
            outcomes[test] = "error"
        elif when == "call":
            outcomes[test] = outcome
        elif outcome != PASSED:
            outcomes[test] = "error" if outcome == "failed" else outcome
        if when == "teardown" and running == test:
            running = ""
    if running and not ended:
        outcomes[running] = HANGS
    return outcomes


def of_unittest(text: str, *, ended: bool) -> dict[str, str]:
    """Read the output of unittest with ``-v``."""
    outcomes: dict[str, str] = {}
    for name, owner, word in _UNITTEST.findall(text):
        # since Python 3.11 the parentheses contain the test's name too
        test = owner if owner.endswith(f".{name}") else f"{owner}.{name}"
        outcomes[test] = _WORDS.get(word, "error" if ended else HANGS)
    return outcomes


def worse(before: TestRun, after: TestRun) -> list[str]:
    """Return the tests that passed before and no longer do, and those that hang now."""
    tests = [
        test
        for test, outcome in before.outcomes.items()
        if outcome == PASSED and after.outcomes.get(test) != PASSED
    ]
    tests += [
        test
        for test, outcome in after.outcomes.items()
        if outcome == HANGS and before.outcomes.get(test) not in (HANGS, PASSED)
    ]
    return tests


def ran(run: TestRun, paths: Iterable[str]) -> bool:
    """Return whether a test of these files was run; the id of a file itself is that of an error."""
    tests = [test for test in run.outcomes if not test.endswith(".py")]
    return any(is_in(test, path) for path in paths for test in tests)


def error_in(output: str) -> str:
    """Return the line of a run's output that tells best what went wrong."""
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if _ERROR.match(line)]
    return re.sub(r"^E\s+", "", (errors or lines[-1:] or [""])[0]).strip()


def is_in(test: str, path: str) -> bool:
    """Return whether a test is in a file; ids are relative to an unknown folder."""
    path = path.replace(os.sep, "/")
    if "::" in test or test.endswith(".py"):
        return f"/{path}".endswith("/" + test.partition("::")[0])
    dotted = path.removesuffix(".py").replace("/", ".")
    parts = test.split(".")
    return any(f".{dotted}".endswith("." + ".".join(parts[:at])) for at in range(1, len(parts)))
