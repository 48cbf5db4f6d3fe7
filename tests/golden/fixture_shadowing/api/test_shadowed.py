import pytest


@pytest.fixture
def client(client):
    client.headers["x-token"] = "1"
    yield client
    client.headers.clear()


class TestOrders:
    @pytest.fixture(name="order", params=[1, 2])
    def make_order(self, client, request):
        return client.post("/orders", json={"id": request.param})

    def test_told(self, socket, order):
        assert socket.receive_json() == order.json()

    @pytest.mark.usefixtures("socket")
    @pytest.mark.parametrize("path", ["/health", "/orders"])
    def test_paths(self, client, path):
        assert client.get(path).status_code == 200
