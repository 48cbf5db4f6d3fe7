import unittest

from starlette.testclient import TestClient

from shop import app


class OrderTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shared = TestClient(app)
        cls.shared.__enter__()
        cls.addClassCleanup(cls.shared.__exit__, None, None, None)

    def setUp(self):
        self.client = TestClient(app)
        self.socket = self.client.websocket_connect("/orders").__enter__()
        self.addCleanup(self.socket.close)

    def tearDown(self):
        self.client.close()

    def test_bare(self):
        self.client.post("/orders", json={"id": 1})
        self.assertEqual(self.socket.receive_json(), {"id": 1})

    def test_shared(self):
        with self.shared.websocket_connect("/orders") as socket:
            self.shared.post("/orders", json={"id": 2})
            self.assertEqual(socket.receive_json(), {"id": 2})
