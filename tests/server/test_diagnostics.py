"""Diagnostics of open files, as an editor receives them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types
from server.editor import PULLED, editor
from small_project import TOLD, TWO

pytestmark = pytest.mark.asyncio

FINE = TOLD.replace("client = TestClient(app)\n    with client.", "with TestClient(app) as client, client.")


@pytest.fixture
def test_file(tmp_path: Path) -> Path:
    path = tmp_path / "tests" / "test_a.py"
    path.parent.mkdir()
    path.write_bytes(FINE.encode())
    (tmp_path / "wslint.toml").write_bytes(b"")
    return path


async def test_opened(test_file: Path, tmp_path: Path) -> None:
    async with editor(tmp_path) as client:
        client.open(test_file, TOLD)
        (found,) = await client.diagnostics(test_file)
    assert (found.code, found.source) == ("WS301", "wslint")
    assert found.severity == types.DiagnosticSeverity.Warning
    assert found.range == types.Range(types.Position(7, 8), types.Position(7, 25))
