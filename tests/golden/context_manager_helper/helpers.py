from contextlib import asynccontextmanager, contextmanager

from channels.testing import WebsocketCommunicator
from starlette.testclient import TestClient


@contextmanager
def orders(app, *paths):
    """Open the sockets of some paths on a client of their own."""
    client = TestClient(app)
    with client.websocket_connect(paths[0]) as websocket:
        yield client, websocket


@asynccontextmanager
async def connected(application, path):
    communicator = WebsocketCommunicator(application, path)
    assert (await communicator.connect())[0]
    try:
        yield communicator
    finally:
        await communicator.disconnect()
