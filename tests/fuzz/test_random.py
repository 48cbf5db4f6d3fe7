"""Random test files, for a minute or the time in FUZZ_SECONDS."""

from __future__ import annotations

import os

import pytest

from fuzz.__main__ import run
from fuzz.laws import check


@pytest.mark.fuzz
def test_random_files() -> None:
    counts, failures = run(float(os.environ.get("FUZZ_SECONDS", "60")), first_seed=1)
    assert not failures, "\n\n".join(failures)
    # guard: some files were judged and fixed
    assert counts["files"] > 20
    assert counts["problems"] > 5
    assert counts["fixes"] > 2


def test_a_broken_law_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(data: bytes) -> tuple[int, int]:
        assert b"with " not in data
        return check(b"")

    monkeypatch.setattr("fuzz.__main__.check", broken)
    _, failures = run(20, first_seed=1, most=1)
    assert len(failures) == 1
