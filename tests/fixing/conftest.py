"""What takes minutes is run only where ``-m`` names it."""

from __future__ import annotations

import pytest

LONG = ("variations", "kills")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is long unless it is asked for."""
    asked = config.getoption("-m")
    left_out = [
        item
        for item in items
        if any(item.get_closest_marker(name) and name not in asked for name in LONG)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]
