"""Calls that surely have to do with a socket, on what wslint can't follow: they are said."""

from __future__ import annotations

from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.run import check as engine

HEAD = """\
from unittest import mock

import pytest
from app import application, consumer
from channels.testing import WebsocketCommunicator
from elsewhere import SocketCase, SocketTestCase, make, database


"""
SAID = {
    "what a base class of a library has set": """\
class TestIt(SocketCase):
    async def test_it(self):
        await self.communicator.connect()
        await self.communicator.send_json_to({})
""",
    "what a base class has set that only its name says is a test case": """\
class ItTests(SocketTestCase):
    async def test_it(self):
        await self.communicator.connect()
""",
    "what a method of such a class gives": """\
class TestIt(SocketCase):
    async def test_it(self):
        communicator = self.open()
        await communicator.connect()
""",
    "what a library's function gives": """\
@pytest.mark.asyncio
async def test_it():
    communicator = make(consumer)
    await communicator.receive_json_from()
""",
    "a fixture of a plugin": """\
@pytest.mark.asyncio
async def test_it(communicator):
    await communicator.connect()
    await communicator.receive_nothing()
""",
    "a subclass of a library's own": """\
from elsewhere import ChatCommunicator


@pytest.mark.asyncio
async def test_it():
    communicator = ChatCommunicator(consumer, "/")
    await communicator.connect()
""",
    "a project's subclass of a library's own": """\
from elsewhere import ChatCommunicator


class Room(ChatCommunicator):
    async def say(self, text):
        await self.send_to(text)


@pytest.mark.asyncio
async def test_it():
    room = Room(consumer, "/")
    await room.connect()
    await room.receive_nothing()
""",
    "a class that only a star import can give": """\
from elsewhere import *


@pytest.mark.asyncio
async def test_it():
    ws = HttpCommunicator(consumer, "GET", "/")
    await ws.connect()
""",
}
CLIENTS = {
    "an async client": """\
from litestar.testing import AsyncTestClient


@pytest.mark.asyncio
async def test_it():
    async with AsyncTestClient(application) as client:
        async with await client.websocket_connect("/") as socket:
            await socket.receive_json()
""",
    "a client of another library": """\
from lilya.testclient import TestClient


def test_it():
    with TestClient(application).websocket_connect("/") as socket:
        socket.receive_json()
""",
    "one of several fixtures": """\
@pytest.mark.parametrize("name", ["client", "admin"])
def test_it(request, name):
    client = request.getfixturevalue(name)
    with client.websocket_connect("/") as socket:
        socket.receive_json()
""",
    "a client of the project's own": """\
class Socket:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def receive_json(self):
        return {}


class Client:
    def websocket_connect(self, url):
        return Socket()


def test_it():
    with Client().websocket_connect("/") as socket:
        socket.receive_json()
""",
}
NOT_READ = {
    "a base of a test case": """\
class ItTests(SocketTestCase):
    async def test_it(self):
        communicator = WebsocketCommunicator(consumer, "/")
        connected, _ = await communicator.connect()
        self.assertTrue(connected)
""",
    "a decorator of a coroutine": """\
import unittest

from elsewhere import driven


class ItTests(unittest.TestCase):
    @driven
    async def test_it(self):
        communicator = WebsocketCommunicator(consumer, "/")
        connected, _ = await communicator.connect()
        self.assertTrue(connected)
""",
    "a base of a class with a coroutine": """\
import unittest

from elsewhere import Driven


class ItTests(Driven, unittest.TestCase):
    async def test_it(self):
        communicator = WebsocketCommunicator(consumer, "/")
        connected, _ = await communicator.connect()
        self.assertTrue(connected)
""",
}
WAYS = """\
import sys


def database(**options):
    if sys.version_info < (3, 12):
        return pytest.mark.django_db
    return pytest.mark.django_db(databases="__all__")


@pytest.mark.asyncio
@database()
async def test_it():
    communicator = WebsocketCommunicator(consumer, "/")
    await communicator.connect()
"""
SILENT = {
    "a connection to something else": """\
# an ommunicator is spoken of
@pytest.mark.asyncio
async def test_it():
    await database.connect()
    await make(database).connect()
""",
    "a stand-in": """\
@pytest.mark.asyncio
async def test_it():
    communicator = mock.AsyncMock()
    await communicator.connect()
    await communicator.send_json_to({})
""",
    "a client of the project's own, around another one": """\
from starlette.testclient import TestClient


class Client:
    def __init__(self):
        self.inner = TestClient(application)

    def websocket_connect(self, url):
        return self.inner.websocket_connect(f"/api{url}")


def test_it():
    with Client().websocket_connect("/") as socket:
        assert socket.receive_json() == {}
""",
    "a function that connects to a server": """\
from elsewhere import websocket_connect


@pytest.mark.asyncio
async def test_it():
    async with websocket_connect("ws://localhost") as socket:
        await socket.recv()
""",
    "one that is followed": """\
@pytest.mark.asyncio
async def test_it():
    communicator = WebsocketCommunicator(consumer, "/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.disconnect()
""",
}


