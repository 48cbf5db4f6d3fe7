"""A Starlette application in which nothing is shared between calls."""

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocketDisconnect


async def health(request):
    return JSONResponse({"status": "ok"})


async def shout(request):
    return JSONResponse({"shout": (await request.json())["text"].upper()})


async def echo(websocket):
    await websocket.accept()
    try:
        while True:
            await websocket.send_text(await websocket.receive_text())
    except WebSocketDisconnect:
        pass


app = Starlette(
    routes=[
        Route("/health", health),
        Route("/shout", shout, methods=["POST"]),
        WebSocketRoute("/echo", echo),
    ]
)
