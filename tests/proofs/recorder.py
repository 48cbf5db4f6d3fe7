"""Records the events of one pytest run, line by line."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

# The functions of Channels that may stay patched.
NAMES = [
    ("channels.db", "close_old_connections"),
    ("channels.db", "aclose_old_connections"),
    ("channels.consumer", "aclose_old_connections"),
    ("channels.generic.websocket", "aclose_old_connections"),
    ("channels.generic.http", "aclose_old_connections"),
    ("django.db", "close_old_connections"),
]


class Recorder:
    """A plugin whose output survives a killed run."""

    def __init__(self, path: str) -> None:
        self.stream = open(path, "w", encoding="utf-8")  # noqa: SIM115

    def write(self, **entry: Any) -> None:
        self.stream.write(json.dumps(entry) + "\n")
        self.stream.flush()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            message, found = str(report.longrepr), explanations(report)
            self.write(kind="error", test=report.nodeid, message=message, explanations=found)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.write(kind="start", test=nodeid)

    @pytest.hookimpl(wrapper=True, tryfirst=True)  # so that other plugins are done
    def pytest_runtest_makereport(self, item: pytest.Item, call: Any) -> Any:
        report = yield
        exception = message = ""
        if call.excinfo is not None:
            exception, message = call.excinfo.type.__name__, str(call.excinfo.value)
        self.write(
            kind="report",
            test=item.nodeid,
            when=report.when,
            outcome=report.outcome,
            exception=exception,
            message=message[:500],
            explanations=explanations(report),
        )
        return report

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        witness = session.config.pluginmanager.get_plugin("wslint-witness")
        if witness is not None:
            off, seen = list(witness.off), [seen._asdict() for seen in witness.seen]
            self.write(kind="witness", seen=seen, off=off)
        changed = [f"{module}.{name}" for module, name in NAMES if is_changed(module, name)]
        self.write(kind="end", status=int(exitstatus), changed=changed)


def explanations(report: pytest.TestReport | pytest.CollectReport) -> list[str]:
    """Return what wslint's plugin has added to a report."""
    return [text for title, text in report.sections if title.startswith("wslint")]


def is_changed(module: str, name: str) -> bool:
    """Return whether a name of a loaded module is still patched."""
    held = getattr(sys.modules.get(module), name, None)
    return held is not None and getattr(held, "__module__", "") not in ("django.db", "channels.db")