HOOKED = """\
from shop.hooks import hooked


@pytest.mark.asyncio
@hooked
async def test_it():
    communicator = WebsocketCommunicator(consumer, "/")
    await communicator.connect()
"""


def unresolved(folder: Path, text: str) -> list[str]:
    (folder / "test_it.py").write_text(HEAD + text)
    report = engine.check([str(folder)], Settings(root=str(folder), cache=False))
    assert not report.errors
    return [one.reason for one in report.unresolved]


@pytest.mark.parametrize("text", SAID.values(), ids=SAID)
def test_it_is_said_once_for_each(tmp_path: Path, text: str) -> None:
    (reason,) = unresolved(tmp_path, text)
    assert reason.startswith("the communicator can't be followed: ")


@pytest.mark.parametrize("text", CLIENTS.values(), ids=CLIENTS)
def test_clients_are_said(tmp_path: Path, text: str) -> None:
    (reason,) = unresolved(tmp_path, text)
    assert reason.startswith("the client can't be followed: ")


@pytest.mark.parametrize("text", NOT_READ.values(), ids=NOT_READ)
def test_a_test_that_other_code_may_run_is_said(tmp_path: Path, text: str) -> None:
    (tmp_path / "test_it.py").write_text(HEAD + text)
    report = engine.check([str(tmp_path)], Settings(root=str(tmp_path), cache=False))
    assert len(report.unresolved) == 1
    assert not report.findings


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_there_is_nothing_to_say(tmp_path: Path, text: str) -> None:
    assert unresolved(tmp_path, text) == []


def test_a_decorator_of_the_application_that_uses_one_of_a_library_is_followed(
    tmp_path: Path,
) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").touch()
    (tmp_path / "shop/hooks.py").write_text(
        "from elsewhere import hook\n\n\ndef hooked(test):\n    return hook(test)\n"
    )
    (tmp_path / "test_it.py").write_text(f"{HEAD}{HOOKED}")
    report = engine.check([str(tmp_path)], Settings(root=str(tmp_path), cache=False))
    assert [finding.code for finding in report.findings] == ["WS502"]


def test_a_test_that_is_decorated_in_one_of_two_ways_is_followed(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(f"{HEAD}{WAYS}")
    report = engine.check([str(tmp_path)], Settings(root=str(tmp_path), cache=False))
    assert not report.unresolved
    assert [finding.code for finding in report.findings] == ["WS502"]


def test_a_decorator_of_the_application_is_said(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/__init__.py").touch()
    (tmp_path / "shop/hooks.py").write_text(
        "from elsewhere import hooks\n\n\ndef hooked(test):\n    return hooks()[test.__name__]\n"
    )
    (reason,) = unresolved(tmp_path, HOOKED)
    assert "a decorator can't be followed" in reason
