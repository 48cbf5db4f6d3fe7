"""Keeps fixes only if the tests of the affected files got no worse."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from wslint.findings.report import Problem
from wslint.fixes.write import CannotWrite, Change, write_files
from wslint.run.fix import Fixes, write_group
from wslint.verify.outcomes import TestRun, error_in, is_in, ran, worse
from wslint.verify.run import CannotRun, run_tests


@dataclass
class Verified:
    """The outcome. ``reverted``: the files that were reverted, each with the tests that got worse.

    ``unverified``: those that were reverted because no test of theirs was run, each with the error.

    ``left_out``: the same for the fixes of one rule, in files that were fixed without them.
    ``files``: the test files that are run. ``restored``: the files as they were before a run that
    was interrupted.
    """

    files: Sequence[str] = ()
    before: TestRun = field(default_factory=TestRun)
    after: TestRun = field(default_factory=TestRun)
    reverted: dict[str, list[str]] = field(default_factory=dict)
    unverified: dict[str, str] = field(default_factory=dict)
    left_out: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)

    @property
    def put_back(self) -> dict[str, str]:
        """The reverted files; a code means that only the fixes of that rule were reverted."""
        whole = dict.fromkeys((*self.reverted, *self.unverified), "")
        return whole | dict(self.left_out.keys())


def write_verified(
    fixes: Fixes,
    command: str,
    timeout: float,
    tick: Callable[[str, int], None],
    fixes_without: Callable[[str], Fixes] | None = None,
    result: Verified | None = None,
) -> Verified:
    """Write the fixes, run the tests before and after, and revert what made them worse.

    Reverted files are fixed again without one rule at a time (``fixes_without`` its code).
    An interrupt during a later run leaves every file as it was, or as it was verified; ``result``
    then says what was restored.
    """
    result = result or Verified()
    result.files = _tests(fixes)
    try:
        result.before = run_tests(command, result.files, timeout, lambda n: tick("before", n))
    except CannotRun as error:
        result.problems.append(Problem("--verify", str(error)))
        return result
    if not result.before.outcomes:
        said = error_in(result.before.output)
        result.problems.append(Problem("--verify", f"the command ran no test: {said}"))
        return result

    def run(files: Sequence[str]) -> TestRun:
        return run_tests(command, files, timeout, lambda n: tick("after", n))

    _write(fixes, run, result)
    if fixes_without is not None:
        for code in _suspects(fixes, result):
            _retry(fixes_without(code), code, run, result)
    return result


def _write(fixes: Fixes, run: Callable[[Sequence[str]], TestRun], result: Verified) -> None:
    """Write fixes, run their tests, and revert what made them worse."""
    files = _tests(fixes)
    written: list[int] = []
    try:
        for number, group in enumerate(fixes.groups):
            problem = write_group(group)
            if problem is None:
                written.append(number)
            else:
                result.problems.append(problem)
        after = run(files)
    except BaseException:
        for number in written:
            result.problems += _revert(fixes.groups[number])
            result.restored += [change.path for change in fixes.groups[number]]
        raise
    others = [path for path in result.files if path not in files]
    known = result.before.outcomes.items()
    before = {test: was for test, was in known if not any(is_in(test, path) for path in others)}
    bad = worse(TestRun(before), after)
    result.after = TestRun({**result.after.outcomes, **after.outcomes}, after.ended, after.output)
    for number in written:
        reasons = [test for test in bad if _concerns(test, fixes, number)]
        if reasons:
            result.problems += _revert(fixes.groups[number])
            for change in fixes.groups[number]:
                result.reverted[change.path] = reasons
        elif not ran(after, fixes.tests[number]):
            result.problems += _revert(fixes.groups[number])
            for change in fixes.groups[number]:
                result.unverified[change.path] = error_in(after.output)


def _suspects(fixes: Fixes, result: Verified) -> list[str]:
    """Return the rules that can be left out and still leave other fixes in reverted files."""
    codes: set[str] = set()
    for group, tests in zip(fixes.groups, fixes.tests, strict=True):
        paths = {*tests, *(change.path for change in group)}
        codes_there = {applied.code for applied in fixes.applied if applied.path in paths}
        if len(codes_there) > 1 and not result.reverted.keys().isdisjoint(paths):
            codes |= codes_there
    return sorted(codes)


def _retry(
    fixes: Fixes, code: str, run: Callable[[Sequence[str]], TestRun], result: Verified
) -> None:
    """Fix the files that are still reverted, without one rule."""
    reasons = dict(result.reverted)
    chosen = [
        number
        for number, group in enumerate(fixes.groups)
        if group and all(change.path in reasons for change in group)
    ]
    again = replace(
        fixes,
        groups=tuple(fixes.groups[number] for number in chosen),
        tests=tuple(fixes.tests[number] for number in chosen),
    )
    if not chosen:
        return
    for change in again.changes:
        del result.reverted[change.path]
    try:
        _write(again, run, result)
    except BaseException:
        result.reverted |= reasons
        raise
    for change in again.changes:
        if change.path not in result.reverted:
            result.left_out[change.path, code] = reasons[change.path]


def _tests(fixes: Fixes) -> list[str]:
    return sorted({path for group in fixes.tests for path in group})


def _concerns(test: str, fixes: Fixes, number: int) -> bool:
    """Return whether a group of changes may have made a test worse."""
    if any(is_in(test, path) for path in fixes.tests[number]):
        return True
    # a conftest.py affects all tests below it; a test of no group may be affected by any group
    known = any(is_in(test, path) for group in fixes.tests for path in group)
    shared = any(os.path.basename(c.path) == "conftest.py" for c in fixes.groups[number])
    return shared or not known


def _revert(group: Sequence[Change]) -> list[Problem]:
    """Restore files; new files are removed."""
    try:
        old = [Change(c.path, c.after, c.before) for c in group if c.before is not None]
        write_files(old)
        for change in group:
            if change.before is None:
                os.unlink(change.path)
    except CannotWrite as error:
        return [Problem(error.path, f"not reverted: {error.reason}")]
    return []
