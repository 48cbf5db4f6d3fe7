"""The outcome of each test, from the output of runs."""

from __future__ import annotations

import json

import pytest

from wslint.verify.outcomes import TestRun, is_in, of_pytest, of_unittest, worse


def lines(*entries: tuple[str, str, str]) -> list[str]:
    return [json.dumps(entry) for entry in entries]


PASSES = [
    ("t.py::a", "start", ""),
    ("t.py::a", "setup", "passed"),
    ("t.py::a", "call", "passed"),
    ("t.py::a", "teardown", "passed"),
]


def test_outcomes_of_pytest() -> None:
    run = lines(
        *PASSES,
        ("t.py::b", "start", ""),
        ("t.py::b", "setup", "failed"),
        ("t.py::b", "teardown", "passed"),
        ("t.py::c", "start", ""),
        ("t.py::c", "setup", "skipped"),
        ("t.py::c", "teardown", "passed"),
        ("t.py::d", "start", ""),
        ("t.py::d", "call", "passed"),
        ("t.py::d", "teardown", "failed"),
        ("t.py::e", "start", ""),
        ("t.py::e", "call", "xfailed"),
        ("t.py::e", "teardown", "passed"),
        ("u.py", "collect", "failed"),
    )
    assert of_pytest(run, ended=True) == {
        "t.py::a": "passed",
        "t.py::b": "error",
        "t.py::c": "skipped",
        "t.py::d": "error",
        "t.py::e": "xfailed",
        "u.py": "error",
    }


@pytest.mark.parametrize("last", [[], [("t.py::b", "setup", "passed")]])
def test_the_last_test_of_a_run_that_was_ended_hangs(last: list[tuple[str, str, str]]) -> None:
    run = [*lines(*PASSES, ("t.py::b", "start", ""), *last), '["t.py::b", "ca']
    assert of_pytest(run, ended=False) == {"t.py::a": "passed", "t.py::b": "hangs"}


def test_outcomes_of_unittest() -> None:
    text = """\
Found 6 test(s).
test_a (app.tests.T.test_a) ... ok
test_b (app.tests.T)
What it does. ... ok
test_c (app.tests.T.test_c) ... FAIL
test_d (app.tests.T.test_d) ... ERROR
test_e (app.tests.T.test_e) ... skipped 'later'
test_f (app.tests.T.test_f) ... expected failure
test_g (app.tests.T.test_g) ... """
    outcomes = {
        "app.tests.T.test_a": "passed",
        "app.tests.T.test_b": "passed",
        "app.tests.T.test_c": "failed",
        "app.tests.T.test_d": "error",
        "app.tests.T.test_e": "skipped",
        "app.tests.T.test_f": "xfailed",
    }
    assert of_unittest(text, ended=False) == {**outcomes, "app.tests.T.test_g": "hangs"}
    assert of_unittest(text, ended=True) == {**outcomes, "app.tests.T.test_g": "error"}


@pytest.mark.parametrize(
    ("before", "after", "is_worse"),
    [
        ("passed", "passed", False),
        ("passed", "failed", True),
        ("passed", "skipped", True),
        ("passed", None, True),
        ("passed", "hangs", True),
        ("failed", "passed", False),
        ("failed", "error", False),
        ("failed", "hangs", True),
        ("skipped", "failed", False),
        ("hangs", "hangs", False),
        ("hangs", "failed", False),
        (None, "failed", False),
        (None, "hangs", True),
    ],
)
def test_what_is_worse(before: str | None, after: str | None, is_worse: bool) -> None:
    runs = [TestRun({"t": one} if one else {}) for one in (before, after)]
    assert worse(*runs) == (["t"] if is_worse else [])


@pytest.mark.parametrize(
    ("test", "path", "answer"),
    [
        ("tests/test_a.py::T::test_x", "/p/tests/test_a.py", True),
        ("tests/test_a.py::test_x[a/b.py::c]", "/p/tests/test_a.py", True),
        ("test_a.py", "/p/tests/test_a.py", True),
        ("test_a.py::test_x", "/p/tests/other_test_a.py", False),
        ("tests/test_b.py::test_x", "/p/tests/test_a.py", False),
        ("app.tests.T.test_x", "/p/app/tests.py", True),
        ("app.tests.test_a.T.test_x", "/p/app/tests/test_a.py", True),
        ("app.tests.T.test_x", "/p/app/tests/test_a.py", False),
        ("tests.T.test_x", "/p/app/mytests.py", False),
    ],
)
def test_where_a_test_lies(test: str, path: str, answer: bool) -> None:
    assert is_in(test, path) is answer
