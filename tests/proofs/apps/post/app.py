"""A Starlette post office: a letter box made at import, and one that the lifespan makes."""

import asyncio
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

incoming = asyncio.Queue()


@asynccontextmanager
async def lifespan(app):
    yield {"parcels": asyncio.Queue()}


async def letter_box(websocket):
    """Wait for a letter, which comes a little later."""
    await websocket.accept()
    asyncio.get_running_loop().call_later(0.05, incoming.put_nowait, "a letter")
    await websocket.send_text(await incoming.get())
    await websocket.close()


async def parcel_box(websocket):
    """Wait for a parcel."""
    await websocket.accept()
    parcels = websocket.state.parcels
    asyncio.get_running_loop().call_later(0.05, parcels.put_nowait, "a parcel")
    await websocket.send_text(await parcels.get())
    await websocket.close()


routes = [WebSocketRoute("/letters", letter_box), WebSocketRoute("/parcels", parcel_box)]
app = Starlette(routes=routes, lifespan=lifespan)
