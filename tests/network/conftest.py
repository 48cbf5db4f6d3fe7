from __future__ import annotations

from pathlib import Path

import pytest

from network.repository import make_origin


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the content of this checkout."""
    folder = tmp_path_factory.mktemp("origin")
    make_origin(folder)
    return folder
