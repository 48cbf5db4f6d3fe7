from unittest.mock import patch

from asgiref.sync import async_to_sync
from waffle.testutils import override_flag

from base import SocketTestCase


@override_flag("chat", active=True)
class ChatTests(SocketTestCase):
    path = "/ws/chat/"

    def test_sync(self):
        self.assertEqual(async_to_sync(self.say)("hi"), "hi")

    async def test_async(self):
        self.assertEqual(await self.say("hi"), "hi")


@patch("channels.db.close_old_connections", new=lambda: None)
@override_flag("chat", active=True)
class KeptOpen(SocketTestCase):
    def test_sync(self):
        self.assertEqual(async_to_sync(self.say)("hi"), "hi")
