"""What holds for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of each test's own, so that none touches the user's."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("WSLINT_CACHE_DIR", str(folder))
    return folder
