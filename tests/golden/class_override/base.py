from channels.testing import WebsocketCommunicator
from django.test import TestCase

from chat.asgi import application


class SocketTestCase(TestCase):
    path = "/ws/"

    def setUp(self):
        super().setUp()
        self.communicator = WebsocketCommunicator(application, self.path)

    async def say(self, text):
        connected, _ = await self.communicator.connect()
        self.assertTrue(connected)
        await self.communicator.send_to(text_data=text)
        answer = await self.communicator.receive_from()
        await self.communicator.disconnect()
        return answer
