"""A Starlette weather station, made by a factory; its lifespan yields the sensors."""

from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute


@asynccontextmanager
async def lifespan(app):
    yield {"sensors": {"roof": 21}}


async def report(websocket):
    """Send what a sensor says."""
    await websocket.accept()
    sensor = websocket.path_params["sensor"]
    await websocket.send_json(websocket.state.sensors[sensor])
    await websocket.close()


def create_app():
    """Make a station."""
    routes = [Mount("/sensors", routes=[WebSocketRoute("/{sensor}", report)])]
    return Starlette(routes=routes, lifespan=lifespan)
