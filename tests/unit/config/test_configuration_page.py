"""The examples of docs/configuration.md do what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from paths import ROOT

from wslint.config.loader import load_settings
from wslint.config.schema import KEYS
from wslint.run.check import check
from wslint.run.fix import find_fixes, write_fixes

PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.S)
TOML = [text for language, text in BLOCKS if language == "toml"]
CODE = [text for language, text in BLOCKS if language == "python"]
CHANNELS = """\
import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from waffle.testutils import override_flag
from chat import ChatConsumer


async def talk():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.disconnect()


"""
STARLETTE = """\
from starlette.testclient import TestClient
from shop import app

client = TestClient(app)


"""


def codes(folder: Path, code: str, settings: str = "") -> list[str]:
    (folder / "test_it.py").write_text(code, encoding="utf-8")
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    paths = [str(folder)]
    report = check(paths, load_settings(paths))
    assert report.errors == ()
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    ("code", "settings", "without", "with_it"),
    [
        pytest.param(CODE[0], TOML[0], [], ["WS301"], id="factory"),
        pytest.param(CHANNELS + CODE[1], TOML[1], ["WS101"], [], id="keepalive"),
        pytest.param(
            CHANNELS + CODE[1].replace("with kept_open():", "if True:"),
            TOML[1], ["WS101"], ["WS101"], id="no keepalive",
        ),
    ],
)  # fmt: skip
def test_roles(
    tmp_path: Path, code: str, settings: str, without: list[str], with_it: list[str]
) -> None:
    assert codes(tmp_path, code) == without
    assert codes(tmp_path, code, settings) == with_it


def test_fixture_is_written_as_shown(tmp_path: Path) -> None:
    fixture, test = CODE[2].split("\n\n\n")
    bare = test.replace('@pytest.mark.usefixtures("keep_db_connections_open")\n', "")
    assert codes(tmp_path, CHANNELS + bare, TOML[2]) == ["WS101"]
    paths = [str(tmp_path)]
    write_fixes(find_fixes(paths, load_settings(paths)))
    assert (tmp_path / "conftest.py").read_text() == f"import pytest\n\n\n{fixture}\n"
    assert (tmp_path / "test_it.py").read_text() == CHANNELS + test
    assert codes(tmp_path, CHANNELS + test, TOML[2]) == []


def test_client_left_bare_on_purpose(tmp_path: Path) -> None:
    assert codes(tmp_path, STARLETTE + CODE[3]) == []
    spoken = re.sub(r" *# wslint: ignore.*\n", "", CODE[3])
    assert codes(tmp_path, STARLETTE + spoken) == ["WS301"]


def test_page_lists_every_key_and_no_other() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", PAGE, re.M)
    assert sorted(re.findall(r"`([\w-]+)`", " ".join(rows))) == sorted(("extend", *KEYS))
