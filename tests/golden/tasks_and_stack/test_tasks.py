import asyncio
from contextlib import AsyncExitStack, ExitStack
from threading import Thread

import pytest
from channels.testing import WebsocketCommunicator
from starlette.testclient import TestClient

from chat.asgi import application
from shop import app


def test_stack():
    client = TestClient(app)
    with ExitStack() as stack:
        sockets = [stack.enter_context(client.websocket_connect(f"/{n}")) for n in range(2)]
        other = stack.enter_context(client.websocket_connect("/other"))
        client.post("/orders")
        assert other.receive_json() and sockets


def test_thread():
    client = TestClient(app)
    poster = Thread(target=client.post, args=("/orders",))
    with client.websocket_connect("/orders") as websocket:
        poster.start()
        websocket.receive_json()
    poster.join()


@pytest.mark.asyncio
async def test_tasks():
    one = WebsocketCommunicator(application, "/ws/1/")
    two = WebsocketCommunicator(application, "/ws/2/")
    await asyncio.gather(one.connect(), two.connect())
    listening = asyncio.create_task(two.receive_from())
    await one.send_to(text_data="hi")
    assert await asyncio.wait_for(listening, timeout=1) == "hi"
    async with AsyncExitStack() as stack:
        stack.push_async_callback(one.disconnect)
        await two.disconnect()
