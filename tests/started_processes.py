"""Counts the processes that runs start."""

from __future__ import annotations

import pytest

from wslint.run.crew import Crew


def count_processes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give a list to which the number of each process that is started will be added."""
    pids: list[int] = []
    new = Crew._new

    def counted(self):
        member = new(self)
        pids.append(member.process.pid or 0)
        return member

    monkeypatch.setattr(Crew, "_new", counted)
    return pids
