"""An example for `wslint check`: run by itself, this test hangs in `receive_json`."""

import asyncio

from fastapi import FastAPI, WebSocket
from fastapi.testclient import TestClient

app = FastAPI()
sockets: set[WebSocket] = set()


@app.websocket("/orders")
async def orders(socket: WebSocket) -> None:
    await socket.accept()
    sockets.add(socket)
    try:
        await socket.receive_text()
    finally:
        sockets.discard(socket)


@app.post("/orders")
async def order() -> None:
    async def announce() -> None:
        await asyncio.sleep(1)
        for socket in sockets:
            await socket.send_json({"order": 1})

    asyncio.create_task(announce())


def test_an_order_is_announced() -> None:
    client = TestClient(app)
    with client.websocket_connect("/orders") as socket:
        client.post("/orders")
        assert socket.receive_json() == {"order": 1}
        socket.send_text("bye")
