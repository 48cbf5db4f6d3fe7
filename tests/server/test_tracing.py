"""The code lens "trace" and its command."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from lsprotocol import types
from small_project import TOLD, TWO

from server.editor import PULLED, PUSHED, SHOWING, editor

pytestmark = pytest.mark.asyncio

PLAIN_TEST = "\n\ndef test_plain():\n    assert app\n"


@pytest.fixture
def test(tmp_path: Path) -> Path:
    path = tmp_path / "test_a.py"
    path.write_bytes((TWO + PLAIN_TEST).encode())
    return path


def names(lenses: list[types.CodeLens]) -> list[tuple[int, object]]:
    return [
        (lens.range.start.line, lens.command and (lens.command.arguments or ())[1])
        for lens in lenses
    ]


async def test_lenses(test: Path) -> None:
    async with editor(test.parent) as client:
        client.open(test)
        lenses = await client.lenses(test)
        assert names(lenses) == [(4, "test_told"), (11, "test_heard")]
        assert {lens.command.title for lens in lenses if lens.command} == {"trace"}
        client.replace(test, "import os\n" + TOLD)
        assert names(await client.lenses(test)) == [(5, "test_told")]
        # while something is half typed, they stay
        client.replace(test, "import os\n" + TOLD + "def (")
        assert names(await client.lenses(test)) == [(5, "test_told")]
        client.replace(test, PLAIN_TEST)
        assert await client.lenses(test) == []
        assert await client.lenses(test.parent / "other.py") == []


async def test_the_picture_is_opened(test: Path) -> None:
    async with editor(test.parent, capabilities=SHOWING) as client:
        client.open(test)
        told, heard = await client.lenses(test)
        text = await client.execute(heard.command)
        (shown,) = client.shown
        assert shown.external
        page = Path(unquote(urlparse(shown.uri).path))
        content = page.read_text("utf-8")
        assert "<title>test_heard</title>" in content
        assert "<svg " in content
        assert "WS301" in content
        assert "test_heard" in text
        await client.execute(told.command)
        assert len({shown.uri for shown in client.shown}) == 2
    assert client.messages == []
    assert not page.exists()


@pytest.mark.parametrize("capabilities", [PUSHED, PULLED, SHOWING])
async def test_else_the_timeline_is_told(
    test: Path, capabilities: types.ClientCapabilities
) -> None:
    async with editor(test.parent, capabilities=capabilities) as client:
        client.shows = False
        client.open(test)
        told, _ = await client.lenses(test)
        text = await client.execute(told.command)
        assert client.messages == [text]
    assert "test_told (sync function)" in text
    assert "▲ WS301" in text


async def test_a_test_that_is_gone(test: Path) -> None:
    async with editor(test.parent) as client:
        client.open(test)
        _, heard = await client.lenses(test)
        client.replace(test, TOLD)
        assert await client.execute(heard.command) is None
        assert client.messages == ["wslint: test_heard has no timeline in this version of the file"]
        client.close(test)
        assert await client.execute(heard.command) is None
