"""Scripts and timelines, compared with golden files; scripts to JSON and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cases import TESTS
from goldens import GOLDEN, NAMES, folders, goldens

from wslint.lower import lower
from wslint.lower.codec import decode, encode
from wslint.source import Source

SOURCES = [
    path
    for folder in (TESTS / "fixtures", GOLDEN)
    for path in sorted(folder.rglob("*.py"))
    if isinstance(Source.from_bytes(str(path), path.read_bytes()), Source)
]


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: folder.name)
def test_golden_files(folder: Path) -> None:
    found = goldens(folder)
    assert tuple(found) == NAMES
    for name, text in found.items():
        assert text == (folder / name).read_text(encoding="utf-8"), "python -m tests.golden"


def test_eight_layouts() -> None:
    assert len(folders()) == 8


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(TESTS).as_posix())
def test_script_to_json_and_back(path: Path) -> None:
    script = lower(path.read_bytes())
    assert decode(json.loads(json.dumps(encode(script)))) == script
