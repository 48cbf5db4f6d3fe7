"""Consumers of each kind: async without a database, async with one, sync."""

from channels.db import database_sync_to_async
from channels.generic.websocket import (
    AsyncJsonWebsocketConsumer,
    AsyncWebsocketConsumer,
    WebsocketConsumer,
)

from chatapp.flags import flag_is_on, switch_is_on
from chatapp.models import Message


class EchoConsumer(AsyncWebsocketConsumer):
    """Sends back what it gets; never touches the database."""

    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data=text_data)


class ChatConsumer(AsyncJsonWebsocketConsumer):
    """Keeps what is said while the flag "chat" is on."""

    async def connect(self):
        route = self.scope.get("url_route", {"kwargs": {}})
        self.room = route["kwargs"].get("room", "lobby")
        await self.accept()

    async def receive_json(self, content, **kwargs):
        await self.send_json(await self.keep(content["text"]))

    @database_sync_to_async
    def keep(self, text):
        if flag_is_on("chat"):
            Message.objects.create(room=self.room, text=text)
        return {"chat": flag_is_on("chat"), "kept": Message.objects.filter(room=self.room).count()}


class NotifyConsumer(WebsocketConsumer):
    """A sync consumer: tells whether the switch "notify" is on."""

    def receive(self, text_data=None, bytes_data=None):
        self.send(text_data="on" if switch_is_on("notify") else "off")


class PingConsumer(WebsocketConsumer):
    """A sync consumer that never touches the database."""

    def receive(self, text_data=None, bytes_data=None):
        self.send(text_data="pong")
