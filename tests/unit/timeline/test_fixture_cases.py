"""Clients that come from pytest's fixtures: which fixture, how it gives them, and when."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

USE = """
        def test_it(client):
            {kind} client
"""
BARE, ENTERED = USE.format(kind="HAZARD"), USE.format(kind="CLEAN")

GIVING = {
    "return": """
        @pytest.fixture
        def client():
            return TestClient(app)
    """ + BARE,
    "yield": """
        @pytest.fixture
        def client():
            yield TestClient(app)
    """ + BARE,
    "yield name": """
        @pytest.fixture()
        def client():
            client = TestClient(app)
            yield client
            app.dependency_overrides.clear()
    """ + BARE,
    "with yield": """
        @pytest.fixture
        def client():
            with TestClient(app) as client:
                yield client
    """ + ENTERED,
    "with over before the return": """
        @pytest.fixture
        def client():
            with TestClient(app) as client:
                return client
    """ + BARE,
    "with over before the yield": """
        @pytest.fixture
        def client():
            with TestClient(app) as client:
                client.get("/health")
            yield client
    """ + BARE,
    "with a name and yield": """
        @pytest.fixture
        def client():
            client = TestClient(app)
            with client:
                yield client
    """ + ENTERED,
    "try yield finally": """
        @pytest.fixture
        def client():
            client = TestClient(app)
            client.__enter__()
            try:
                yield client
            finally:
                client.__exit__(None, None, None)
    """ + ENTERED,
    "entered by hand without an exit": """
        @pytest.fixture
        def client():
            client = TestClient(app)
            client.__enter__()
            return client
    """ + ENTERED,
    "addfinalizer": """
        @pytest.fixture
        def client(request):
            client = TestClient(app)
            client.__enter__()
            request.addfinalizer(lambda: client.__exit__(None, None, None))
            return client
    """ + ENTERED,
    "exit stack": """
        @pytest.fixture
        def client():
            with ExitStack() as stack:
                yield stack.enter_context(TestClient(app))
    """ + ENTERED,
    "with two items": """
        @pytest.fixture
        def client():
            with mock.patch("server.db"), TestClient(app) as client:
                yield client
    """ + ENTERED,
    "yield in a with of something else": """
        @pytest.fixture
        def client():
            with mock.patch("server.db"):
                yield TestClient(app)
    """ + BARE,
    "async": """
        @pytest_asyncio.fixture
        async def client():
            yield TestClient(app)
    """ + BARE,
    "async entered": """
        @pytest_asyncio.fixture
        async def client():
            with TestClient(app) as client:
                yield client
    """ + ENTERED,
    "annotated": """
        from collections.abc import Generator

        @pytest.fixture
        def client() -> Generator[TestClient, None, None]:
            with TestClient(app) as client:
                yield client
    """ + ENTERED,
    "one arm enters": """
        @pytest.fixture
        def client(flag):
            if flag():
                with TestClient(app) as client:
                    yield client
            else:
                yield TestClient(app)
    """ + ENTERED,
    "fixture called as a function makes it": """
        def make():
            return TestClient(app)

        client = pytest.fixture(make)
    """ + BARE,
    "fixture as a context manager of its own": """
        @pytest.fixture
        def client():
            with running() as client:
                yield client

        @contextmanager
        def running():
            with TestClient(app) as client:
                yield client
    """ + ENTERED,
}  # fmt: skip

OPTIONS = {
    "scope": """
        @pytest.fixture(scope="session")
        def client():
            return TestClient(app)
    """ + BARE,
    "scope entered": """
        @pytest.fixture(scope="module")
        def client():
            with TestClient(app) as client:
                yield client
    """ + ENTERED,
    "name=": """
        @pytest.fixture(name="client")
        def client_fixture():
            return TestClient(app)
    """ + BARE,
    "name= entered": """
        @pytest.fixture(name="client")
        def client_fixture():
            with TestClient(app) as client:
                yield client
    """ + ENTERED,
    "name= hides the function's own name": """
        @pytest.fixture(name="other")
        def client():
            return TestClient(app)
    """ + ENTERED,
    "autouse enters it": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture(autouse=True)
        def running(client):
            with client:
                yield
    """ + ENTERED,
    "another test's fixture enters it": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def running(client):
            with client:
                yield
    """ + BARE,
    "usefixtures enters it": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def running(client):
            with client:
                yield

        @pytest.mark.usefixtures("running")
        def test_marked(client):
            CLEAN client

        def test_bare(client):
            HAZARD client
    """,
    "pytestmark enters it": """
        pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("running")]

        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def running(client):
            with client:
                yield
    """ + ENTERED,
    "a class mark enters it": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def running(client):
            with client:
                yield

        @pytest.mark.usefixtures("running")
        class TestMarked:
            def test_it(self, client):
                CLEAN client

        class TestBare:
            def test_it(self, client):
                HAZARD client
    """,
    "ini enters it": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def running(client):
            with client:
                yield
    """ + ENTERED + """
        --- pytest.ini
        [pytest]
        usefixtures = running
    """,
    "module name instead of a fixture": """
        client = TestClient(app)

        def test_it():
            HAZARD client
    """,
    "module client entered in setup_module": """
        client = TestClient(app)

        def setup_module():
            client.__enter__()

        def teardown_module():
            client.__exit__(None, None, None)

        def test_it():
            CLEAN client
    """,
}  # fmt: skip

