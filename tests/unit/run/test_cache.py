"""The cache of the outcome of each file: used if nothing that it depends on has changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wslint.config.settings import Settings
from wslint.findings.report import Report
from wslint.run import cache
from wslint.run.cache import MARGIN_NS, MAX_FILES, is_settled
from wslint.run.check import check
from wslint.run.file_checker import FileChecker

HAZARD = """\
from helpers import URL
from starlette.testclient import TestClient


def test_two(app):
    client = TestClient(app)
    with client.websocket_connect(URL) as one, client.websocket_connect(URL) as two:
        one.send_text("x")
        two.receive_text()


def test_silenced(app):
    client = TestClient(app)
    with client.websocket_connect("/") as a, client.websocket_connect("/") as b:  # noqa: WS302
        b.send_text("x")
        a.receive_text()


def test_unknown(maker):
    client = maker()
    with client.websocket_connect("/") as one:
        one.send_text("x")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_two.py").write_text(HAZARD, encoding="utf-8")
    (tests / "test_other.py").write_text("x = 1\n", encoding="utf-8")
    (tests / "deep").mkdir()
    (tests / "deep/test_deep.py").write_text("x = 1\n", encoding="utf-8")
    (tests / "conftest.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "helpers.py").write_text("URL = '/'\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tests / "deep/pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tests / "link.py").symlink_to("../elsewhere.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cache, "MARGIN_NS", MARGIN_NS // 3)  # 50 ms are for slow clocks
    settle()
    return tmp_path


def settle() -> None:
    """Wait until what has been written is so old that it is relied on."""
    time.sleep(1.2 * cache.MARGIN_NS / 1e9)


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that a run has checked."""
    names: list[str] = []
    check_file = FileChecker.check

    def watched(self: FileChecker, candidate: Any) -> Any:
        names.append(os.path.basename(candidate.path))
        return check_file(self, candidate)

    monkeypatch.setattr(FileChecker, "check", watched)
    return names


def run(project: Path, **settings: Any) -> Report:
    return check(["tests"], Settings(root=str(project), **settings))


def entries(kind: str = "results") -> list[Path]:
    return sorted(Path(os.environ["WSLINT_CACHE_DIR"]).glob(f"*/{kind}-*.json"))


def cached_files() -> list[str]:
    """The names of the files whose outcome is cached."""
    names: set[str] = set()
    for entry in entries():
        names |= {*json.loads(entry.read_text(encoding="utf-8"))["entries"]}
    return sorted(os.path.basename(name) for name in names if name.startswith("/"))


def test_cold_and_warm_agree(project: Path, visited: list[str]) -> None:
    cold = run(project)
    assert [finding.code for finding in cold.findings] == ["WS302"]
    assert len(cold.suppressed) == len(cold.unresolved) == 1
    assert visited == ["test_two.py"]
    visited.clear()
    assert run(project) == cold
    assert visited == []
    assert len(entries()) == len(entries("search")) == 1
    assert not [*project.rglob("*cache*")]


def test_no_cache_leaves_nothing(project: Path) -> None:
    assert len(run(project, cache=False).findings) == 1
    assert not entries()


def _rewrite_with_its_old_time(project: Path) -> None:
    path = project / "tests/test_two.py"
    times = path.stat()
    path.write_text(HAZARD.replace("URL)", "url)"), encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def _put_back_the_clock(project: Path) -> None:
    path = project / "tests/test_two.py"
    path.write_text(HAZARD, encoding="utf-8")
    os.utime(path, ns=(0, 0))


CHANGES: dict[str, Callable[[Path], object]] = {
    "a test": lambda top: (top / "tests/test_two.py").write_text(HAZARD + "\n"),
    "a test, at its old time and length": _rewrite_with_its_old_time,
    "a test, long ago": _put_back_the_clock,
    "a file without sockets": lambda top: (top / "tests/test_other.py").write_text("x = 2\n"),
    "a new file": lambda top: (top / "tests/test_new.py").write_text(HAZARD),
    "a file less": lambda top: (top / "tests/test_other.py").unlink(),
    "a new name": lambda top: (top / "tests/test_two.py").rename(top / "tests/test_2.py"),
    "a helper elsewhere": lambda top: (top / "helpers.py").write_text("URL = 1\n"),
    "a helper less": lambda top: (top / "helpers.py").unlink(),
    "a nearer helper": lambda top: (top / "tests/helpers.py").write_text("URL = 1\n"),
    "a conftest.py above": lambda top: (top / "conftest.py").write_text("x = 1\n"),
    "settings of pytest": lambda top: (top / "pytest.ini").write_text("[pytest]\naddopts = -q\n"),
    "other settings of pytest": lambda top: (top / "tests/pytest.ini").write_text(""),
    "requirements": lambda top: (top / "requirements.txt").write_text("channels==3.0.5\n"),
    "an ignore file": lambda top: (top / "tests/.gitignore").write_text("test_other.py\n"),
    "a folder": lambda top: _new_folder(top / "tests/more"),
    "a folder renamed": lambda top: (top / "tests/deep").rename(top / "tests/deeper"),
    "what a link leads to": lambda top: (top / "elsewhere.py").write_text(HAZARD),
    "settings": lambda top: (top / "tests/wslint.toml").write_text('ignore = ["WS302"]\n'),
    "settings in a file": lambda top: (top / "pyproject.toml").write_text("[tool.wslint]\n"),
    "settings further down": lambda top: (top / "tests/deep/pyproject.toml").write_text(
        "[tool.wslint]\n"
    ),
}


def _new_folder(path: Path) -> None:
    path.mkdir()
    (path / "test_more.py").write_text(HAZARD, encoding="utf-8")


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_changes_are_seen(
    project: Path, visited: list[str], change: Callable[[Path], object]
) -> None:
    settings = Settings(root=str(project), fixed=False)
    check(["tests"], settings)
    change(project)
    settle()
    warm = check(["tests"], settings)
    visited.clear()
    assert check(["tests"], settings) == warm
    assert visited == []
    assert check(["tests"], replace(settings, cache=False)) == warm


def _two_tests(project: Path) -> None:
    """Add a test that uses nothing of the project, and what test_two.py leads to."""
    alone = HAZARD.replace("from helpers import URL\n", "URL = 1\n")
    (project / "tests/test_alone.py").write_text(alone, encoding="utf-8")
    helpers = "from deeper import URL\n"
    (project / "helpers.py").write_text(helpers, encoding="utf-8")
    (project / "deeper.py").write_text("URL = '/'\n", encoding="utf-8")
    settle()


@pytest.mark.parametrize(
    ("name", "content", "checked"),
    [
        ("tests/test_alone.py", HAZARD, ["test_alone.py"]),
        ("tests/test_two.py", HAZARD + "x = 1\n", ["test_two.py"]),
        ("helpers.py", "from deeper import URL as URL\n", ["test_two.py"]),
        ("deeper.py", "URL = 1\n", ["test_two.py"]),
        # what was looked for and not found
        ("tests/helpers.py", "URL = 1\n", ["test_two.py"]),
        ("deeper/__init__.py", "URL = 1\n", ["test_two.py"]),
        ("tests/conftest.py", "y = 1\n", ["test_alone.py", "test_two.py"]),
        ("conftest.py", "y = 1\n", ["test_alone.py", "test_two.py"]),
        ("tests/requirements.txt", "django\n", ["test_alone.py", "test_two.py"]),
        ("tests/test_other.py", "x = 2\n", []),
        ("unrelated.py", "x = 2\n", []),
    ],
)
def test_only_what_a_change_touches_is_checked_again(
    project: Path, visited: list[str], name: str, content: str, checked: list[str]
) -> None:
    _two_tests(project)
    run(project)
    path = project / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    settle()
    visited.clear()
    warm = run(project)
    assert sorted(visited) == checked
    assert run(project, cache=False) == warm


def test_unchanged_folders_are_not_searched_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(project)
    searched: list[str] = []
    passes = FileChecker.passes

    def watched(self: FileChecker, candidate: Any) -> Any:
        searched.append(os.path.basename(candidate.path))
        return passes(self, candidate)

    monkeypatch.setattr(FileChecker, "passes", watched)
    monkeypatch.setattr("wslint.run.check._FEW", -1)  # not whether a cache is worth it
    (project / "tests/deep/test_deep.py").write_text("x = 2\n", encoding="utf-8")
    settle()
    run(project)
    assert searched == ["test_deep.py"]


def test_runs_over_other_paths_share_outcomes(project: Path, visited: list[str]) -> None:
    settings = Settings(root=str(project))
    check(["tests"], settings)
    visited.clear()
    assert len(check(["tests/test_two.py"], settings).findings) == 1
    assert visited == []


def test_what_a_file_given_by_name_uses_is_searched_again(project: Path) -> None:
    fixture = "import pytest\n@pytest.fixture\ndef {}(app):\n    return TestClient(app)\n"
    opens = (
        "def open_it(client):\n    with client.websocket_connect('/'):\n        client.get('/')\n"
    )
    head = "from starlette.testclient import TestClient\n"
    conftest = project / "tests/conftest.py"
    test = "from conftest import open_it\ndef test_it(client):\n    open_it(client)\n"
    (project / "tests/test_named.py").write_text(test, encoding="utf-8")
    counts = []
    for content in ("x = 1\n", head + fixture.format("client") + opens, "x = 1\n"):
        conftest.write_text(content, encoding="utf-8")
        settle()
        settings = Settings(root=str(project))
        warm = check(["tests/test_named.py"], settings)
        assert warm == check(["tests/test_named.py"], replace(settings, cache=False))
        counts.append(warm.tests_judged)
    assert counts == [0, 1, 0]


def test_a_chosen_test_is_not_taken_for_the_file(project: Path) -> None:
    path = f"{project}/tests/test_two.py"
    chosen = {path: ("test_unknown",)}
    settings = Settings(root=str(project))
    for _ in range(2):
        assert check([path], replace(settings, tests=chosen)).findings == ()
        assert len(check([path], settings).findings) == 1


@pytest.mark.parametrize(
    ("changed", "began", "settled"),
    [
        (1_000_000_001, 1_050_000_002, True),
        (1_000_000_001, 1_050_000_001, False),
        (1_000_000_001, 900_000_000, False),
        # a clock of whole seconds may stand still for two
        (1_000_000_000, 3_000_000_001, True),
        (1_000_000_000, 3_000_000_000, False),
    ],
)
def test_what_is_settled(changed: int, began: int, settled: bool) -> None:
    assert is_settled((changed, 5, 0, 0), began) is settled
    assert is_settled((5, changed, 0, 0), began) is settled


def test_other_settings_are_another_run(project: Path) -> None:
    assert len(run(project).findings) == 1
    assert run(project, exclude=("tests/test_two.py",)).findings == ()
    assert len(run(project).findings) == 1
    assert len(entries("search")) == 2


def test_what_was_kept_without_fixes_is_not_shown_with_them(project: Path) -> None:
    settings = Settings(cache=True)
    settle()
    without, made = (check([str(project)], settings, make_fixes=made) for made in (False, True))
    assert [bool(one.fix and one.fix.edits) for one in without.findings] == [False]
    assert [bool(one.fix and one.fix.edits) for one in made.findings] == [True]


def test_the_number_of_processes_makes_no_difference(project: Path, visited: list[str]) -> None:
    run(project, jobs=1)
    visited.clear()
    run(project, jobs=2, given={"jobs": 2})
    assert visited == []


def test_how_many_are_kept(project: Path) -> None:
    first = entries()
    for number in range(MAX_FILES):
        run(project, max_file_size=100_000 + number)
        run(project)  # what is used is kept
    assert len(entries()) + len(entries("search")) == MAX_FILES
    assert not {*first} - {*entries()}


def test_a_file_as_new_as_the_run_is_not_relied_on(project: Path) -> None:
    _two_tests(project)
    (project / "helpers.py").write_text("URL = 3\n", encoding="utf-8")
    run(project)
    assert cached_files() == ["test_alone.py"]


def test_outcomes_of_files_that_are_gone_are_dropped(project: Path) -> None:
    _two_tests(project)
    run(project)
    assert cached_files() == ["test_alone.py", "test_two.py"]
    (project / "tests/test_alone.py").unlink()
    run(project)
    assert cached_files() == ["test_two.py"]


def test_single_files_without_sockets_are_not_kept(project: Path) -> None:
    settings = Settings(root=str(project))
    assert check(["tests/test_other.py"], settings).files_checked == 1
    assert entries() == []
    assert len(check(["tests/test_two.py"], settings).findings) == 1
    assert len(entries()) == 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "null", "1" * 5000, "[" * 5000, '{"entries": 1}', '{"rows": 2}'),
        *('{"rows": [], "entries": []}', '{"folders": 1, "passed": 2, "rounds": 3}'),
    ],
)
def test_a_corrupt_entry_counts_as_missing(project: Path, text: str) -> None:
    cold = run(project)
    for entry in (*entries(), *entries("search")):
        entry.write_text(text, encoding="utf-8")
    assert run(project) == cold


def test_an_entry_too_large_for_the_memory_counts_as_missing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold = run(project)

    def refuse(_: str) -> None:
        raise MemoryError

    monkeypatch.setattr("json.loads", refuse)
    assert run(project) == cold


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key in value:
            yield from _leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, number))


def _with(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


_WRONG: list[Any] = [3.5, {"Finding": []}]


@pytest.fixture
def judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each file is judged once; in later runs it is judged the same."""
    judged: dict[str, Any] = {}
    check_file = FileChecker.check

    def remembered(self: FileChecker, candidate: Any) -> Any:
        if candidate.path not in judged:
            judged[candidate.path] = check_file(self, candidate)
        return judged[candidate.path]

    monkeypatch.setattr(FileChecker, "check", remembered)


@pytest.mark.usefixtures("judged_once")
def test_entries_of_other_types_count_as_missing(project: Path) -> None:
    cold = run(project)
    (entry,) = entries()
    kept = json.loads(entry.read_text(encoding="utf-8"))
    paths = [("entries", *path) for path in _leaves(kept["entries"])]
    paths += [("rows", *path) for path in [*_leaves(kept["rows"])][:100]]
    assert len(paths) > 200
    for number, path in enumerate(paths):
        new = _WRONG[number % 2]
        entry.write_text(json.dumps(_with(kept, path, new)), encoding="utf-8")
        found = run(project)
        # what is not a finding of this run may be left out of a set, never be taken for one
        assert found.findings == cold.findings, (path, new)
        assert found.suppressed == cold.suppressed
        assert found.unresolved == cold.unresolved


@pytest.mark.parametrize("mode", ["file", "inside the project", "read-only"])
def test_where_nothing_can_be_kept(
    project: Path, cache_folder: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if mode == "file":
        cache_folder.rmdir()
        cache_folder.write_text("", encoding="utf-8")
    elif mode == "inside the project":
        monkeypatch.setenv("WSLINT_CACHE_DIR", "cache")
    else:

        def refuse(*_: object, **__: object) -> object:
            raise OSError(30, "Read-only file system")

        monkeypatch.setattr("tempfile.mkstemp", refuse)
    assert len(run(project).findings) == 1
    assert entries() == []


def test_a_warm_run_imports_neither_libcst_nor_the_interpreter(project: Path) -> None:
    run(project)
    code = (
        "import sys; from wslint.config.settings import Settings;"
        "from wslint.run.check import check;"
        f"found = check(['tests'], Settings(root={str(project)!r})).findings;"
        "print(len(found), *(name for name in ('libcst', 'wslint.timeline.build', 'wslint.linking')"
        " if name in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1"]


def test_a_cache_in_the_tree_is_neither_read_nor_written(project: Path) -> None:
    """A repository could bring a forged one, or links that lead out of it."""
    victim = project.parent / "victim"
    victim.write_text("precious", encoding="utf-8")
    forged = project / ".wslint_cache"
    forged.mkdir()
    (forged / "CACHEDIR.TAG").symlink_to(victim)
    (forged / ".gitignore").symlink_to(victim)
    for number in range(40):
        (forged / f"{number}.json").write_text("{}", encoding="utf-8")
    assert len(run(project).findings) == 1
    assert len(run(project).findings) == 1
    assert victim.read_text(encoding="utf-8") == "precious"
    assert len([*forged.iterdir()]) == 42
