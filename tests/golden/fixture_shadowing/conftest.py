import pytest
from starlette.testclient import TestClient

from shop import app


@pytest.fixture(scope="module")
def client():
    with TestClient(app) as client:
        yield client


@pytest.fixture
def socket(client):
    with client.websocket_connect("/orders") as websocket:
        yield websocket
