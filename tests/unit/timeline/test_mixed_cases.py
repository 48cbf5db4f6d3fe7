"""Shapes that put several mechanisms together, as real test suites do."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

CASES = {
    "yield from": """
        def making():
            with TestClient(app) as client:
                yield client

        def bare():
            yield TestClient(app)

        @pytest.fixture
        def client():
            yield from making()

        @pytest.fixture
        def loose():
            yield from bare()

        def test_it(client):
            CLEAN client

        def test_loose(loose):
            HAZARD loose
    """,
    "an alias is entered": """
        def test_it():
            client = TestClient(app)
            other = client
            with other:
                CLEAN client
    """,
    "an annotated name": """
        @pytest.fixture
        def client():
            return TestClient(app)

        def test_it(request):
            client: TestClient = request.getfixturevalue("client")
            HAZARD client
    """,
    "a fixture that is also a manager": """
        @contextmanager
        def running():
            with TestClient(app) as client:
                yield client

        @pytest.fixture
        def client():
            with running() as client:
                client.headers["x"] = "y"
                yield client

        def test_it(client):
            CLEAN client
    """,
    "clients by name in a dict of factories": """
        FACTORIES = {
            "bare": lambda: TestClient(app),
            "running": lambda: TestClient(app).__enter__(),
        }

        def test_bare():
            client = FACTORIES["bare"]()
            HAZARD client

        def test_running():
            client = FACTORIES["running"]()
            CLEAN client

        @pytest.mark.parametrize("kind", ["bare", "running"])
        def test_either(kind):
            client = FACTORIES[kind]()
            CLEAN client
    """,
    "inherited tests": """
        from bases import Checks

        class TestBare(Checks):
            @pytest.fixture
            def client(self):
                return TestClient(app)
        --- bases.py
        class Checks:
            def test_it(self, client):
                HAZARD client
    """,
    "inherited tests, entered": """
        from bases import Checks

        class TestRunning(Checks):
            @pytest.fixture
            def client(self):
                with TestClient(app) as client:
                    yield client
        --- bases.py
        class Checks:
            def test_it(self, client):
                CLEAN client
    """,
    "a fixture over a fixture of a class attribute": """
        class TestIt:
            path = "/v1"

            @pytest.fixture
            def client(self):
                return TestClient(app, root_path=self.path)

            @pytest.fixture
            def socket(self, client):
                with client.websocket_connect(self.path) as socket:
                    yield socket

            def test_it(self, client, socket):
                client.post("/orders")  # WS301
    """,
    "async test": """
        @pytest.mark.asyncio
        async def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                await asyncio.sleep(0)
                client.post("/orders")  # WS301

        @pytest.mark.asyncio
        async def test_thread():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                await asyncio.to_thread(client.post, "/orders")  # WS301

        @pytest.mark.asyncio
        async def test_task():
            client = TestClient(app)

            async def post():
                client.post("/orders")

            with client.websocket_connect("/ws") as socket:
                task = asyncio.create_task(post())  # WS301
                assert socket.receive_json()
                await task
    """,
    "a task that may run later": """
        @pytest.mark.asyncio
        async def test_it():
            client = TestClient(app)

            async def post():
                client.post("/orders")

            with client.websocket_connect("/ws") as socket:
                task = asyncio.create_task(post())
            await task
    """,
    "asyncio.run": """
        def test_it():
            client = TestClient(app)

            async def post():
                client.post("/orders")

            with client.websocket_connect("/ws") as socket:
                asyncio.run(post())  # WS301
    """,
    "gather": """
        @pytest.mark.asyncio
        async def test_it():
            client = TestClient(app)

            async def talk():
                with client.websocket_connect("/ws") as socket:
                    await asyncio.sleep(0)

            async def post():
                client.post("/orders")

            await asyncio.gather(talk(), post())
    """,
    "a helper class with a stack": """
        class Sockets:
            def __init__(self, client):
                self.client = client
                self.stack = ExitStack()

            def __enter__(self):
                return self

            def __exit__(self, *args):
                self.stack.close()

            def open(self, path):
                return self.stack.enter_context(self.client.websocket_connect(path))

        def test_it():
            client = TestClient(app)
            with Sockets(client) as sockets:
                sockets.open("/a")
                client.post("/orders")  # WS301
            client.post("/orders")

        def test_entered():
            with TestClient(app) as client, Sockets(client) as sockets:
                sockets.open("/a")
                sockets.open("/b")
                client.post("/orders")
    """,
    "a base class that is generic": """
        from typing import Generic, TypeVar
        T = TypeVar("T")

        class Base(Generic[T]):
            def setup_method(self):
                self.client = TestClient(app)

        class TestIt(Base[int]):
            def test_it(self):
                HAZARD self.client
    """,
    "an attribute that one arm sets": """
        class TestIt:
            client = TestClient(app).__enter__()

            def test_it(self):
                if app.debug:
                    self.client = TestClient(app)
                CLEAN self.client
    """,
    "the client is given to a class of the application": """
        from server import Page

        def test_it():
            client = TestClient(app)
            page = Page(client)
            page.start()
            CLEAN client
        --- server.py
        class Page:
            def __init__(self, client):
                self.client = client

            def start(self):
                self.client.__enter__()

        app = object()
    """,
    "unpacked keywords": """
        def connect(client, **options):
            return client.websocket_connect("/ws", **options)

        def test_it():
            options = {"headers": {}}
            options.update(load())
            client = TestClient(app, **options)
            with connect(client, **options):
                client.post("/orders")  # WS301
    """,
    "subtests and parametrized marks": """
        class ChatTests(unittest.TestCase):
            def test_it(self):
                client = TestClient(app)
                for path in ("/a", "/b"):
                    with self.subTest(path=path):
                        HAZARD client
    """,
    "the session is returned and entered later": """
        def sessions(client):
            return client.websocket_connect("/a"), client.websocket_connect("/b")

        def test_it():
            one, two = sessions(TestClient(app))
            with one, two:  # WS302
                one.send_json({})
    """,
    "a static factory": """
        class Clients:
            @staticmethod
            def bare():
                return TestClient(app)

            @classmethod
            def running(cls):
                return cls.bare().__enter__()

        def test_bare():
            client = Clients.bare()
            HAZARD client

        def test_running():
            client = Clients.running()
            CLEAN client
    """,
    "monkeypatched into a module": """
        import server

        @pytest.fixture
        def client(monkeypatch):
            monkeypatch.setattr(server, "app", object())
            with TestClient(server.app) as client:
                yield client

        def test_it(client):
            CLEAN client
    """,
    "try in a fixture": """
        @pytest.fixture
        def client():
            try:
                with TestClient(app) as client:
                    yield client
            except RuntimeError:
                pytest.skip("no server")

        def test_it(client):
            CLEAN client
    """,
    "a loop around the yield": """
        @pytest.fixture
        def client():
            for _ in range(1):
                with TestClient(app) as client:
                    yield client

        def test_it(client):
            CLEAN client
    """,
}


@parametrize(CASES)
def test_mixed(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
