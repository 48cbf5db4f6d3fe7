"""Signals that no case shows, each in a small project with the real libraries."""

from __future__ import annotations

import pytest
from warm import warm_command

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("only_this_plugin")

WITNESS = (
    *("-q", "-W", "ignore", "--wslint-witness"),
    *("-p", "no:cacheprovider", "-p", "no:django", "-p", "no:hypothesispytest"),
)

SHOP = """\
from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient


def get_price():
    return 3


def fake():
    return 0


app = FastAPI()


@app.websocket("/price")
async def price(websocket: WebSocket, price: int = Depends(get_price)):
    await websocket.accept()
    await websocket.send_json(price)


@app.websocket("/free")
async def free(websocket: WebSocket):
    await websocket.accept()
    await websocket.send_json(0)


def ask(path="/price"):
    with TestClient(app) as client, client.websocket_connect(path) as socket:
        return socket.receive_json()
"""
LEFT_ON = """\
import pytest
from shop import app, ask, fake, get_price


def test_fake():
    app.dependency_overrides[get_price] = fake
    assert ask() == 0


def test_another():
    assert ask() == 0
"""
CLEARED = """\
import pytest
from shop import app, ask, fake, get_price


@pytest.fixture
def fake_price():
    app.dependency_overrides[get_price] = fake
    yield
    app.dependency_overrides.clear()


def test_fake(fake_price):
    assert ask() == 0


def test_another():
    assert ask() == 3
"""
SET_BY_EACH = """\
from shop import app, ask, fake, get_price


def test_fake():
    app.dependency_overrides[get_price] = fake
    assert ask() == 0


def test_again():
    app.dependency_overrides[get_price] = fake
    assert ask() == 0
    assert app.dependency_overrides[get_price] is fake


def test_another_handler():
    assert ask("/free") == 0
"""
SHARED = """\
import pytest
from shop import app, ask, fake, get_price


@pytest.fixture(scope="module")
def fake_price():
    app.dependency_overrides[get_price] = fake


def test_fake(fake_price):
    assert ask() == 0


def test_another(fake_price):
    assert ask() == 0
"""
AT_IMPORT = """\
from shop import app, ask, fake, get_price

app.dependency_overrides[get_price] = fake


def test_fake():
    assert ask() == 0


def test_another():
    assert ask() == 0
"""
OF_A_NEW_APPLICATION = """\
from functools import lru_cache

from fastapi import Depends, FastAPI, WebSocket
from fastapi.testclient import TestClient
from shop import fake, get_price, price


@lru_cache
def make():
    app = FastAPI()
    app.add_api_websocket_route("/price", price)
    app.dependency_overrides[get_price] = fake
    return app


def ask():
    with TestClient(make()) as client, client.websocket_connect("/price") as socket:
        return socket.receive_json()


def test_fake():
    assert ask() == 0


def test_another():
    assert ask() == 0
"""


def run_warm(pytester: pytest.Pytester) -> pytest.RunResult:
    """Run pytest in a process that has imported the libraries before; some tests do without."""
    libraries = ("channels.testing", "django.conf", "fastapi.testclient")
    own = ("-p", "wslint.pytest_plugin")
    return pytester.run(*warm_command(("pytest", *libraries), "pytest", *WITNESS, *own))


def test_override_left_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(shop=SHOP, test_price=LEFT_ON)
    result = pytester.runpytest_subprocess(*WITNESS)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "test_price.py:5: override-left-on this test left an override of `get_price` on*",
            "    in test_price.py::test_another",
        ],
        consecutive=True,
    )


def test_override_not_left_on(pytester: pytest.Pytester) -> None:
    sources = [CLEARED, SET_BY_EACH, SHARED, AT_IMPORT, OF_A_NEW_APPLICATION]
    for number, source in enumerate(sources):
        name = f"shop{number}"
        files = {name: SHOP, f"test_{name}": source.replace("from shop", f"from {name}")}
        pytester.makepyfile(**files)
    result = run_warm(pytester)
    result.assert_outcomes(passed=11)
    result.stdout.fnmatch_lines(["no hazard was seen"])
    result.stdout.no_fnmatch_line("off: *")


