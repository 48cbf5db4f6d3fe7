"""Clients and sockets through control flow, context managers, stacks and containers."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

CONTEXTS = {
    "inline": """
        def test_it():
            client = TestClient(app)
            HAZARD client

        def test_entered():
            with TestClient(app) as client:
                CLEAN client

        def test_name_entered():
            client = TestClient(app)
            with client:
                CLEAN client
    """,
    "chained": """
        def test_it():
            with TestClient(app).websocket_connect("/ws") as socket:
                TestClient(app).post("/orders")
                assert socket.receive_json()
    """,
    "two in one with": """
        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/a") as a, client.websocket_connect("/b") as b:  # WS302
                a.send_json({})
                assert b.receive_json() == {}

        def test_entered():
            with (
                TestClient(app) as client,
                client.websocket_connect("/a") as a,
                client.websocket_connect("/b") as b,
            ):
                a.send_json({})
                assert b.receive_json() == {}

        def test_one_after_the_other():
            client = TestClient(app)
            with client.websocket_connect("/a") as a:
                a.send_json({})
            with client.websocket_connect("/b") as b:
                assert b.receive_json() == {}
    """,
    "two clients": """
        def test_it():
            one, two = TestClient(app), TestClient(app)
            with one.websocket_connect("/a") as a, two.websocket_connect("/b") as b:
                two_is_not_one = a, b
                three = TestClient(app)
                three.post("/orders")
    """,
    "the http is before and behind": """
        def test_it():
            client = TestClient(app)
            client.post("/login")
            with client.websocket_connect("/ws") as socket:
                assert socket.receive_json()
            client.post("/logout")
    """,
    "closed by hand": """
        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                socket.close()
                client.post("/orders")
    """,
    "by hand": """
        def test_it():
            client = TestClient(app)
            session = client.websocket_connect("/ws")
            socket = session.__enter__()
            client.post("/orders")  # WS301
            socket.__exit__(None, None, None)
            client.post("/orders")
    """,
    "entered too late": """
        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                with client:
                    client.post("/orders")
                assert socket.receive_json()
    """,
    "entered for the socket only": """
        def test_it():
            client = TestClient(app)
            with client:
                session = client.websocket_connect("/ws")
            with session as socket:
                client.post("/orders")  # WS301
    """,
    "the session is never entered": """
        def test_it():
            client = TestClient(app)
            session = client.websocket_connect("/ws")  # WS401
            client.post("/orders")
    """,
    "stack as with": """
        def test_it():
            with ExitStack() as stack:
                client = stack.enter_context(TestClient(app))
                CLEAN client

        def test_bare():
            client = TestClient(app)
            with ExitStack() as stack:
                socket = stack.enter_context(client.websocket_connect("/ws"))
                client.post("/orders")  # WS301
            client.post("/orders")

        def test_callback():
            client = TestClient(app)
            with ExitStack() as stack:
                session = client.websocket_connect("/ws")
                session.__enter__()
                stack.callback(session.close)
                client.post("/orders")  # WS301
            client.post("/orders")
    """,
    "stack without with": """
        def test_it():
            stack = ExitStack()
            client = stack.enter_context(TestClient(app))
            try:
                CLEAN client
            finally:
                stack.close()
    """,
    "stack of sockets": """
        def test_it():
            client = TestClient(app)
            with ExitStack() as stack:
                sockets = [
                    stack.enter_context(client.websocket_connect(f"/ws/{n}"))  # WS302
                    for n in range(3)
                ]
                sockets[0].send_json({})

        def test_loop():
            client = TestClient(app)
            with ExitStack() as stack:
                sockets = []
                for n in range(3):
                    sockets.append(stack.enter_context(client.websocket_connect("/ws")))  # WS302
                sockets[0].send_json({})

        def test_many():
            client = TestClient(app)
            with ExitStack() as stack:
                for path in ["/a", "/b", "/c", "/d", "/e", "/f"]:
                    stack.enter_context(client.websocket_connect(path))  # WS302

        def test_entered():
            with ExitStack() as stack:
                client = stack.enter_context(TestClient(app))
                for n in range(3):
                    stack.enter_context(client.websocket_connect("/ws"))
    """,
    "push": """
        def test_it():
            client = TestClient(app)
            with ExitStack() as stack:
                stack.push(client)
                client.__enter__()
                CLEAN client
    """,
    "closing and nullcontext": """
        def test_it():
            with contextlib.closing(TestClient(app)) as client:
                HAZARD client

        def test_other():
            with contextlib.nullcontext(TestClient(app)) as client:
                HAZARD client
    """,
    "async exit stack": """
        @pytest.mark.asyncio
        async def test_it():
            async with AsyncExitStack() as stack:
                client = stack.enter_context(TestClient(app))
                CLEAN client
    """,
    "a manager of this file": """
        @contextmanager
        def running():
            with TestClient(app) as client:
                yield client

        @contextmanager
        def bare():
            yield TestClient(app)

        @contextmanager
        def connected(client):
            with client.websocket_connect("/ws") as socket:
                yield socket

        def test_running():
            with running() as client:
                CLEAN client

        def test_bare():
            with bare() as client:
                HAZARD client

        def test_connected():
            client = TestClient(app)
            with connected(client) as socket:
                client.post("/orders")  # WS301
            client.post("/orders")
    """,
    "managers of another file": """
        from helpers import connected, running

        def test_running():
            with running() as client, connected(client) as socket:
                client.post("/orders")

        def test_connected():
            client = TestClient(app)
            with connected(client) as socket:
                client.post("/orders")  # WS301
            client.post("/orders")
        --- helpers.py
        from contextlib import contextmanager
        from starlette.testclient import TestClient
        from server import app

        @contextmanager
        def running():
            client = TestClient(app)
            try:
                client.__enter__()
                yield client
            finally:
                client.__exit__(None, None, None)

        @contextmanager
        def connected(client, path="/ws"):
            session = client.websocket_connect(path)
            session.__enter__()
            try:
                yield session
            finally:
                session.__exit__(None, None, None)
    """,
    "a manager that is a method": """
        class Room:
            def __init__(self, client):
                self.client = client

            @contextmanager
            def joined(self):
                with self.client.websocket_connect("/ws") as socket:
                    yield socket

        def test_it():
            room = Room(TestClient(app))
            with room.joined() as socket:
                room.client.post("/orders")  # WS301

        def test_entered():
            with TestClient(app) as client:
                with Room(client).joined() as socket:
                    client.post("/orders")
    """,
    "a class with __enter__": """
        class Session:
            def __init__(self):
                self.client = TestClient(app)

            def __enter__(self):
                self.client.__enter__()
                return self.client

            def __exit__(self, *args):
                self.client.__exit__(*args)

        class Loose:
            def __enter__(self):
                return TestClient(app)

            def __exit__(self, *args):
                pass

        def test_it():
            with Session() as client:
                CLEAN client

        def test_loose():
            with Loose() as client:
                HAZARD client
    """,
    "async managers": """
        @asynccontextmanager
        async def running():
            with TestClient(app) as client:
                yield client

        @asynccontextmanager
        async def bare():
            yield TestClient(app)

        @pytest.mark.asyncio
        async def test_running():
            async with running() as client:
                CLEAN client

        @pytest.mark.asyncio
        async def test_bare():
            async with bare() as client:
                HAZARD client
    """,
    "pytest.raises around": """
        def test_it():
            client = TestClient(app)
            with pytest.raises(KeyError):
                with client.websocket_connect("/ws"):
                    client.post("/orders")  # WS301
    """,
    "with over an unknown manager": """
        def test_it():
            client = TestClient(app)
            with unknown():
                HAZARD client

        def test_given():
            client = TestClient(app)
            with unknown(client):
                CLEAN client
    """,
    "the rest of a body behind a with that returns": """
        def test_it():
            with TestClient(app) as client:
                if client.get("/").status_code:
                    return
            HAZARD client
    """,
    "decorated by a manager": """
        client = TestClient(app)

        @contextmanager
        def running():
            with client:
                yield

        @running()
        def test_it():
            CLEAN client

        def test_bare():
            HAZARD client
    """,
}

FLOW = {
    "one arm enters": """
        def test_it():
            client = TestClient(app)
            if app.debug:
                client.__enter__()
            CLEAN client

        def test_conditional():
            client = TestClient(app) if app.debug else TestClient(app).__enter__()
            CLEAN client

        def test_both_bare():
            client = TestClient(app) if app.debug else TestClient(app, root_path="/v2")
            HAZARD client

        def test_or():
            client = app.client or TestClient(app)
            CLEAN client

        def test_both_enter():
            if app.debug:
                client = TestClient(app).__enter__()
            else:
                client = TestClient(app, root_path="/v2").__enter__()
            CLEAN client
    """,
    "one arm uses": """
        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws"):
                if app.debug:
                    client.post("/orders")  # WS301

        def test_opened_in_an_arm():
            client = TestClient(app)
            session = client.websocket_connect("/ws")
            if app.debug:
                session.__enter__()
            client.post("/orders")
    """,
    "walrus": """
        def test_it():
            if (client := TestClient(app)):
                HAZARD client

        def test_entered():
            with (client := TestClient(app)):
                CLEAN client
    """,
    "a socket a round": """
        def test_it():
            client = TestClient(app)
            for path in ("/a", "/b", "/c"):
                with client.websocket_connect(path) as socket:
                    assert socket.receive_json()
                client.get(path)

        def test_kept():
            client = TestClient(app)
            for path in ("/a", "/b"):
                with client.websocket_connect(path) as socket:
                    client.get(path)  # WS301

        def test_unknown_rounds():
            client = TestClient(app)
            for path in app.paths:
                with client.websocket_connect(path) as socket:
                    client.get(path)  # WS301
    """,
    "a client a round": """
        def test_it():
            for number in range(3):
                with TestClient(app) as client:
                    CLEAN client

        def test_bare():
            for number in range(3):
                client = TestClient(app)
                HAZARD client
    """,
    "while": """
        def test_it():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                while True:
                    if socket.receive_json()["done"]:
                        break
                client.post("/orders")  # WS301

        def test_behind():
            client = TestClient(app)
            while True:
                with client.websocket_connect("/ws") as socket:
                    if socket.receive_json():
                        break
            client.post("/orders")
    """,
    "try except finally": """
        def test_it():
            client = TestClient(app)
            try:
                with client.websocket_connect("/ws") as socket:
                    client.post("/orders")  # WS301
            except KeyError:
                pass

        def test_finally():
            client = TestClient(app)
            session = client.websocket_connect("/ws")
            socket = session.__enter__()
            try:
                assert socket.receive_json()
            finally:
                session.__exit__(None, None, None)
            client.post("/orders")

        def test_entered_in_try():
            client = TestClient(app)
            client.__enter__()
            try:
                CLEAN client
            finally:
                client.__exit__(None, None, None)

        def test_entered_or_not():
            client = TestClient(app)
            try:
                client.__enter__()
            except RuntimeError:
                pass
            CLEAN client

        def test_replaced():
            try:
                client = TestClient(app)
            except RuntimeError:
                client = make()
            CLEAN client

        def test_in_handler():
            client = TestClient(app)
            try:
                client.get("/")
            except RuntimeError:
                with client.websocket_connect("/ws"):
                    client.post("/orders")  # WS301

        def test_else():
            client = TestClient(app)
            session = client.websocket_connect("/ws")
            try:
                session.__enter__()
            except RuntimeError:
                raise
            else:
                client.post("/orders")  # WS301
    """,
    "early return": """
        def test_it():
            client = TestClient(app)
            if app.debug:
                return
            HAZARD client

        def test_enters_and_returns():
            client = TestClient(app)
            if app.debug:
                with client:
                    CLEAN client
                return
            HAZARD client

        def test_closed_before_return():
            client = TestClient(app)
            session = client.websocket_connect("/ws")
            socket = session.__enter__()
            if app.debug:
                session.close()
                return
            client.post("/orders")  # WS301
    """,
    "break": """
        def test_it():
            client = TestClient(app)
            for path in ("/a", "/b"):
                session = client.websocket_connect(path)
                session.__enter__()
                if app.debug:
                    break
                session.close()
            client.get("/")
    """,
    "continue": """
        def test_it():
            client = TestClient(app)
            for path in ("/a", "/b"):
                if path == "/a":
                    continue
                with client.websocket_connect(path):
                    client.get(path)  # WS301
    """,
    "match": """
        def test_it():
            client = TestClient(app)
            match app.mode:
                case "entered":
                    client.__enter__()
                case _:
                    pass
            CLEAN client

        def test_use():
            client = TestClient(app)
            match app.mode:
                case "a":
                    HAZARD client
    """,
    "the socket has ended": """
        def test_raises():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                with pytest.raises(KeyError):
                    socket.receive_json()
                client.post("/orders")

        def test_handled():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                try:
                    socket.receive_json()
                except KeyError:
                    client.post("/orders")

        def test_suppressed():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                with contextlib.suppress(KeyError):
                    socket.receive_json()
                client.post("/orders")

        def test_other():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                with pytest.raises(KeyError):
                    app.orders["x"]
                client.post("/orders")  # WS301

        class ChatTests(unittest.TestCase):
            def test_it(self):
                client = TestClient(app)
                with client.websocket_connect("/ws") as socket:
                    with self.assertRaises(KeyError):
                        socket.receive_json()
                    client.post("/orders")
    """,
    "comprehensions have names of their own": """
        def test_it():
            client = TestClient(app)
            paths = [client for client in app.clients]
            HAZARD client

        def test_entered():
            client = TestClient(app).__enter__()
            others = {client: 1 for client in [TestClient(app)]}
            CLEAN client
    """,
    "global in an arm": """
        client = TestClient(app)

        def setup_module():
            global client
            if app.debug:
                client = TestClient(app).__enter__()

        def test_it():
            CLEAN client
    """,
    "del and rebinding": """
        def test_it():
            client = TestClient(app)
            with TestClient(app) as client:
                CLEAN client
            client = TestClient(app)
            HAZARD client
    """,
    "global": """
        client = None

        def setup_module():
            global client
            client = TestClient(app)

        def test_it():
            HAZARD client
    """,
    "global entered": """
        client = None

        def setup_module():
            global client
            client = TestClient(app)
            client.__enter__()

        def test_it():
            CLEAN client
    """,
    "nonlocal": """
        def test_it():
            client = None

            def make():
                nonlocal client
                client = TestClient(app)

            make()
            HAZARD client
    """,
    "containers": """
        def test_list():
            clients = [TestClient(app) for _ in range(2)]
            HAZARD clients[0]

        def test_entered_list():
            clients = [TestClient(app).__enter__() for _ in range(2)]
            CLEAN clients[1]

        def test_entered_in_a_loop():
            clients = [TestClient(app), TestClient(app)]
            for client in clients:
                client.__enter__()
            CLEAN clients[0]

        def test_dict():
            clients = {"a": TestClient(app), "b": TestClient(app).__enter__()}
            HAZARD clients["a"]
            CLEAN clients["b"]

        def test_unknown_key():
            clients = {"a": TestClient(app), "b": TestClient(app).__enter__()}
            CLEAN clients[app.key]

        def test_nested():
            env = {"clients": [TestClient(app)]}
            HAZARD env["clients"][0]

        def test_star():
            first, *others = TestClient(app), TestClient(app), TestClient(app)
            HAZARD first

        def test_star_entered():
            first, *others = TestClient(app), TestClient(app).__enter__()
            CLEAN others[0]

        def test_appended():
            clients = []
            clients.append(TestClient(app))
            HAZARD clients[-1]

        def test_namespace():
            import types
            env = types.SimpleNamespace(client=TestClient(app))
            HAZARD env.client

        def test_zip():
            for client, path in zip([TestClient(app)], ["/ws"]):
                HAZARD client

        def test_swapped():
            one, two = TestClient(app), TestClient(app).__enter__()
            one, two = two, one
            CLEAN one
            HAZARD two
    """,
    "sockets closed in a loop": """
        def test_it():
            client = TestClient(app)
            sockets = [client.websocket_connect("/a")]
            for socket in sockets:
                socket.__enter__()
            for socket in sockets:
                socket.close()
            client.post("/orders")
    """,
    "application set on the test client": """
        def test_it():
            client = TestClient(app)
            client.app.state.ready = True
            client.headers.update({"x": "y"})
            client.cookies.set("a", "b")
            client.base_url = "http://other"
            HAZARD client
    """,
    "nested function in a thread": """
        def test_it():
            client = TestClient(app)

            def post():
                client.post("/orders")

            with client.websocket_connect("/ws") as socket:
                thread = threading.Thread(target=post)
                thread.start()
                assert socket.receive_json()
                thread.join()

        def test_sockets():
            client = TestClient(app)

            def talk(path="/ws"):
                with client.websocket_connect(path) as socket:
                    socket.send_json({})

            threads = [threading.Thread(target=talk) for _ in range(3)]  # WS302
            for thread in threads:
                thread.start()

        def test_pool():
            from concurrent.futures import ThreadPoolExecutor
            client = TestClient(app)

            def talk(path):
                with client.websocket_connect(path) as socket:
                    client.post("/orders")

            with ThreadPoolExecutor() as pool:
                pool.submit(talk, "/a")
                list(pool.map(talk, ["/a", "/b"]))  # WS302

        def test_lambda():
            client = TestClient(app)
            with client.websocket_connect("/ws") as socket:
                threading.Timer(1, lambda: client.post("/orders")).start()

        def test_never_called():
            client = TestClient(app)

            def post():
                client.post("/orders")

            with client.websocket_connect("/ws") as socket:
                assert socket.receive_json()
    """,
    "an inner function that is called": """
        def test_it():
            client = TestClient(app)

            def post():
                client.post("/orders")

            with client.websocket_connect("/ws") as socket:
                post()  # WS301
                assert socket.receive_json()
    """,
    "asserted and skipped": """
        def test_it():
            client = TestClient(app)
            if not app.debug:
                pytest.skip("debug only")
            HAZARD client
    """,
}  # fmt: skip


@parametrize(CONTEXTS)
def test_context_managers(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(FLOW)
def test_control_flow(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
