from __future__ import annotations

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the network unless it is asked for."""
    if "network" in config.getoption("-m"):
        return
    left_out = {item for item in items if item.get_closest_marker("network")}
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))
