"""Hooks and fixtures for all tests."""

from __future__ import annotations

import re
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


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder for each test, so the user's cache is never touched."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("WSLINT_CACHE_DIR", str(folder))
    # a pytest started by a test is not a worker of this one
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return folder
