"""The mode ``wslint_keep_db_connections = auto``."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from wslint.keepalive import keep_db_connections_open

if TYPE_CHECKING:
    from collections.abc import Generator


class KeepaliveMode:
    """Keeps connections open during each test, its fixtures included."""

    def __init__(self) -> None:
        self._has_channels = find_spec("channels") is not None

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, None, None]:
        """Run one test."""
        if not self._has_channels:
            yield
            return
        with keep_db_connections_open():
            yield
