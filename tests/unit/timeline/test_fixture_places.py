"""Which of several fixtures of one name a test gets, and in which files they may be."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

BARE = """
        @pytest.fixture
        def client():
            return TestClient(app)
"""
ENTERED = """
        @pytest.fixture
        def client():
            with TestClient(app) as client:
                yield client
"""
TO_FIND = """
        def test_it(client):
            HAZARD client
"""
TO_CLEAR = """
        def test_it(client):
            CLEAN client
"""
CONFTEST = """
        --- conftest.py
"""
IMPORTS = """
        import pytest
        from starlette.testclient import TestClient
        from server import app
"""

PLACES = {
    "conftest bare": TO_FIND + CONFTEST + BARE,
    "conftest entered": TO_CLEAR + CONFTEST + ENTERED,
    "file before conftest": ENTERED + TO_CLEAR + CONFTEST + BARE,
    "file before conftest, bare": BARE + TO_FIND + CONFTEST + ENTERED,
    "nearer conftest": """
        --- tests/api/test_app.py
    """ + TO_CLEAR + """
        --- tests/api/conftest.py
    """ + ENTERED + """
        --- tests/conftest.py
    """ + BARE + """
        --- conftest.py
    """ + BARE,
    "nearer conftest, bare": """
        --- tests/api/test_app.py
    """ + TO_FIND + """
        --- tests/api/conftest.py
    """ + BARE + """
        --- tests/conftest.py
    """ + ENTERED,
    "sibling conftest does not count": """
        --- tests/api/test_app.py
    """ + TO_FIND + """
        --- tests/web/conftest.py
    """ + ENTERED + """
        --- tests/conftest.py
    """ + BARE,
    "asks for its own name": """
        @pytest.fixture
        def client(client):
            client.headers["x-user"] = "me"
            return client
    """ + TO_FIND + CONFTEST + BARE,
    "asks for its own name and enters": """
        @pytest.fixture
        def client(client):
            with client:
                yield client
    """ + TO_CLEAR + CONFTEST + BARE,
    "asks for its own name, entered above": """
        @pytest.fixture
        def client(client):
            client.headers["x-user"] = "me"
            return client
    """ + TO_CLEAR + CONFTEST + ENTERED,
    "three of one name": """
        @pytest.fixture
        def client(client):
            return client

        class TestIt:
            @pytest.fixture
            def client(self, client):
                return client

            def test_it(self, client):
                HAZARD client
    """ + CONFTEST + BARE,
    "class before file": BARE + """
        class TestIt:
            @pytest.fixture
            def client(self):
                with TestClient(app) as client:
                    yield client

            def test_it(self, client):
                CLEAN client

        class TestOther:
            def test_it(self, client):
                HAZARD client
    """,
    "base class": """
        class Base:
            @pytest.fixture
            def client(self):
                with TestClient(app) as client:
                    yield client

        class TestIt(Base):
            def test_it(self, client):
                CLEAN client

        class TestOver(Base):
            @pytest.fixture
            def client(self):
                return TestClient(app)

            def test_it(self, client):
                HAZARD client
    """,
    "base class of another file": """
        from bases import Base

        class TestIt(Base):
            def test_it(self, client):
                HAZARD client
        --- bases.py
    """ + IMPORTS + """
        class Base:
            @pytest.fixture
            def client(self):
                return TestClient(app)
    """,
    "autouse in a class": BARE + """
        class TestIt:
            @pytest.fixture(autouse=True)
            def running(self, client):
                with client:
                    yield

            def test_it(self, client):
                CLEAN client

        class TestOther:
            def test_it(self, client):
                HAZARD client
    """,
    "autouse sets self": """
        class TestIt:
            @pytest.fixture(autouse=True)
            def setup(self):
                self.client = TestClient(app)

            def test_it(self):
                HAZARD self.client

        class TestEntered:
            @pytest.fixture(autouse=True)
            def setup(self):
                with TestClient(app) as self.client:
                    yield

            def test_it(self):
                CLEAN self.client
    """,
    "autouse sets request.cls": """
        @pytest.fixture(scope="class")
        def running(request):
            with TestClient(app) as client:
                request.cls.client = client
                yield

        @pytest.fixture(scope="class")
        def bare(request):
            request.cls.client = TestClient(app)

        @pytest.mark.usefixtures("running")
        class TestRunning:
            def test_it(self):
                CLEAN self.client

        @pytest.mark.usefixtures("bare")
        class TestBare:
            def test_it(self):
                HAZARD self.client
    """,
    "autouse in conftest enters": BARE + TO_CLEAR + CONFTEST + """
        @pytest.fixture(autouse=True)
        def running(client):
            with client:
                yield
    """,
    "an autouse of a nearer file is shadowed": BARE + """
        @pytest.fixture
        def running():
            yield
    """ + TO_FIND + CONFTEST + """
        @pytest.fixture(autouse=True)
        def running(client):
            with client:
                yield
    """,
    "imported": """
        from fixtures import client
    """ + TO_FIND + """
        --- fixtures.py
    """ + IMPORTS + BARE,
    "imported entered": """
        from fixtures import client  # noqa: F401
    """ + TO_CLEAR + """
        --- fixtures.py
    """ + IMPORTS + ENTERED,
    "imported by another name": """
        from fixtures import bare as client
    """ + TO_FIND + """
        --- fixtures.py
    """ + IMPORTS + """
        @pytest.fixture
        def bare():
            return TestClient(app)
    """,
    "star-imported into conftest": TO_FIND + """
        --- conftest.py
        from tests_support.fixtures import *
        --- tests_support/__init__.py
        --- tests_support/fixtures.py
    """ + IMPORTS + BARE,
    "star-imported over two files": TO_CLEAR + """
        --- conftest.py
        from fixtures import *
        --- fixtures/__init__.py
        from .clients import *
        --- fixtures/clients.py
    """ + IMPORTS + ENTERED,
    "autouse imported": BARE + """
        from fixtures import running
    """ + TO_CLEAR + """
        --- fixtures.py
        import pytest
        @pytest.fixture(autouse=True)
        def running(client):
            with client:
                yield
    """,
    "autouse star-imported over two files": BARE + TO_CLEAR + """
        --- conftest.py
        from fixtures import *
        --- fixtures/__init__.py
        from .running import *
        --- fixtures/running.py
        import pytest
        @pytest.fixture(autouse=True)
        def running(client):
            with client:
                yield
    """,
    "pytest_plugins": TO_FIND + """
        --- conftest.py
        pytest_plugins = ["plugins.clients"]
        --- plugins/__init__.py
        --- plugins/clients.py
    """ + IMPORTS + BARE,
    "pytest_plugins as text": TO_CLEAR + """
        --- conftest.py
        pytest_plugins = "plugins.clients"
        --- plugins/clients.py
    """ + IMPORTS + ENTERED,
    "conftest before plugin": TO_CLEAR + """
        --- conftest.py
        pytest_plugins = ("plugins.clients",)
    """ + ENTERED + """
        --- plugins/clients.py
    """ + IMPORTS + BARE,
    "plugin by -p": TO_FIND + """
        --- pytest.ini
        [pytest]
        addopts = -q -p plugins.clients
        --- plugins/clients.py
    """ + IMPORTS + BARE,
    "plugin autouse": BARE + TO_CLEAR + """
        --- conftest.py
        pytest_plugins = ["plugins"]
        --- plugins.py
        import pytest
        @pytest.fixture(autouse=True)
        def running(client):
            with client:
                yield
    """,
    "above the rootdir's conftest nothing counts": """
        --- pkg/pytest.ini
        [pytest]
        --- pkg/test_app.py
    """ + TO_FIND + """
        --- pkg/conftest.py
    """ + BARE + """
        --- pkg/sub/conftest.py
    """ + ENTERED,
    "a nested import in conftest under a condition": TO_FIND + """
        --- conftest.py
        try:
            from fastapi.testclient import TestClient
        except ImportError:
            from starlette.testclient import TestClient
    """ + BARE,
    "not collected": BARE + """
        def helper(client):
            CLEAN client

        class Helper:
            def test_it(self, client):
                CLEAN client

        class TestMarked:
            __test__ = False

            def test_it(self, client):
                CLEAN client

        class TestWithInit:
            def __init__(self):
                pass

            def test_it(self, client):
                CLEAN client
    """,
}  # fmt: skip

CIRCLES = {
    "two fixtures need each other": """
        @pytest.fixture
        def a(b):
            return TestClient(app)

        @pytest.fixture
        def b(a):
            return a

        def test_it(a, b):
            CLEAN b
    """,
    "a fixture needs itself": """
        @pytest.fixture
        def client(client):
            return client
    """ + TO_CLEAR,
    "classes inherit from each other": """
        class A(B):
            pass

        class B(A):
            client = TestClient(app)

        class TestIt(B):
            def test_it(self):
                HAZARD self.client
    """,
    "a class inherits from itself": """
        class TestIt(TestIt):
            def test_it(self, client):
                CLEAN client
    """,
    "files import each other": """
        from one import client

        def test_it():
            CLEAN client
        --- one.py
        from two import client
        --- two.py
        from one import client
    """,
    "stars in a circle": """
        from one import *

        def test_it():
            HAZARD client
        --- one.py
        from two import *
        from starlette.testclient import TestClient
        --- two.py
        from one import *
        client = TestClient(None)
    """,
    "stars in a circle that bind nothing": """
        from one import *

        def test_it():
            CLEAN nowhere
        --- one.py
        from two import *
        --- two.py
        from one import *
    """,
    "plugins in a circle": TO_FIND + """
        --- conftest.py
        pytest_plugins = ["one"]
        --- one.py
        pytest_plugins = ["two"]
    """ + IMPORTS + BARE + """
        --- two.py
        pytest_plugins = ["one", "conftest"]
    """,
    "helpers call each other": """
        def one(client):
            two(client)

        def two(client):
            one(client)

        def test_it():
            client = TestClient(app)
            one(client)
            CLEAN client
    """,
    "a property reads itself": """
        class TestIt:
            @property
            def client(self):
                return self.client

            def test_it(self):
                CLEAN self.client
    """,
    "generators start each other": """
        @contextmanager
        def one():
            with two() as x:
                yield x

        @contextmanager
        def two():
            with one() as x:
                yield x

        def test_it():
            with one() as client:
                CLEAN client

        def test_other():
            client = TestClient(app)
            HAZARD client
    """,
    "__getattr__ that asks for itself": """
        class Wrapper:
            def __init__(self):
                self.inner = TestClient(app)

            def __getattr__(self, name):
                return getattr(self.inner, name)

        def test_it():
            client = Wrapper()
            CLEAN client
    """,
}  # fmt: skip


@parametrize(PLACES)
def test_which_fixture_a_test_gets(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(CIRCLES)
def test_circles_end(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
