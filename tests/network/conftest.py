from __future__ import annotations

from ecosystem.conftest import pytest_collection_modifyitems

__all__ = ["pytest_collection_modifyitems"]
