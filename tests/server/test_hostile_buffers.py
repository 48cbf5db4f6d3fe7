"""The server survives the texts on which linters choke, and still judges other files."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz.hostile import FAST, HAZARD

from server.editor import PULLED, editor


@pytest.mark.asyncio
async def test_hostile_buffers(tmp_path: Path) -> None:
    good, hostile = tmp_path / "test_zz_hazard.py", tmp_path / "test_hostile.py"
    async with editor(tmp_path, capabilities=PULLED) as client:
        client.open(good, HAZARD)
        for data, _ in FAST.values():
            client.open(hostile, data.decode("utf-8", "replace"))
            await client.pull(hostile)
            client.close(hostile)
        assert [found.code for found in (await client.pull(good)).items] == ["WS301"]
    assert client.messages == []
