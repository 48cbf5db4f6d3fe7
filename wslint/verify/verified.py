"""Fixes that stay only if the tests of the files that they touch got no worse."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from wslint.fix.write import CannotWrite, Change, write_files
from wslint.fixing import Fixes, write_group
from wslint.report import Problem
from wslint.verify.outcomes import TestRun, is_in, worse
from wslint.verify.run import CannotRun, run_tests


@dataclass
class Verified:
    """What came of it. ``reverted``: the files that were put back, with the tests that say why."""

    before: TestRun = field(default_factory=TestRun)
    after: TestRun = field(default_factory=TestRun)
    reverted: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def write_verified(
    fixes: Fixes, command: str, timeout: float, tick: Callable[[str, int], None]
) -> Verified:
    """Make the fixes, run the tests before and after, and put back what made them worse.

    Whatever interrupts the second run, a file is left as it was, or as it was verified.
    """
    result = Verified()
    files = sorted({path for group in fixes.tests for path in group})
    try:
        result.before = run_tests(command, files, timeout, lambda n: tick("before", n))
    except CannotRun as error:
        result.problems.append(Problem("--verify", str(error)))
        return result
    if not result.before.outcomes:
        said = result.before.output.strip().rpartition("\n")[2]
        result.problems.append(Problem("--verify", f"the command ran no test: {said}"))
        return result
    written: list[int] = []
    try:
        for number, group in enumerate(fixes.groups):
            problem = write_group(group)
            if problem is None:
                written.append(number)
            else:
                result.problems.append(problem)
        result.after = run_tests(command, files, timeout, lambda n: tick("after", n))
    except BaseException:
        for number in written:
            _revert(fixes.groups[number])
        raise
    bad = worse(result.before, result.after)
    for number in written:
        reasons = [test for test in bad if _concerns(test, fixes, number)]
        if reasons:
            result.problems += _revert(fixes.groups[number])
            for change in fixes.groups[number]:
                result.reverted[change.path] = reasons
    return result


def _concerns(test: str, fixes: Fixes, number: int) -> bool:
    """Tell whether a test may have got worse by a group of changes."""
    if any(is_in(test, path) for path in fixes.tests[number]):
        return True
    # a conftest.py is for all tests below it; what belongs to no group may be any group's fault
    known = any(is_in(test, path) for group in fixes.tests for path in group)
    shared = any(os.path.basename(c.path) == "conftest.py" for c in fixes.groups[number])
    return shared or not known


def _revert(group: Sequence[Change]) -> list[Problem]:
    """Put files back as they were; a file that was made is taken away."""
    try:
        old = [Change(c.path, c.after, c.before) for c in group if c.before is not None]
        write_files(old)
        for change in group:
            if change.before is None:
                os.unlink(change.path)
    except CannotWrite as error:
        return [Problem(error.path, f"not put back: {error.reason}")]
    return []
