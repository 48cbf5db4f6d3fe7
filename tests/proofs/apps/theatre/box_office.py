"""Who sits in the boxes."""

import asyncio


class BoxOffice:
    """Knows the guests of the boxes."""

    def __init__(self):
        self.guests = []

    async def admit(self, websocket):
        """Let a guest in, and find a box."""
        await websocket.accept()
        await self.find_box()
        self.guests.append(websocket)

    async def see_off(self, websocket):
        """Help a guest into the coat, and out."""
        await self.find_box()
        self.guests.remove(websocket)

    async def find_box(self):
        """Take the time that it takes."""
        await asyncio.sleep(0.05)


box_office = BoxOffice()
