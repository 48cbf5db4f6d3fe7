"""Counts the processes that runs start."""

from __future__ import annotations

from multiprocessing.process import BaseProcess

import pytest


def count_processes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that collects the name of each started process."""
    names: list[str] = []
    start = BaseProcess.start

    def counted(self: BaseProcess) -> None:
        names.append(self.name)
        start(self)

    monkeypatch.setattr(BaseProcess, "start", counted)
    return names
