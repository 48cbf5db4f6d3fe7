"""Hooks and fixtures for all tests."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Slow tests, and those with special requirements, run only with their marker in -m.
ONLY_WHERE_NAMED = (
    *("proof_all", "proof", "network", "browser", "neovim", "heavy", "fuzz", "variations", "kills"),
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests with a marker that -m does not name."""
    named = re.findall(r"\w+", config.getoption("-m"))
    left_out = {item for item in items if _marker(item) not in (None, *named)}
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))


def _marker(item: pytest.Item) -> str | None:
    return next((name for name in ONLY_WHERE_NAMED if item.get_closest_marker(name)), None)


def pytest_configure() -> None:
    """Keep compiled files even if PYTHONDONTWRITEBYTECODE is set.

    Else each worker, and each process that a test starts, compiles wslint and the tests anew.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def cache_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    above = tmp_path_factory.mktemp("caches")
    # a numbered folder of tmp_path_factory lists all of the others
    return (above / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def cache_folder(cache_folders: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder for each test, so the user's cache is never touched."""
    folder = next(cache_folders)
    folder.mkdir()
    monkeypatch.setenv("WSLINT_CACHE_DIR", str(folder))
    # a pytest started by a test is not a worker of this one
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


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
