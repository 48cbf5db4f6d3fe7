"""Clients of unittest's classes: class setup, setUp, cleanups, bases, mixins."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

CASES = {
    "setUp": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app)

            def test_it(self):
                HAZARD self.client
    """,
    "setUp enters, tearDown exits": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app)
                self.client.__enter__()

            def tearDown(self):
                self.client.__exit__(None, None, None)

            def test_it(self):
                CLEAN self.client
    """,
    "enterContext": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                self.client = self.enterContext(TestClient(app))

            def test_it(self):
                CLEAN self.client
    """,
    "__enter__ and addCleanup": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app).__enter__()
                self.addCleanup(self.client.__exit__, None, None, None)

            def test_it(self):
                CLEAN self.client
    """,
    "a stack closed by a cleanup": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                stack = ExitStack()
                self.client = stack.enter_context(TestClient(app))
                self.addCleanup(stack.close)

            def test_it(self):
                CLEAN self.client
    """,
    "a stack that pops all": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                with ExitStack() as stack:
                    self.client = stack.enter_context(TestClient(app))
                    self.addCleanup(stack.pop_all().close)

            def test_it(self):
                CLEAN self.client
    """,
    "a stack that is over": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                with ExitStack() as stack:
                    self.client = stack.enter_context(TestClient(app))

            def test_it(self):
                HAZARD self.client
    """,
    "setUpClass": """
        class ChatTests(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.client = TestClient(app)

            def test_it(self):
                HAZARD self.client
    """,
    "setUpClass enters": """
        class ChatTests(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                super().setUpClass()
                cls.client = cls.enterClassContext(TestClient(app))

            def test_it(self):
                CLEAN self.client
    """,
    "setUpClass enters by hand": """
        class ChatTests(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.manager = TestClient(app)
                cls.client = cls.manager.__enter__()

            @classmethod
            def tearDownClass(cls):
                cls.manager.__exit__(None, None, None)

            def test_it(self):
                CLEAN self.client
    """,
    "class attribute": """
        class ChatTests(unittest.TestCase):
            client = TestClient(app)

            def test_it(self):
                HAZARD self.client

            def test_entered(self):
                with self.client:
                    CLEAN self.client
    """,
    "base class in another file": """
        from bases import ClientTestCase

        class ChatTests(ClientTestCase):
            def test_it(self):
                HAZARD self.client
        --- bases.py
        import unittest
        from starlette.testclient import TestClient

        class ClientTestCase(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(None)
    """,
    "base class in another file enters": """
        from bases import ClientTestCase

        class ChatTests(ClientTestCase):
            def setUp(self):
                super().setUp()
                self.path = "/ws"

            def test_it(self):
                CLEAN self.client
        --- bases.py
        import unittest
        from starlette.testclient import TestClient

        class ClientTestCase(unittest.TestCase):
            def setUp(self):
                self.client = self.enterContext(TestClient(None))
    """,
    "without super the base does nothing": """
        class ClientTestCase(unittest.TestCase):
            def setUp(self):
                self.client = self.enterContext(TestClient(app))

        class ChatTests(ClientTestCase):
            def setUp(self):
                self.client = TestClient(app)

            def test_it(self):
                HAZARD self.client
    """,
    "mixin": """
        class ClientMixin:
            def setUp(self):
                super().setUp()
                self.client = TestClient(app)
                self.client.__enter__()

            def tearDown(self):
                self.client.__exit__(None, None, None)
                super().tearDown()

        class ChatTests(ClientMixin, unittest.TestCase):
            def test_it(self):
                CLEAN self.client
    """,
    "mixin between classes": """
        class Making(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app)

        class Entering:
            def setUp(self):
                super().setUp()
                self.enterContext(self.client)

        class ChatTests(Entering, Making):
            def test_it(self):
                CLEAN self.client

        class OtherTests(Making):
            def test_it(self):
                HAZARD self.client
    """,
    "a diamond": """
        class Base(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app)

        class Left(Base):
            pass

        class Right(Base):
            def setUp(self):
                super().setUp()
                self.enterContext(self.client)

        class ChatTests(Left, Right):
            def test_it(self):
                CLEAN self.client
    """,
    "property": """
        class ChatTests(unittest.TestCase):
            @property
            def client(self):
                return TestClient(app)

            def test_it(self):
                CLEAN self.client
    """,
    "cached property": """
        class ChatTests(unittest.TestCase):
            @functools.cached_property
            def client(self):
                return TestClient(app)

            def test_it(self):
                HAZARD self.client
    """,
    "helper method": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app)

            def order(self):
                return self.client.post("/orders")

            def test_it(self):
                with self.client.websocket_connect("/ws"):
                    self.order()  # WS301
    """,
    "a method that makes it": """
        class ChatTests(unittest.TestCase):
            def make(self):
                return TestClient(app)

            def test_bare(self):
                client = self.make()
                HAZARD client

            def test_entered(self):
                with self.make() as client:
                    CLEAN client
    """,
    "socket opened in setUp": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app)
                self.socket = self.client.websocket_connect("/ws").__enter__()

            def tearDown(self):
                self.socket.__exit__(None, None, None)

            def test_it(self):
                self.client.post("/orders")  # WS301
    """,
    "socket closed in setUp": """
        class ChatTests(unittest.TestCase):
            def setUp(self):
                self.client = TestClient(app)
                with self.client.websocket_connect("/ws") as socket:
                    self.hello = socket.receive_json()

            def test_it(self):
                self.client.post("/orders")
    """,
    "isolated async": """
        class ChatTests(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self):
                self.client = TestClient(app)

            async def test_it(self):
                HAZARD self.client
    """,
    "isolated async entered": """
        class ChatTests(unittest.IsolatedAsyncioTestCase):
            async def asyncSetUp(self):
                self.client = self.enterContext(TestClient(app))

            async def test_it(self):
                CLEAN self.client
    """,
    "unknown base": """
        from somewhere import ApiTestCase

        class ChatTests(ApiTestCase):
            def setUp(self):
                super().setUp()
                self.path = "/ws"

            def test_it(self):
                CLEAN self.client
    """,
    "unknown base may enter what it can reach": """
        from somewhere import ApiTestCase

        class ChatTests(ApiTestCase):
            def setUp(self):
                self.client = TestClient(app)
                super().setUp()

            def test_it(self):
                CLEAN self.client
    """,
    "django's own client": """
        class ChatTests(TestCase):
            def test_it(self):
                CLEAN self.client
    """,
    "pytest fixture in a unittest class": """
        class ChatTests(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def running(self):
                with TestClient(app) as self.client:
                    yield

            def test_it(self):
                CLEAN self.client
    """,
    "xunit setup in a plain class": """
        class TestChat:
            def setup_method(self, method):
                self.client = TestClient(app)

            def test_it(self):
                HAZARD self.client
    """,
    "xunit setup enters": """
        class TestChat:
            def setup_method(self):
                self.client = TestClient(app).__enter__()

            def teardown_method(self):
                self.client.__exit__()

            def test_it(self):
                CLEAN self.client
    """,
    "setup_class": """
        class TestChat:
            @classmethod
            def setup_class(cls):
                cls.client = TestClient(app)

            def test_it(self):
                HAZARD self.client
    """,
    "nested class": """
        class TestChat:
            @pytest.fixture
            def client(self):
                return TestClient(app)

            class TestInner:
                def test_it(self, client):
                    HAZARD client
    """,
}  # fmt: skip


@parametrize(CASES)
def test_classes(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
