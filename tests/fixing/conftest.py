"""What takes minutes is run only where ``-m`` names it."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is long unless it is asked for."""
    if "variations" in config.getoption("-m"):
        return
    left_out = [item for item in items if item.get_closest_marker("variations")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