LAYER = """\
import asyncio
import threading

import pytest
from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import InMemoryChannelLayer, channel_layers, get_channel_layer
from channels.testing import WebsocketCommunicator
from django.conf import settings

settings.configure(
    CHANNEL_LAYERS={"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)


class News(AsyncWebsocketConsumer):
    groups = ["news"]

    async def news(self, event):
        await self.send(text_data="news")


def publish():
    layer = get_channel_layer()
    async_to_sync(layer.group_send)("news", {"type": "news"})


async def connected():
    communicator = WebsocketCommunicator(News.as_asgi(), "/")
    assert (await communicator.connect())[0]
    await asyncio.sleep(0.05)  # the consumer waits for messages now
    return communicator
"""
FROM_A_THREAD = """
async def talk():
    communicator = await connected()
    threading.Timer(0.1, publish).start()
    assert await communicator.receive_from(timeout=1) == "news"
    await communicator.disconnect()


def test_news():
    asyncio.run(talk())
"""
FROM_THE_SAME_LOOP = """
from asgiref.sync import sync_to_async


async def talk(publish):
    communicator = await connected()
    await publish()
    assert await communicator.receive_from(timeout=1) == "news"
    await communicator.disconnect()


def test_thread_of_asgiref():
    asyncio.run(talk(sync_to_async(publish)))
    assert False


def test_coroutine():
    layer = get_channel_layer()
    asyncio.run(talk(lambda: layer.group_send("news", {"type": "news"})))
    assert False


def test_nobody_waits():
    publish()
    assert False
"""
STALE = """
def send(text):
    async_to_sync(get_channel_layer().send)("worker", {"type": "news", "text": text})


def received():
    return async_to_sync(get_channel_layer().receive)("worker")["text"]


async def talk():
    communicator = await connected()
    await communicator.disconnect()


def test_sends():
    asyncio.run(talk())
    send("one")


def test_receives():
    asyncio.run(talk())
    send("two")
    assert received() == "two"
"""


def test_sent_from_another_loop(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_news=LAYER + FROM_A_THREAD)
    result = pytester.runpytest_subprocess(*WITNESS)
    result.assert_outcomes(failed=1)
    # asgiref may run the coroutine in a thread of its own, where no frame is the project's
    result.stdout.fnmatch_lines(["test_news.py:*: sent-from-another-loop *"])


def test_sent_from_the_same_loop(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_news=LAYER + FROM_THE_SAME_LOOP)
    result = run_warm(pytester)
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["no hazard was seen"])


def test_stale_message(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_news=LAYER + STALE)
    result = run_warm(pytester)
    result.assert_outcomes(passed=1, failed=1)
    line = 1 + (LAYER + STALE).splitlines().index("def test_sends():")
    result.stdout.fnmatch_lines(
        [f"test_news.py:{line}: stale-message *", "    in test_news.py::test_receives"],
        consecutive=True,
    )


def test_message_that_is_not_stale(pytester: pytest.Pytester) -> None:
    emptied = STALE.replace('send("one")', 'send("one")\n    channel_layers.backends.clear()')
    pytester.makepyfile(test_news=LAYER + emptied)
    result = run_warm(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["no hazard was seen"])


CRASHES = """
class Shop(AsyncWebsocketConsumer):
    orders = 0

    async def receive(self, text_data):
        {}["prices"]
        Shop.orders += 1


async def order(app):
    communicator = WebsocketCommunicator(app.as_asgi(), "/")
    assert (await communicator.connect())[0]
    await communicator.send_to(text_data="tea")
    await asyncio.sleep(0.05)
    assert Shop.orders == 1


def test_order():
    asyncio.run(order(Shop))


class Loop(AsyncWebsocketConsumer):
    async def receive(self, text_data):
        try:
            await asyncio.sleep(60)
        finally:
            {}["cancelled"]


def test_crash_that_follows():
    asyncio.run(order(Loop))
"""
FINE = """
from channels.generic.http import AsyncHttpConsumer
from channels.security.websocket import OriginValidator
from channels.testing import HttpCommunicator


class Page(AsyncHttpConsumer):
    async def handle(self, body):
        await self.send_response(200, b"page")
        await asyncio.sleep(60)


async def refused():
    app = OriginValidator(News.as_asgi(), ["example.org"])
    communicator = WebsocketCommunicator(app, "/")
    connected, _ = await communicator.connect()
    assert not connected


async def page():
    response = await HttpCommunicator(Page.as_asgi(), "GET", "/").get_response()
    assert response["body"] == b"page"


def test_no_origin_is_refused():
    asyncio.run(refused())


def test_page():
    asyncio.run(page())
"""


def test_crash_before_the_failure(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_news=LAYER + CRASHES)
    result = run_warm(pytester)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(
        [
            "test_news.py:*: application-crashed the application ended with KeyError: 'prices'",
            "    in test_news.py::test_order",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*application-crashed*'cancelled'")


def test_nothing_to_see_with_channels(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_news=LAYER + FINE)
    result = run_warm(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["no hazard was seen"])


FROZEN = """
from freezegun.api import freeze_time


async def talk():
    communicator = await connected()
    with freeze_time("2026-01-01", real_asyncio=True):
        await get_channel_layer().group_send("news", {"type": "news"})
        assert await communicator.receive_from() == "olds"


def test_news():
    asyncio.run(talk())
"""


def test_frozen_clock(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_news=LAYER + FROZEN)
    result = pytester.runpytest_subprocess(*WITNESS)
    result.assert_outcomes(failed=1)
    line = 1 + (LAYER + FROZEN).splitlines().index(
        '        assert await communicator.receive_from() == "olds"'
    )
    result.stdout.fnmatch_lines([f"test_news.py:{line}: WS515 *"])
