"""Clients and sockets through helpers, factories, subclasses and wrappers."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

CASES = {
    "a helper gets the client": """
        def order(client):
            return client.post("/orders")

        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                order(client)  # WS301

        def test_entered():
            with TestClient(app) as client, client.websocket_connect("/ws"):
                order(client)
    """,
    "a helper of another file gets the client": """
        from helpers import order

        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                order(client=client)  # WS301
        --- helpers.py
        def order(client, **more):
            return client.post("/orders", json=more)
    """,
    "a helper opens the socket": """
        def connect(client, path="/ws"):
            return client.websocket_connect(path)

        def test_it():
            client = TestClient(app)
            with connect(client) as socket:
                client.post("/orders")  # WS301
    """,
    "a helper enters": """
        def start(client):
            client.__enter__()
            return client

        def test_it():
            client = TestClient(app)
            start(client)
            CLEAN client

        def test_given_back():
            client = start(TestClient(app))
            CLEAN client
    """,
    "a helper enters sometimes": """
        def start(client):
            if app.debug:
                client.__enter__()
            return client

        def test_it():
            client = start(TestClient(app))
            CLEAN client
    """,
    "a helper gets the socket": """
        def shut(socket):
            socket.close()

        def read(socket):
            return socket.receive_json()

        def test_shut():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                shut(socket)
                client.post("/orders")

        def test_read():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                read(socket)
                client.post("/orders")  # WS301
    """,
    "an unknown helper gets the client": """
        from somewhere import start

        def test_it():
            client = TestClient(app)
            start(client)
            CLEAN client

        def test_in_a_list():
            client = TestClient(app)
            start([client])
            CLEAN client

        def test_in_an_object():
            class Env:
                pass
            env = Env()
            env.client = TestClient(app)
            start(env)
            CLEAN env.client

        def test_bound_method():
            client = TestClient(app)
            start(client.__enter__)
            CLEAN client

        def test_in_a_partial():
            client = TestClient(app)
            start(partial(print, client))
            CLEAN client

        def test_closure():
            client = TestClient(app)

            def enter():
                client.__enter__()

            start(enter)
            CLEAN client

        def test_afterwards():
            client = TestClient(app)
            HAZARD client
            start(client)
    """,
    "an unknown helper gets the socket": """
        from somewhere import finish

        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                finish(socket)
                client.post("/orders")
    """,
    "factories": """
        def bare():
            return TestClient(app)

        def entered():
            return TestClient(app).__enter__()

        def either(flag):
            if flag:
                return TestClient(app)
            return TestClient(app).__enter__()

        def both(flag):
            if flag:
                return TestClient(app)
            return TestClient(app, root_path="/v2")

        def maybe(flag):
            if flag:
                return None
            return TestClient(app)

        make = partial(TestClient, app)
        make_too = lambda **options: TestClient(app, **options)

        def test_bare():
            client = bare()
            HAZARD client

        def test_entered():
            client = entered()
            CLEAN client

        def test_either():
            client = either(app.debug)
            CLEAN client

        def test_both():
            client = both(app.debug)
            HAZARD client

        def test_maybe():
            client = maybe(app.debug)
            HAZARD client

        def test_partial():
            client = make()
            HAZARD client

        def test_lambda():
            client = make_too(root_path="/v2")
            HAZARD client
    """,
    "factories of other files": """
        from tests_support import create_client as create
        import tests_support.clients as support
        import tests_support.clients

        def test_it():
            client = create()
            HAZARD client

        def test_alias():
            client = support.create_client()
            HAZARD client

        def test_dotted():
            client = tests_support.clients.create_client()
            HAZARD client

        def test_with():
            with create() as client:
                CLEAN client
        --- tests_support/__init__.py
        from .clients import create_client
        --- tests_support/clients.py
        from fastapi.testclient import TestClient
        from server import app

        def create_client():
            return TestClient(app)
    """,
    "a client made by application code": """
        from server import make_client

        def test_it():
            client = make_client()
            CLEAN client
        --- server.py
        app = object()

        def make_client():
            from framework import Client
            return Client(app)
    """,
    "subclasses": """
        class ApiClient(TestClient):
            def login(self):
                self.post("/login")
                return self

        class StartedClient(TestClient):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)
                self.__enter__()

        class QuietClient(TestClient):
            def __enter__(self):
                return self

            def __exit__(self, *args):
                pass

        class LoudClient(TestClient):
            def __enter__(self):
                print("start")
                return super().__enter__()

            def __exit__(self, *args):
                return super().__exit__(*args)

        class OtherClient(TestClient):
            def post(self, *args, **kwargs):
                return None

        def test_own_method():
            client = ApiClient(app)
            with client.websocket_connect("/ws"):
                client.login()  # WS301

        def test_inherited():
            client = ApiClient(app)
            HAZARD client

        def test_entered():
            with ApiClient(app) as client:
                CLEAN client

        def test_started():
            client = StartedClient(app)
            CLEAN client

        def test_quiet():
            with QuietClient(app) as client:
                HAZARD client

        def test_loud():
            with LoudClient(app) as client:
                CLEAN client

        def test_other():
            client = OtherClient(app)
            CLEAN client
    """,
    "a subclass of another file": """
        from helpers import ApiClient

        def test_it():
            client = ApiClient()
            HAZARD client

        def test_entered():
            with ApiClient() as client:
                CLEAN client
        --- helpers.py
        from starlette.testclient import TestClient

        class ApiClient(TestClient):
            def __init__(self):
                super().__init__(None)
    """,
    "a wrapper": """
        class Api:
            def __init__(self, client):
                self.client = client

            def order(self):
                return self.client.post("/orders")

            def connect(self):
                return self.client.websocket_connect("/ws")

        def test_it():
            api = Api(TestClient(app))
            with api.connect():
                api.order()  # WS301

        def test_entered():
            with TestClient(app) as client:
                api = Api(client)
                with api.connect():
                    api.order()
    """,
    "methods of the test class": """
        class TestChat:
            def connect(self, client):
                return client.websocket_connect("/ws")

            @staticmethod
            def order(client):
                client.post("/orders")

            def test_it(self):
                client = TestClient(app)
                with self.connect(client):
                    self.order(client)  # WS301
    """,
    "decorated helpers": """
        from somewhere import retry

        def plain(func):
            @functools.wraps(func)
            def inner(*args, **kwargs):
                return func(*args, **kwargs)
            return inner

        def entering(func):
            def inner():
                with TestClient(app) as client:
                    return func(client)
            return inner

        @plain
        def order(client):
            client.post("/orders")

        @retry
        def order_again(client):
            client.post("/orders")

        def test_plain():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                order(client)  # WS301

        def test_unknown():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                order_again(client)  # WS301

        @entering
        def test_entering(client):
            CLEAN client
    """,
    "arguments": """
        def order(path, *clients, client=None, **more):
            (client or clients[0]).post(path)

        def by_name(*, client):
            client.post("/orders")

        def test_star():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                order("/orders", client)  # WS301

        def test_keyword():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                by_name(client=client)  # WS301

        def test_double_star():
            client = TestClient(app)
            options = {"client": client}
            with client.websocket_connect("/ws"):
                by_name(**options)  # WS301
    """,
    "defaults": """
        client = TestClient(app)

        def order(client=client):
            client.post("/orders")

        def test_it():
            with client.websocket_connect("/ws"):
                order()  # WS301
    """,
    "deep": """
        def one(client):
            two(client)

        def two(client):
            three(client)

        def three(client):
            client.post("/orders")

        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                one(client)  # WS301
    """,
    "cached": """
        @functools.lru_cache
        def make():
            return TestClient(app)

        @functools.lru_cache(maxsize=None)
        def make_too():
            return TestClient(app)

        def test_it():
            client = make()
            HAZARD client

        def test_too():
            client = make_too()
            HAZARD client
    """,
    "module level": """
        client = TestClient(app)
        client.__enter__()

        def test_it():
            CLEAN client
    """,
    "module level with": """
        with TestClient(app) as client:
            pass

        def test_it():
            HAZARD client
    """,
    "module level of another file": """
        from helpers import client

        def test_it():
            HAZARD client

        def test_entered():
            with client:
                CLEAN client
        --- helpers.py
        from starlette.testclient import TestClient
        client = TestClient(None)
    """,
    "module level, entered by a test": """
        client = TestClient(app)

        @pytest.fixture(autouse=True, scope="module")
        def running():
            with client:
                yield

        def test_it():
            CLEAN client
    """,
    "module level, in a condition": """
        if app.debug:
            client = TestClient(app)
        else:
            client = make()

        def test_it():
            CLEAN client
    """,
    "a generator helper": """
        def clients():
            yield TestClient(app)

        def test_it():
            client = next(clients())
            CLEAN client

        def test_loop():
            for client in clients():
                HAZARD client

        def entered():
            with TestClient(app) as client:
                yield client

        def delegated():
            yield from entered()

        def test_entered():
            for client in entered():
                CLEAN client

        def test_delegated():
            for client in delegated():
                CLEAN client

        def test_found():
            for client in clients():
                with client:
                    CLEAN client
                    break
    """,
    "a lambda": """
        def test_it():
            client = TestClient(app)
            post = lambda: client.post("/orders")
            with client.websocket_connect("/ws"):
                post()  # WS301
    """,
    "a bound method": """
        def test_it():
            client = TestClient(app)
            post, connect = client.post, client.websocket_connect
            with connect("/ws"):
                post("/orders")  # WS301
    """,
}  # fmt: skip

LOOKALIKES = {
    "other libraries": """
        from async_asgi_testclient import TestClient as AsyncClient
        from aiohttp.test_utils import TestClient as AioClient
        from django.test import Client as DjangoClient
        from quart.testing import QuartClient
        from tornado.websocket import websocket_connect
        from httpx import AsyncClient as HttpxClient

        @pytest.mark.asyncio
        async def test_async_asgi():
            client = AsyncClient(app)
            async with client.websocket_connect("/ws") as socket:
                await client.post("/orders")

        @pytest.mark.asyncio
        async def test_aiohttp():
            client = AioClient(app)
            socket = await client.ws_connect("/ws")
            await client.post("/orders")

        def test_django():
            client = DjangoClient()
            CLEAN client

        @pytest.mark.asyncio
        async def test_quart():
            client = app.test_client()
            async with client.websocket("/ws") as socket:
                await client.post("/orders")

        @pytest.mark.asyncio
        async def test_tornado():
            one = await websocket_connect("ws://localhost/a")
            two = await websocket_connect("ws://localhost/b")

        @pytest.mark.asyncio
        async def test_httpx():
            async with HttpxClient(app=app) as client:
                CLEAN client
    """,
    "same names": """
        from django.test import Client as TestClient

        def test_it():
            client = TestClient()
            CLEAN client
    """,
    "a class of one's own": """
        class TestClient:
            __test__ = False

            def __init__(self, app):
                self.app = app

            def websocket_connect(self, path):
                return contextlib.nullcontext()

            def post(self, *args, **kwargs):
                pass

        def test_it():
            client = TestClient(app)
            CLEAN client
    """,
    "annotations mean nothing": """
        @pytest.fixture
        def client() -> TestClient:
            return make()

        def test_it(client: TestClient):
            CLEAN client
    """,
    "mocks": """
        def test_it():
            client = mock.Mock(spec=TestClient)
            CLEAN client
    """,
    "patched": """
        @mock.patch("starlette.testclient.TestClient")
        def test_it(client):
            CLEAN client
    """,
    "a bare consumer": """
        @override_flag("chat", active=True)
        def test_it(db):
            consumer = ChatConsumer()
            async_to_sync(consumer.connect)()
            async_to_sync(consumer.disconnect)(1000)
    """,
    "only the scope is read": """
        def test_it():
            client = TestClient(app)
            session = client.websocket_connect("/ws")
            assert session.scope["path"] == "/ws"
            client.post("/orders")
    """,
    "one client entered, another made of the same application": """
        def test_it():
            with TestClient(app) as client:
                other = TestClient(app)
                with client.websocket_connect("/ws"):
                    other.post("/orders")
    """,
    "an entered client inside": """
        def test_it():
            with TestClient(app):
                client = TestClient(app)
                HAZARD client
    """,
}  # fmt: skip


@parametrize(CASES)
def test_helpers(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(LOOKALIKES)
def test_lookalikes(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
