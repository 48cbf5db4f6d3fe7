from fastapi.testclient import TestClient

from shop import app


def test_order_is_announced() -> None:
    client = TestClient(app)
    assert client.get("/health").status_code == 200
    with client.websocket_connect("/orders", headers={"x-token": "1"}) as websocket:
        response = client.post("/orders", json={"id": 1})
        assert websocket.receive_json() == {"id": 1}, "nothing came"
    assert response.json() == {"told": 1}


def test_entered() -> None:
    with TestClient(app) as client, client.websocket_connect("/orders") as websocket:
        client.post("/orders", json={"id": 2})
        assert websocket.receive_json()["id"] == 2
