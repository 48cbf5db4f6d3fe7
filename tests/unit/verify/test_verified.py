"""``--verify`` with real runs of pytest and unittest over small files."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from warm import warm_pytest

from wslint.findings.report import Report
from wslint.fixes.loop import Applied
from wslint.fixes.write import Change
from wslint.run.fix import Fixes
from wslint.verify import verified
from wslint.verify.outcomes import TestRun
from wslint.verify.table import table
from wslint.verify.verified import Verified, write_verified

UNITTEST = f"{sys.executable} -m unittest"
GOOD = "def test_one():\n    assert 1\n"
BAD = "def test_one():\n    assert 0\n"
HANGS = "import time\ndef test_one():\n    time.sleep(60)\n"
CASE = "import unittest\nclass T(unittest.TestCase):\n    def test_one(self):\n        {}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # starts sooner
    return tmp_path


def fixes(folder: Path, *pairs: tuple[str, str | None, str]) -> Fixes:
    """Write the old files; each is a group of its own, non-test files belong to the first."""
    groups: list[tuple[Change, ...]] = []
    tests: list[tuple[str, ...]] = []
    for name, old, new in pairs:
        path = folder / name
        if old is not None:
            path.write_text(old)
        change = Change(str(path), old.encode() if old is not None else None, new.encode())
        if name.startswith("test_"):
            groups.append((change,))
            tests.append((str(path),))
        else:
            groups[0] = (*groups[0], change)
    return Fixes(Report(), tuple(groups), tuple(tests))


def pytest_command() -> str:
    return shlex.join(warm_pytest("-q", "-p", "no:cacheprovider"))


def verify(found: Fixes, command: str | None = None, timeout: float = 60) -> Verified:
    if command is None:
        command = pytest_command()
    return write_verified(found, command, timeout, lambda *_: None)


def test_what_gets_better_stays(folder: Path) -> None:
    result = verify(fixes(folder, ("test_a.py", BAD, GOOD)))
    assert result.before.outcomes == {"test_a.py::test_one": "failed"}
    assert result.after.outcomes == {"test_a.py::test_one": "passed"}
    assert not result.reverted
    assert not result.problems
    assert (folder / "test_a.py").read_text() == GOOD


def test_only_what_gets_worse_is_reverted(folder: Path) -> None:
    pairs = ("test_a.py", GOOD, BAD), ("helper.py", None, "x = 1\n"), ("test_b.py", BAD, GOOD)
    result = verify(fixes(folder, *pairs))
    assert result.reverted == {
        str(folder / "test_a.py"): ["test_a.py::test_one"],
        str(folder / "helper.py"): ["test_a.py::test_one"],
    }
    assert (folder / "test_a.py").read_text() == GOOD
    assert not (folder / "helper.py").exists()
    assert (folder / "test_b.py").read_text() == GOOD


def test_a_run_that_hangs_is_ended(folder: Path) -> None:
    result = verify(fixes(folder, ("test_a.py", HANGS, GOOD)), timeout=2)
    assert result.before.outcomes == {"test_a.py::test_one": "hangs"}
    assert (folder / "test_a.py").read_text() == GOOD


def test_the_files_after_a_hanging_test_are_run_too(folder: Path) -> None:
    pairs = ("test_a.py", BAD, HANGS), ("test_b.py", BAD, GOOD), ("test_c.py", GOOD, BAD)
    result = verify(fixes(folder, *pairs), timeout=2)
    assert result.after.outcomes == {
        "test_a.py::test_one": "hangs",
        "test_b.py::test_one": "passed",
        "test_c.py::test_one": "failed",
    }
    assert set(result.reverted) == {str(folder / "test_a.py"), str(folder / "test_c.py")}


def test_a_fix_after_which_a_test_hangs_is_reverted(folder: Path) -> None:
    result = verify(fixes(folder, ("test_a.py", BAD, HANGS)), timeout=2)
    assert result.after.outcomes == {"test_a.py::test_one": "hangs"}
    assert (folder / "test_a.py").read_text() == BAD


def test_a_file_that_can_not_be_imported_any_more(folder: Path) -> None:
    result = verify(fixes(folder, ("test_a.py", GOOD, "import nothing_of_this_name\n")))
    assert result.reverted
    assert (folder / "test_a.py").read_text() == GOOD


def test_a_file_of_which_no_test_runs_is_reverted(folder: Path) -> None:
    broken, still = "import nowhere\n", "import nowhere\n\n"
    result = verify(fixes(folder, ("test_a.py", BAD, GOOD), ("test_b.py", broken, still)))
    assert result.after.outcomes == {"test_a.py::test_one": "passed", "test_b.py": "error"}
    assert (folder / "test_a.py").read_text() == GOOD
    assert (folder / "test_b.py").read_text() == broken
    reason = "none of its tests was run: ModuleNotFoundError: No module named 'nowhere'"
    assert f"Reverted test_b.py: {reason}" in list(table(result))


def test_a_conftest_is_for_all_tests_below_it(folder: Path) -> None:
    first = "test_a.py", GOOD, GOOD + "\n"
    other = "test_b.py", "def test_two(x):\n    assert x\n", "def test_two(x):\n    assert x  # x\n"
    old, new = (f"import pytest\n@pytest.fixture\ndef x(): return {n}\n" for n in (1, 0))
    result = verify(fixes(folder, first, ("conftest.py", old, new), other))
    assert set(result.reverted) == {
        str(folder / n) for n in ("test_a.py", "conftest.py", "test_b.py")
    }
    assert (folder / "conftest.py").read_text() == old


def test_a_rule_that_makes_a_test_worse_is_left_out(folder: Path) -> None:
    path = str(folder / "test_a.py")
    applied = tuple(Applied(path, code, "", 1) for code in ("WS1", "WS2", "WS3"))
    pairs = ("test_a.py", GOOD, BAD), ("test_b.py", GOOD, f"{GOOD}# fixed\n")
    both = replace(fixes(folder, *pairs), applied=applied)
    others = {"WS1": BAD, "WS2": f"{GOOD}# fixed\n", "WS3": BAD}
    asked: list[str] = []

    def without(code: str) -> Fixes:
        asked.append(code)
        now = (folder / "test_a.py").read_bytes()
        if now != GOOD.encode():
            return Fixes(Report())
        return Fixes(Report(), ((Change(path, now, others[code].encode()),),), ((path,),))

    result = write_verified(both, pytest_command(), 60, lambda *_: None, without)
    assert (folder / "test_a.py").read_text() == others["WS2"]
    assert not result.reverted
    assert result.left_out == {(path, "WS2"): ["test_a.py::test_one"]}
    assert result.put_back == {path: "WS2"}
    assert result.after.outcomes == dict.fromkeys(
        ("test_a.py::test_one", "test_b.py::test_one"), "passed"
    )
    assert (folder / "test_b.py").read_text() == f"{GOOD}# fixed\n"
    assert asked == ["WS1", "WS2", "WS3"]
    assert list(table(result))[-1] == (
        "Reverted WS2 in test_a.py: test_a.py::test_one got worse with it"
    )


def test_everything_is_reverted_if_no_single_rule_is_to_blame(folder: Path) -> None:
    path = str(folder / "test_a.py")
    applied = tuple(Applied(path, code, "", 1) for code in ("WS1", "WS2"))
    both = replace(fixes(folder, ("test_a.py", GOOD, BAD)), applied=applied)
    again = Fixes(Report(), ((Change(path, GOOD.encode(), b"x\n"),),), ((path,),))
    result = write_verified(both, pytest_command(), 60, lambda *_: None, lambda _: again)
    assert (folder / "test_a.py").read_text() == GOOD
    assert result.put_back == {path: ""}
    assert not result.left_out


def test_unittest(folder: Path) -> None:
    pairs = [(f"test_{name}.py", CASE.format(old), CASE.format(new)) for name, old, new in (
        ("a", "assert 0", "assert 1"), ("b", "assert 1", "assert 0"),
    )]  # fmt: skip
    result = verify(fixes(folder, *pairs), UNITTEST)
    assert result.before.outcomes == {"test_a.T.test_one": "failed", "test_b.T.test_one": "passed"}
    assert set(result.reverted) == {str(folder / "test_b.py")}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "the command is empty"),
        ("no-such-command-here", "no-such-command-here cannot be started: No such file"),
        (f"{sys.executable} -c pass", "the command ran no test: "),
    ],
)
def test_a_command_that_runs_no_tests_changes_nothing(
    folder: Path, command: str, message: str
) -> None:
    result = verify(fixes(folder, ("test_a.py", BAD, GOOD)), command)
    assert [problem.message.startswith(message) for problem in result.problems] == [True]
    assert (folder / "test_a.py").read_text() == BAD


def test_an_interrupt_leaves_every_file_as_it_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = iter([TestRun({"test_a.py::test_one": "failed"})])

    def run_tests(*_: object) -> TestRun:
        found = next(runs, None)
        if found is None:
            assert (folder / "test_a.py").read_text() == GOOD
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(verified, "run_tests", run_tests)
    with pytest.raises(KeyboardInterrupt):
        verify(fixes(folder, ("test_a.py", BAD, GOOD)))
    assert (folder / "test_a.py").read_text() == BAD


def test_a_file_that_changed_meanwhile_is_not_reverted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = iter(["passed", "failed"])

    def run_tests(*_: object) -> TestRun:
        outcome = next(runs)
        if outcome == "failed":
            (folder / "test_a.py").write_text("# by hand\n")
        return TestRun({"test_a.py::test_one": outcome})

    monkeypatch.setattr(verified, "run_tests", run_tests)
    result = verify(fixes(folder, ("test_a.py", BAD, GOOD)))
    assert [problem.message for problem in result.problems] == [
        "not reverted: it has changed since it was read"
    ]
    assert (folder / "test_a.py").read_text() == "# by hand\n"
