"""A Starlette application that lets some in, refuses others, and has a door that is broken."""

from starlette.applications import Starlette
from starlette.routing import WebSocketRoute


async def guarded(websocket):
    """Refuse who has no key, before the connection is accepted."""
    if websocket.query_params.get("key") != "silver":
        await websocket.close(code=1008)
        return
    await welcome(websocket)


async def welcome(websocket):
    """Let everybody in."""
    await websocket.accept()
    await websocket.send_json({"door": "open"})
    async for word in websocket.iter_text():
        await websocket.send_json({"heard": word})


async def strict(websocket):
    """Accept, and close at once."""
    await websocket.accept()
    await websocket.close(code=4001)


async def broken(websocket):
    """Crash before the connection is accepted."""
    raise KeyError(websocket.url.path)


app = Starlette(
    routes=[
        WebSocketRoute("/guarded", guarded),
        WebSocketRoute("/open", welcome),
        WebSocketRoute("/strict", strict),
        WebSocketRoute("/broken", broken),
    ]
)
