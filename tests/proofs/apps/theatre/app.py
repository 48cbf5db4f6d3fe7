"""A Starlette theatre: it takes a moment until a guest is seated, and until the seat is free."""

import asyncio

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocketDisconnect

from theatre.box_office import box_office

audience = []
applause = []
curtain = {}


async def stalls(websocket):
    """Seat a guest, say so, and take what the guest says for applause."""
    if websocket.query_params.get("ticket") == "forged":
        await websocket.close(code=4003)
        return
    await websocket.accept()
    await asyncio.sleep(0.05)  # the way to the seat
    audience.append(websocket)
    await websocket.send_text("take your seat")
    try:
        while True:
            text = await websocket.receive_text()
            await asyncio.sleep(0.05)
            applause.append(text)
            await websocket.send_text("thank you")
    except WebSocketDisconnect:
        await asyncio.sleep(0.05)  # the way out
        audience.remove(websocket)


async def standing(websocket):
    """Let a guest in at once, and out at once."""
    await websocket.accept()
    audience.append(websocket)
    try:
        async for text in websocket.iter_text():
            applause.append(text)
            await websocket.send_text("thank you")
    finally:
        audience.remove(websocket)


async def stage(websocket):
    """Tell who comes that the curtain is up."""
    curtain["up"] = True
    await websocket.accept()
    await websocket.send_text("break a leg")
    await websocket.close()


async def box(websocket):
    """Leave the guest to the box office."""
    await box_office.admit(websocket)
    await websocket.send_text("enjoy the play")
    async for _ in websocket.iter_text():
        pass
    await box_office.see_off(websocket)


app = Starlette(
    routes=[
        WebSocketRoute("/stalls", stalls),
        WebSocketRoute("/standing", standing),
        WebSocketRoute("/stage", stage),
        WebSocketRoute("/box", box),
    ]
)
