"""A Starlette newspaper: what is sent in is printed a little later, by a task."""

import asyncio

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

printed = []
presses = set()


async def send_in(websocket):
    """Take one article, and have it printed."""
    await websocket.accept()
    article = await websocket.receive_text()
    press = asyncio.create_task(print_later(article))
    presses.add(press)
    press.add_done_callback(presses.discard)
    await websocket.send_text("thanks")
    await websocket.close()


async def print_later(article):
    """Take the time that a press takes."""
    await asyncio.sleep(0.1)
    printed.append(article)


async def paper(request):
    """Return what is printed, once the presses stand still."""
    await asyncio.sleep(0.3)
    return JSONResponse(printed)


app = Starlette(routes=[WebSocketRoute("/articles", send_in), Route("/paper", paper)])
