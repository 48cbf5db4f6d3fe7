"""Scripts and timelines, compared with golden files."""

from __future__ import annotations

from pathlib import Path

import pytest
from goldens import NAMES, folders, goldens


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_golden_files(folder: Path) -> None:
    found = goldens(folder)
    assert tuple(found) == NAMES
    for name, text in found.items():
        assert text == (folder / name).read_text(encoding="utf-8"), "python -m tests.golden"


def test_eight_layouts() -> None:
    assert len(folders()) == 8
