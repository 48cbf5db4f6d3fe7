"""The members of a club, who stay members."""

from fastapi import WebSocket


class Manager:
    """Knows the members."""

    def __init__(self) -> None:
        self.members: list[WebSocket] = []

    async def enrol(self, websocket: WebSocket) -> None:
        """Let a member in."""
        await websocket.accept()
        self.members.append(websocket)

    async def tell(self, text: str) -> None:
        """Tell all members."""
        for member in self.members:
            await member.send_text(text)


manager = Manager()
