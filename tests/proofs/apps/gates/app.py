"""A Starlette application for asyncio and trio: who holds a gate keeps the others out."""

from collections import defaultdict

import anyio
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute

locks = defaultdict(anyio.Lock)


async def hold(websocket):
    """Hold the gate until a message comes, and a little longer."""
    await websocket.accept()
    async with locks[websocket.path_params["gate"]]:
        await websocket.send_json({"holds": True})
        await websocket.receive_text()
        await anyio.sleep(0.3)
    await websocket.close()


async def walk_through(request):
    """Answer once nobody holds the gate."""
    async with locks[request.path_params["gate"]]:
        return JSONResponse({"through": True})


app = Starlette(
    routes=[
        WebSocketRoute("/gates/{gate}", hold),
        Route("/gates/{gate}/through", walk_through, methods=["POST"]),
    ]
)
