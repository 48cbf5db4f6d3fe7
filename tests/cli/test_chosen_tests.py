"""``wslint check FILE::test`` and ``wslint fix FILE::test``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from small_project import HEAD, TEST, run, write

IN_CLASS = "\n\nclass TestOrders:\n" + "".join(
    f"    {line}\n" for line in TEST.format("kept").replace("()", "(self)", 1).splitlines()
)
FILE = HEAD + TEST.format("told") + "\n\n" + TEST.format("heard") + IN_CLASS


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write({"tests/test_a.py": FILE, "tests/test_b.py": FILE, "tests/test_c.py": "x = 1\n"})


def judged(*paths: str) -> list[str]:
    result = run("check", *paths, "--output-format", "json")
    return [finding["test"] for finding in json.loads(result.stdout)["findings"]]


@pytest.mark.parametrize(
    ("paths", "tests"),
    [
        (["tests/test_a.py::test_told"], ["test_told"]),
        (["tests/test_a.py::TestOrders::test_kept"], ["TestOrders.test_kept"]),
        (["tests/test_a.py::TestOrders"], ["TestOrders.test_kept"]),
        (["tests/test_a.py::test_heard[a-1]"], ["test_heard"]),
        (
            ["tests/test_a.py::test_told", "tests/test_a.py::test_heard"],
            ["test_told", "test_heard"],
        ),
        (
            ["tests/test_a.py::test_told", "tests/test_b.py::test_heard"],
            ["test_told", "test_heard"],
        ),
        (["tests/test_a.py::test_told", "tests/test_a.py"], 3 * ["*"]),
        (["tests/test_a.py::test_told", "tests"], 6 * ["*"]),
    ],
)
def test_only_these_tests_are_judged(paths: list[str], tests: list[str]) -> None:
    found = judged(*paths)
    assert found == tests or (set(tests) == {"*"} and len(found) == len(tests))


def test_several_processes_and_the_cache_know_it() -> None:
    args = ("tests/test_a.py::test_told", "tests/test_b.py::test_heard", "-j", "2")
    assert judged(*args) == judged(*args) == ["test_told", "test_heard"]
    assert len(judged("tests/test_a.py", "tests/test_b.py")) == 6


def test_a_nearer_configuration_does_not_forget_it() -> None:
    write({"wslint.toml": "", "tests/wslint.toml": ""})
    assert judged("tests/test_a.py::test_told", "tests/test_c.py") == ["test_told"]


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("tests/test_a.py::test_tol", "no test 'test_tol' (did you mean 'test_told'?)"),
        ("tests/test_a.py::TestOrders::test_x", "no test 'TestOrders::test_x' (did you mean "),
        ("tests/test_c.py::test_x", "no test that a runner would collect"),
        ("nope.py::test_x", "no such file or directory"),
    ],
)
def test_a_test_that_is_not_there(command: str, path: str, message: str) -> None:
    result = run(command, path)
    assert result.exit_code == 2
    file = path.partition("::")[0]
    assert f"error: {file}: {message}" in result.stderr


def test_a_file_with_such_a_name_is_a_file() -> None:
    write({"test_d::test_told.py": HEAD + TEST.format("d")})
    assert judged("test_d::test_told.py") == ["test_d"]


def test_only_these_tests_are_fixed() -> None:
    result = run("fix", "--unsafe-fixes", "tests/test_a.py::test_heard")
    assert result.exit_code == 0
    assert "Fixed 1 problem in 1 file" in result.stdout
    assert judged("tests/test_a.py") == ["test_told", "TestOrders.test_kept"]


def test_only_these_tests_get_a_comment() -> None:
    run("check", "--add-ignore", "tests/test_a.py::test_heard")
    assert Path("tests/test_a.py").read_text().count("wslint: ignore") == 1
