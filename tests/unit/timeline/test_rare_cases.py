"""Rarer shapes: patches by ``multiple``, several yields, overrides applied by hand."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

RARE = {
    "patch multiple": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        @mock.patch.multiple("channels.db", close_old_connections=lambda: None)
        def test_it():
            TALK
    """,
    "patch multiple of something else": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        @mock.patch.multiple("channels.db", DatabaseSyncToAsync=None)
        def test_it():
            TALK
    """,
    "a keepalive in one of two arms": """
        @pytest.fixture
        def maybe(request):
            if request.config.option.verbose:
                yield
            else:
                with mock.patch("channels.db.close_old_connections"):
                    yield

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it(maybe):
            TALK
    """,
    "a keepalive in both arms": """
        @pytest.fixture
        def kept(request):
            if request.config.option.verbose:
                with mock.patch("channels.db.close_old_connections"):
                    yield
            else:
                with mock.patch("channels.db.close_old_connections"):
                    yield

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it(kept):
            TALK
    """,
    "a yield and a return, before another yield in a try": """
        @pytest.fixture(autouse=True)
        def database(request):
            if request.config.option.verbose:
                yield
                return
            try:
                yield
            finally:
                request.config.cache.clear()

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
    """,
    "two yields one after the other: what comes behind the second never runs": """
        @pytest.fixture
        def client():
            with TestClient(app) as client:
                yield client
                yield client
                TestClient(app).get("/")

        def test_it(client):
            CLEAN client
    """,
    "a client that is entered in one of two arms": """
        @pytest.fixture(params=[1, 2])
        def client(request):
            if request.param == 1:
                yield TestClient(app)
            else:
                with TestClient(app) as client:
                    yield client

        def test_it(client):
            CLEAN client
    """,
    "replaced when the test file is imported": """
        import channels.db

        channels.db.close_old_connections = lambda: None

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            TALK
    """,
    "replaced when conftest.py is imported": """
        class TestChat(TestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                TALK

        --- conftest.py
        from channels import db

        db.close_old_connections = lambda: None
    """,
    "something else is replaced": """
        import channels.db

        channels.db.other = lambda: None

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
    """,
    "a communicator that patches around each call": """
        class Kept(WebsocketCommunicator):
            async def connect(self, timeout=1):
                with patch("channels.db.close_old_connections"):
                    return await super().connect(timeout)

            async def disconnect(self, code=1000, timeout=1):
                with patch("channels.db.close_old_connections"):
                    return await super().disconnect(code, timeout)

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_kept():
            async def talk():
                communicator = Kept(ChatConsumer.as_asgi(), "/")
                connected, _ = await communicator.connect()
                assert connected
                await communicator.disconnect()

            async_to_sync(talk)()
    """,
    "a communicator that patches around one call": """
        class Half(WebsocketCommunicator):
            async def connect(self, timeout=1):
                with patch("channels.db.close_old_connections"):  # WS102
                    return await super().connect(timeout)

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_half():
            async def talk():
                communicator = Half(ChatConsumer.as_asgi(), "/")
                connected, _ = await communicator.connect()
                assert connected
                await communicator.disconnect()

            async_to_sync(talk)()
    """,
    "an override that a decorator of one's own applies": """
        def with_chat(f):
            return override_flag("chat", active=True)(f)  # WS101

        @pytest.mark.django_db
        @with_chat
        def test_it():
            TALK
    """,
    "an override applied to a coroutine function": """
        def with_chat(f):
            return override_flag("chat", active=True)(f)  # WS201

        @pytest.mark.asyncio
        @with_chat
        async def test_it():
            pass
    """,
}


@parametrize(RARE)
def test_rare_shapes(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
