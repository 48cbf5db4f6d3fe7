from unittest import mock

from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.test import TestCase
from waffle.testutils import override_flag, override_switch

from chat.asgi import application

keep_open = mock.patch("channels.db.close_old_connections", lambda: None)


class ChatTests(TestCase):
    @override_flag("chat", active=True)
    @async_to_sync
    async def test_without_patch(self):
        communicator = WebsocketCommunicator(application, "/ws/")
        connected, _ = await communicator.connect()
        self.assertTrue(connected)
        await communicator.disconnect()

    @override_flag("chat", active=True)
    @keep_open
    @async_to_sync
    async def test_with_patch(self):
        communicator = WebsocketCommunicator(application, "/ws/")
        await communicator.connect()
        await communicator.disconnect()

    @async_to_sync
    @override_switch("loud", active=False)
    @mock.patch("chat.notify.send")
    async def test_wrong_order(self, send):
        communicator = WebsocketCommunicator(application, "/ws/")
        await communicator.connect()
        await communicator.disconnect()
        send.assert_called_once()

    @override_switch("loud", active=False)
    async def test_async(self):
        communicator = WebsocketCommunicator(application, "/ws/")
        await communicator.connect()
        await communicator.disconnect()