ASKING = {
    "getfixturevalue": """
        @pytest.fixture
        def bare():
            return TestClient(app)

        @pytest.fixture
        def running():
            with TestClient(app) as client:
                yield client

        def test_bare(request):
            client = request.getfixturevalue("bare")
            HAZARD client

        def test_running(request):
            client = request.getfixturevalue("running")
            CLEAN client
    """,
    "getfixturevalue of parameters": """
        @pytest.fixture
        def one():
            return TestClient(app)

        @pytest.fixture
        def two():
            return TestClient(app, root_path="/v2")

        @pytest.fixture
        def running():
            with TestClient(app) as client:
                yield client

        @pytest.mark.parametrize("name", ["one", "two"])
        def test_bare(request, name):
            client = request.getfixturevalue(name)
            HAZARD client

        @pytest.mark.parametrize("name", ["one", "running"])
        def test_either(request, name):
            client = request.getfixturevalue(name)
            CLEAN client
    """,
    "params": """
        @pytest.fixture(params=["asyncio", "trio"])
        def client(request):
            return TestClient(app, backend=request.param)
    """ + BARE,
    "params are clients": """
        @pytest.fixture(params=[TestClient(app), TestClient(app, root_path="/v2")])
        def client(request):
            return request.param
    """ + BARE,
    "params are pytest.param": """
        @pytest.fixture(params=[pytest.param(TestClient, id="plain")])
        def client(request):
            return request.param(app)
    """ + BARE,
    "params are factories entered": """
        @pytest.fixture(params=[TestClient, partial(TestClient, root_path="/v2")])
        def client(request):
            with request.param(app) as client:
                yield client
    """ + ENTERED,
    "indirect": """
        @pytest.fixture
        def client(request):
            return request.param(app)

        @pytest.mark.parametrize("client", [TestClient], indirect=True)
        def test_it(client):
            HAZARD client
    """,
    "indirect entered": """
        @pytest.fixture
        def client(request):
            with request.param(app) as client:
                yield client

        @pytest.mark.parametrize("client", [TestClient], indirect=["client"])
        def test_it(client):
            CLEAN client
    """,
    "parametrize gives the client": """
        @pytest.mark.parametrize("client", [TestClient(app)])
        def test_it(client):
            HAZARD client
    """,
    "parametrize gives one of several things": """
        @pytest.mark.parametrize(("client", "path"), [(TestClient(app), "/a"), (other(), "/b")])
        def test_it(client, path):
            CLEAN client
    """,
    "factory": """
        @pytest.fixture
        def make_client():
            def make(**options):
                return TestClient(app, **options)
            return make

        def test_bare(make_client):
            client = make_client(root_path="/v1")
            HAZARD client

        def test_entered(make_client):
            with make_client() as client:
                CLEAN client
    """,
    "partial": """
        @pytest.fixture
        def make_client():
            return partial(TestClient, app, backend="asyncio")

        def test_bare(make_client):
            client = make_client()
            HAZARD client

        def test_entered(make_client):
            with make_client() as client:
                CLEAN client
    """,
    "functools.partial as starlette does": """
        @pytest.fixture
        def test_client_factory(anyio_backend_name):
            return functools.partial(TestClient, backend=anyio_backend_name)

        def test_bare(test_client_factory):
            client = test_client_factory(app)
            HAZARD client

        def test_entered(test_client_factory):
            with test_client_factory(app) as client:
                CLEAN client
    """,
    "tuple": """
        @pytest.fixture
        def clients():
            return TestClient(app), make_user()

        def test_it(clients):
            client, user = clients
            HAZARD client

        def test_index(clients):
            HAZARD clients[0]
    """,
    "tuple entered": """
        @pytest.fixture
        def clients():
            with TestClient(app) as client:
                yield client, make_user()

        def test_it(clients):
            client, user = clients
            CLEAN client
    """,
    "dict": """
        @pytest.fixture
        def env():
            return {"client": TestClient(app), "user": make_user()}

        def test_it(env):
            HAZARD env["client"]
    """,
    "dict entered": """
        @pytest.fixture
        def env():
            with TestClient(app) as client:
                yield {"client": client}

        def test_it(env):
            client = env["client"]
            CLEAN client
    """,
    "dataclass": """
        import dataclasses

        @dataclasses.dataclass
        class Env:
            client: TestClient
            user: str = ""

        @pytest.fixture
        def env():
            return Env(TestClient(app), user="me")

        def test_it(env):
            HAZARD env.client
    """,
    "named tuple": """
        import typing

        class Env(typing.NamedTuple):
            client: TestClient
            user: str = ""

        @pytest.fixture
        def env():
            return Env(TestClient(app), user="me")

        def test_it(env):
            client, user = env
            HAZARD client
    """,
    "named tuple, by number": """
        from typing import NamedTuple

        class Env(NamedTuple):
            user: str
            client: TestClient

        @pytest.fixture
        def env():
            return Env("me", TestClient(app))

        def test_it(env):
            HAZARD env[1]
    """,
    "socket from a fixture": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def socket(client):
            with client.websocket_connect("/ws") as socket:
                yield socket

        def test_it(client, socket):
            client.post("/orders")  # WS301
    """,
    "socket of a client of its own": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def socket():
            with TestClient(app).websocket_connect("/ws") as socket:
                yield socket

        def test_it(client, socket):
            client.post("/orders")
    """,
    "socket from a fixture that closes it": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def socket(client):
            with client.websocket_connect("/ws") as socket:
                return socket

        def test_it(client, socket):
            client.post("/orders")
    """,
    "http in a fixture set up behind the socket": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def socket(client):
            with client.websocket_connect("/ws") as socket:
                yield socket

        @pytest.fixture
        def order(client, socket):
            return client.post("/orders").json()  # WS301

        def test_it(order):
            assert order
    """,
    "http in a fixture set up before the socket": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def order(client):
            return client.post("/orders").json()

        @pytest.fixture
        def socket(client, order):
            with client.websocket_connect("/ws") as socket:
                yield socket

        def test_it(socket, order):
            assert socket.receive_json() == order
    """,
    "two sockets of two fixtures": """
        @pytest.fixture
        def client():
            return TestClient(app)

        @pytest.fixture
        def alice(client):
            with client.websocket_connect("/alice") as socket:
                yield socket

        @pytest.fixture
        def bob(client):
            with client.websocket_connect("/bob") as socket:  # WS302
                yield socket

        def test_it(alice, bob):
            alice.send_json({})
            assert bob.receive_json() == {}
    """,
    "an unknown fixture": """
        def test_it(client: TestClient):
            CLEAN client
    """,
}  # fmt: skip


@parametrize(GIVING)
def test_how_a_fixture_gives_its_value(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(OPTIONS)
def test_options_and_marks(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(ASKING)
def test_asking_for_fixtures(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
