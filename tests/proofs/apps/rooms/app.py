"""A Starlette game: the players of a room take turns, one lock a room."""

import asyncio
from collections import defaultdict

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect

turns = defaultdict(asyncio.Lock)
queues = defaultdict(asyncio.Queue)


async def play(websocket):
    """Wait for the turn, take one move, pass the turn on."""
    room = websocket.path_params["room"]
    await websocket.accept()
    try:
        async with turns[room]:
            await websocket.send_json({"turn": True})
            move = await websocket.receive_json()
            await asyncio.sleep(move.get("thinking", 0.3))
        await websocket.send_json({"done": move["card"]})
        await websocket.receive_text()
    except WebSocketDisconnect:
        pass


async def listen(websocket):
    """Pass on what comes to a channel."""
    channel = queues[websocket.path_params["channel"]]
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await channel.get())
    except WebSocketDisconnect:
        pass


async def scores(request):
    """Read the scores once no move is under way."""
    async with turns[request.path_params["room"]]:
        return JSONResponse({"score": 1})


app = Starlette(
    routes=[
        WebSocketRoute("/rooms/{room}", play),
        WebSocketRoute("/channels/{channel}", listen),
        Route("/rooms/{room}/scores", scores),
    ]
)
