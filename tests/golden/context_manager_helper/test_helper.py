import pytest
from asgiref.sync import async_to_sync
from waffle.testutils import override_switch

from chat.asgi import application
from helpers import connected, orders
from shop import app


def test_orders():  # websocket_connect
    with orders(app, "/orders") as (client, websocket):
        client.post("/orders", json={"id": 1})
        assert websocket.receive_json() == {"id": 1}


def test_chat(db):
    async def talk():
        async with connected(application, "/ws/") as communicator:
            await communicator.send_to(text_data="hi")

    with override_switch("loud", active=True):
        async_to_sync(talk)()
    with pytest.raises(KeyError):
        {}["closed"]
