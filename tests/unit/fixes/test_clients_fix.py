"""There is no fix if entering a client would make a test hang."""

from __future__ import annotations

from pathlib import Path

from wslint.config.settings import Settings
from wslint.run.check import check

BY_HAND = """\
import pytest
from starlette.testclient import TestClient


@pytest.fixture
def client():
    return TestClient(app)


@pytest.fixture
async def sockets(client):
    with client.websocket_connect("/a") as one, client.websocket_connect("/b") as two:
        yield one, two


@pytest.mark.asyncio
async def test_both(sockets):
    one, two = {next}
    one.send_text("hi")
"""


def test_a_generator_that_is_driven_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "test_a.py"
    for text, reason in (("await sockets.__anext__()", "by hand"), ("sockets", "")):
        path.write_text(BY_HAND.format(next=text))
        (finding,) = check([str(path)], Settings(cache=False)).findings
        assert finding.code == "WS302"
        assert reason in finding.no_fix
        assert (finding.fix is None) is bool(reason)
