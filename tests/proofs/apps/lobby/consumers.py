"""A lobby without a database: guests are let in, answered, and struck off when they leave."""

from channels.generic.websocket import AsyncWebsocketConsumer

from lobby import door


class LobbyConsumer(AsyncWebsocketConsumer):
    """One guest."""

    async def connect(self):
        if not door.may_enter(self.scope["path"]):
            await self.close(code=4003)
            return
        door.guests.append(self)
        await self.accept()

    async def receive(self, text_data=None, bytes_data=None):
        if text_data == "bye":
            await self.close(code=4000)
        elif (text := door.answer(text_data)) is not None:
            await self.send(text_data=text)

    async def disconnect(self, code):
        if self in door.guests:
            door.leave(self)
