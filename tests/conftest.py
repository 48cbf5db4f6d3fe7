"""Hooks and fixtures for all tests."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

# Slow tests, and those with special requirements, run only with their marker in -m.
ONLY_WHERE_NAMED = (
    *("proof_all", "proof", "network", "browser", "neovim", "heavy", "fuzz", "variations", "kills"),
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the thousands of proofs out where ``-m`` does not name them."""
    is_proofs = collection_path == Path(__file__).parent / "proofs"
    return True if is_proofs and "proof" not in config.getoption("-m") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests with a marker that -m does not name."""
    named = re.findall(r"\w+", config.getoption("-m"))
    left_out = {item for item in items if _marker(item) not in (None, *named)}
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))


def _marker(item: pytest.Item) -> str | None:
    marks = {mark.name for mark in item.iter_markers()}
    return next((name for name in ONLY_WHERE_NAMED if name in marks), None)


def pytest_configure() -> None:
    """Keep compiled files even if PYTHONDONTWRITEBYTECODE is set.

    Else each worker, and each process that a test starts, compiles wslint and the tests anew.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


_FAILED = pytest.StashKey[bool]()
_FOLDER = pytest.StashKey[Path]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note that a test has failed."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Remove what a test that passed has written, when nothing is patched any more.

    At once is much faster than later, when the files are no longer in memory.
    """
    yield
    os.chdir(item.config.invocation_params.dir)  # the server's Judge goes to its workspace
    folder = item.stash.get(_FOLDER, None)
    if folder is not None and not item.stash.get(_FAILED, False):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    above = tmp_path_factory.mktemp("tests")
    # a numbered folder of tmp_path_factory lists all of the others
    return (above / str(number) for number in itertools.count())


@pytest.fixture
def own_folder(own_folders: Iterator[Path], request: pytest.FixtureRequest) -> Path:
    """A folder for all that a test writes, which is made when it is needed."""
    folder = next(own_folders)
    request.node.stash[_FOLDER] = folder
    return folder


@pytest.fixture
def tmp_path(own_folder: Path, request: pytest.FixtureRequest) -> Path:
    folder = own_folder / re.sub(r"\W", "_", request.node.name)[:30]
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(autouse=True)
def own_environment(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a cache folder, so the user's cache is never touched."""
    monkeypatch.setenv("WSLINT_CACHE_DIR", str(own_folder / "cache"))
    # a pytest started by a test is not a worker of this one
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


@pytest.fixture
def cache_folder(own_folder: Path) -> Path:
    folder = own_folder / "cache"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def only_this_plugin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the runs of a pytester, load no other installed plugins, which take most of the time.

    Runs with pytest-xdist load all, as they are installed.
    """
    callspec = getattr(request.node, "callspec", None)
    in_workers = callspec is not None and callspec.params.get("arguments")
    if "pytester" in request.fixturenames and not in_workers:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        request.getfixturevalue("pytester").plugins.append("wslint.pytest_plugin")
