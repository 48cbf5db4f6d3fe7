"""The signals: each observes one library, and can be off without the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wslint.pytest_plugin.witness.signals import clients, sessions
from wslint.pytest_plugin.witness.watch import Watch

# the library that must be imported, and what to install then
SIGNALS: tuple[tuple[str, Callable[[Watch, Any], None]], ...] = (
    ("starlette.testclient", clients.entered_twice),
    ("starlette.testclient", clients.never_left),
    ("starlette.testclient", clients.timeout_without_effect),
    ("starlette.testclient", sessions.counts),
    ("starlette.testclient", sessions.several_loops),
    ("starlette.testclient", sessions.never_entered),
    ("starlette.testclient", sessions.used_after_its_end),
    ("starlette.testclient", sessions.never_answered),
)
