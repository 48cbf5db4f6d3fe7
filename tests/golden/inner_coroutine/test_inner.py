import asyncio

import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from waffle.testutils import override_flag

from chat.asgi import application

pytestmark = [pytest.mark.django_db]


@override_flag("chat", active=True)
@pytest.mark.parametrize(("text", "times"), [("a", 1), ("b", 2)])
def test_inner(text, times, monkeypatch):
    monkeypatch.setenv("TIMES", str(times))
    communicator = WebsocketCommunicator(application, "/ws/")

    async def talk():
        await communicator.connect()
        for _ in range(times):
            await communicator.send_to(text_data=text)
            assert await communicator.receive_from() == text
        await communicator.disconnect()

    async_to_sync(talk)()


def test_other_driver():
    async def talk():
        communicator = WebsocketCommunicator(application, "/ws/")
        await communicator.connect()
        if await communicator.receive_nothing():
            await communicator.disconnect()

    with override_flag("chat", active=False):
        asyncio.run(talk())


@pytest.mark.asyncio
async def test_with_inside():
    communicator = WebsocketCommunicator(application, "/ws/")
    with override_flag("chat", active=True):
        await communicator.connect()
    await communicator.disconnect()
