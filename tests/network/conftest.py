from __future__ import annotations

from pathlib import Path

import pytest
from ecosystem.conftest import pytest_collection_modifyitems

from network.repository import make_origin

__all__ = ["pytest_collection_modifyitems"]


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds what this checkout does."""
    folder = tmp_path_factory.mktemp("origin")
    make_origin(folder)
    return folder
