"""A FastAPI lobby that never forgets a guest, a party that does, and a club with a manager."""

from fastapi import FastAPI, WebSocket

from lobby.club import manager

app = FastAPI()
guests: set[WebSocket] = set()
dancers: dict[str, WebSocket] = {}


@app.websocket("/lobby")
async def lobby(websocket: WebSocket) -> None:
    """Let a guest in, for good."""
    await websocket.accept()
    guests.add(websocket)
    async for _ in websocket.iter_text():
        await websocket.send_text("sit down")


@app.post("/lobby/call")
async def call(text: str) -> dict[str, int]:
    """Tell all guests."""
    for guest in guests:
        await guest.send_text(text)
    return {"told": len(guests)}


@app.websocket("/party/{name}")
async def party(websocket: WebSocket, name: str) -> None:
    """Let a dancer in until it leaves."""
    await websocket.accept()
    dancers[name] = websocket
    try:
        async for text in websocket.iter_text():
            for dancer in dancers.values():
                await dancer.send_text(text)
    finally:
        del dancers[name]


@app.websocket("/club")
async def club(websocket: WebSocket) -> None:
    """Tell every member what one of them says."""
    await manager.enrol(websocket)
    async for text in websocket.iter_text():
        await manager.tell(text)
