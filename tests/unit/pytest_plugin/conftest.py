"""The runs of pytest that tests of the plugin start."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def only_this_plugin(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load no other installed plugins, which take most of the time of a small run.

    Runs with pytest-xdist load all, as they are installed.
    """
    callspec = getattr(request.node, "callspec", None)
    in_workers = callspec is not None and callspec.params.get("arguments")
    if "pytester" in request.fixturenames and not in_workers:
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        request.getfixturevalue("pytester").plugins.append("wslint.pytest_plugin")
