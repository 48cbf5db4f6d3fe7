"""Symptoms without a rule, or that no case shows, recreated with the real libraries."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import Future
from dataclasses import dataclass

import pytest
from cases import APPS, holds

from proofs.bench import Bench, Run
from wslint.symptoms.known import SYMPTOMS

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forks of one process"),
]

CHANNELS = """\
import asyncio
import pytest
import pytest_asyncio
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.generic.http import AsyncHttpConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from channels.testing import HttpCommunicator, WebsocketCommunicator


class Echo(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=self.scope["user"])


class Silent(AsyncWebsocketConsumer):
    async def connect(self):
        pass


class Closing(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.close()


class Http(AsyncHttpConsumer):
    async def handle(self, body):
        await self.send_response(200, b"")


async def connected(application):
    communicator = WebsocketCommunicator(application, "/")
    assert (await communicator.connect())[0]
    return communicator


"""
STARLETTE = """\
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect


async def waits(socket):
    await socket.accept()
    await socket.receive_text()


async def closes(socket):
    await socket.accept()
    await socket.close(4000)


async def refuses(socket):
    await socket.close(4001)


async def denies(socket):
    await socket.send_denial_response(PlainTextResponse("no", 403))


async def returns(socket):
    pass


async def opened_again(socket):
    await socket.accept()
    await socket.close()
    await socket.send_text("late")


client = TestClient(
    Starlette(
        routes=[
            WebSocketRoute(f"/{function.__name__}", function)
            for function in (waits, closes, refuses, denies, returns, opened_again)
        ]
    )
)


"""


@dataclass(frozen=True)
class Recreated:
    """The body of a test, which fails as a symptom says. ``needs``: requirements."""

    symptom: str
    header: str
    body: str
    is_async: bool = False
    fixture: str = ""
    needs: tuple[str, ...] = ()

    def source(self) -> str:
        body = "".join(f"    {line}\n" for line in self.body.splitlines())
        mark = "@pytest.mark.asyncio\nasync " if self.is_async else ""
        argument = "communicator" if self.fixture else ""
        return f"{self.header}{self.fixture}{mark}def test_it({argument}):\n{body}"


def in_channels(symptom: str, body: str, fixture: str = "") -> Recreated:
    needs = ("pytest-asyncio>=0.24",) if "loop_scope" in fixture else ()
    return Recreated(symptom, CHANNELS, body, is_async=True, fixture=fixture, needs=needs)


def in_starlette(symptom: str, body: str, *needs: str) -> Recreated:
    return Recreated(symptom, STARLETTE, body, needs=("starlette>=0.45.1", *needs))


WIDER_SCOPE = """\
@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def communicator():
    return await connected(Echo.as_asgi())


"""
ALL = [
    in_channels("connect-timed-out", "await connected(Silent.as_asgi())"),
    in_channels(
        "receive-timed-out",
        "communicator = await connected(Echo.as_asgi())\nawait communicator.receive_from()",
    ),
    in_channels(
        "response-timed-out",
        "communicator = HttpCommunicator(Http.as_asgi(), 'GET', '/')\n"
        "await communicator.get_response()\nawait communicator.get_response()",
    ),
    in_channels(
        "closed-by-the-consumer",
        "communicator = await connected(Closing.as_asgi())\n"
        "await communicator.send_to(text_data='x')\nawait communicator.receive_from()",
    ),
    in_channels(
        "unfilled-scope",
        "communicator = await connected(Echo.as_asgi())\n"
        "await communicator.send_to(text_data='x')\nawait communicator.receive_from()",
    ),
    in_channels(
        "no-handler",
        "communicator = await connected(Echo.as_asgi())\n"
        "await communicator.send_input({'type': 'no.such'})\nawait communicator.receive_from()",
    ),
    in_channels("no-handler", "await connected(Http.as_asgi())"),
    in_channels("no-such-route", "await connected(URLRouter([]))"),
    in_channels("different-loop", "await communicator.receive_from()", WIDER_SCOPE),
    in_channels(
        "adapter-in-loop",
        "communicator = WebsocketCommunicator(Echo.as_asgi(), '/')\n"
        "async_to_sync(communicator.connect)()",
    ),
    in_channels(
        "loop-in-loop",
        "communicator = WebsocketCommunicator(Echo.as_asgi(), '/')\n"
        "coroutine = communicator.connect()\n"
        "try:\n    asyncio.run(coroutine)\nfinally:\n    coroutine.close()",
    ),
    Recreated(
        "closed-loop",
        CHANNELS,
        "loop = asyncio.new_event_loop()\n"
        "communicator = loop.run_until_complete(connected(Echo.as_asgi()))\n"
        "loop.close()\n"
        "loop.run_until_complete(communicator.disconnect())",
    ),
    in_channels("hang-in-event-loop", "await connected(Echo.as_asgi())\nawait asyncio.sleep(60)"),
    in_starlette("refused-connect", "with client.websocket_connect('/no/such/route'):\n    pass"),
    in_starlette("refused-connect", "with client.websocket_connect('/refuses'):\n    pass"),
    in_starlette("disconnect-in-handler", "with client.websocket_connect('/waits'):\n    pass"),
    in_starlette(
        "not-refused",
        "with pytest.raises(WebSocketDisconnect):\n"
        "    with client.websocket_connect('/closes'):\n        pass",
    ),
    in_starlette(
        "no-denial-code",
        "with pytest.raises(Exception) as caught:\n"
        "    with client.websocket_connect('/denies'):\n        pass\n"
        "assert caught.value.code == 4001",
    ),
    in_starlette(
        "servers-attribute",
        "with client.websocket_connect('/closes') as socket:\n    socket.client_state",
    ),
    in_starlette(
        "private-attribute",
        "with client.websocket_connect('/closes') as socket:\n    socket._queue_of_others",
    ),
    Recreated(
        "closed-by-the-handler",
        STARLETTE,
        "with client.websocket_connect('/closes') as socket:\n    socket.receive_text()",
        needs=("starlette>=0.45.1",),
    ),
    in_starlette("sent-after-close", "with client.websocket_connect('/opened_again'):\n    pass"),
    in_starlette("hang-in-connect", "with client.websocket_connect('/returns'):\n    pass"),
]
# fail for another reason beside a socket, so they must get nothing
OTHERS = [
    Recreated("", CHANNELS, "await connected(Echo.as_asgi())\n{}['name']", is_async=True),
    Recreated("", CHANNELS, "await connected(Echo.as_asgi())\nassert False", is_async=True),
    Recreated(
        "",
        CHANNELS,
        "await connected(Echo.as_asgi())\nawait asyncio.wait_for(asyncio.sleep(60), 0.1)",
        is_async=True,
    ),
    Recreated("", CHANNELS, "await database_sync_to_async(lambda missing: None)()", is_async=True),
    Recreated("", CHANNELS, "await database_sync_to_async(connected)()", is_async=True),
]


def is_there(recreated: Recreated) -> bool:
    return all(map(holds, recreated.needs))


EXPLAINED = [each for each in ALL if is_there(each)]
NOT_EXPLAINED = [each for each in OTHERS if is_there(each)]


@pytest.fixture(scope="module")
def started(
    bench: Bench, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Recreated, Future[Run]]]:
    """Start all runs at once; each test waits for its own."""
    arguments = ("--timeout", "3", "--timeout-method", "signal", "test_it.py")
    found = []
    for recreated in (*EXPLAINED, *NOT_EXPLAINED):
        project = tmp_path_factory.mktemp("symptom") / "project"
        shutil.copytree(APPS, project)
        (project / "test_it.py").write_text(recreated.source(), encoding="utf-8")
        found.append((recreated, bench.run(project, arguments=arguments)))
    return found


@pytest.fixture
def explained(recreated: Recreated, started: list[tuple[Recreated, Future[Run]]]) -> list[str]:
    """Return the explanations of a test that failed."""
    (run,) = (future.result() for one, future in started if one is recreated)
    assert run.failures, run.log
    return [" ".join(text.split()) for text in run.explanations]


@pytest.mark.parametrize("recreated", EXPLAINED, ids=lambda recreated: recreated.symptom)
def test_a_recreated_failure_is_explained(recreated: Recreated, explained: list[str]) -> None:
    (text,) = explained
    symptom = next(symptom for symptom in SYMPTOMS if symptom.name == recreated.symptom)
    assert any(cause.text[1:] in text for cause in symptom.causes), text


@pytest.mark.parametrize("recreated", NOT_EXPLAINED, ids=lambda recreated: "")
def test_another_failure_gets_nothing(recreated: Recreated, explained: list[str]) -> None:
    assert recreated.symptom == ""
    assert explained == []


def test_symptoms_are_named() -> None:
    names = {symptom.name for symptom in SYMPTOMS}
    assert {recreated.symptom for recreated in ALL} <= names
