"""waffle overrides around communicators: WS101, WS201, WS202, keepalives, transactions."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize

OVERRIDES = {
    "decorator": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
    """,
    "switch and sample": """
        @pytest.mark.django_db
        @override_switch("chat", active=True)  # WS101
        def test_switch():
            TALK

        @pytest.mark.django_db
        @override_sample("chat", active=True)  # WS101
        def test_sample():
            TALK
    """,
    "with": """
        @pytest.mark.django_db
        def test_it():
            with override_flag("chat", active=True):  # WS101
                TALK

        @pytest.mark.django_db
        def test_over():
            with override_flag("chat", active=True):
                pass
            TALK
    """,
    "fixture": """
        @pytest.fixture
        def flag(db):
            with override_flag("chat", active=True):  # WS101
                yield

        def test_it(flag):
            TALK
    """,
    "fixture that is over": """
        @pytest.fixture
        def flag(db):
            with override_flag("chat", active=True):
                return True

        def test_it(flag):
            TALK
    """,
    "decorated fixture is over": """
        @pytest.fixture
        @override_flag("chat", active=True)
        def flag(db):
            return True

        def test_it(flag):
            TALK
    """,
    "by hand": """
        @pytest.mark.django_db
        def test_it():
            flag = override_flag("chat", active=True)  # WS101
            flag.enable()
            TALK
            flag.disable()

        @pytest.mark.django_db
        def test_over():
            flag = override_flag("chat", active=True)
            flag.enable()
            flag.disable()
            TALK
    """,
    "class decorator": """
        @override_flag("chat", active=True)  # WS101
        class ChatTests(TestCase):
            def test_it(self):
                TALK

            @async_to_sync
            async def test_adapted(self):
                communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
                await communicator.connect()
                await communicator.disconnect()

            async def test_native(self):
                communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
                await communicator.connect()
                await communicator.disconnect()
    """,
    "setUp and addCleanup": """
        class ChatTests(TestCase):
            def setUp(self):
                flag = override_flag("chat", active=True)  # WS101
                flag.enable()
                self.addCleanup(flag.disable)

            def test_it(self):
                TALK
    """,
    "setUp enterContext": """
        class ChatTests(TestCase):
            def setUp(self):
                self.enterContext(override_flag("chat", active=True))  # WS101

            def test_it(self):
                TALK
    """,
    "a manager of one's own": """
        @contextmanager
        def chat_on():
            with override_flag("chat", active=True):  # WS101
                yield

        @pytest.mark.django_db
        def test_it():
            with chat_on():
                TALK
    """,
    "a decorator of one's own": """
        def chat_on(func):
            @functools.wraps(func)
            def inner(*args, **kwargs):
                with override_flag("chat", active=True):  # WS101
                    return func(*args, **kwargs)
            return inner

        @pytest.mark.django_db
        @chat_on
        def test_it():
            TALK
    """,
    "a name for the override": """
        chat_on = override_flag("chat", active=True)  # WS101

        @pytest.mark.django_db
        @chat_on
        def test_it():
            TALK
    """,
    "asyncio.run": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            async def talk():
                communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
                await communicator.connect()
                await communicator.disconnect()
            asyncio.run(talk())
    """,
    "a helper drives it": """
        from helpers import talk

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            async_to_sync(talk)(ChatConsumer.as_asgi())
        --- helpers.py
        from channels.testing import WebsocketCommunicator

        async def talk(application):
            communicator = WebsocketCommunicator(application, "/ws/")
            await communicator.connect()
            await communicator.send_json_to({})
            await communicator.disconnect()
    """,
    "a communicator of one's own": """
        class ChatCommunicator(WebsocketCommunicator):
            def __init__(self, user):
                super().__init__(ChatConsumer.as_asgi(), "/ws/")

            async def __aenter__(self):
                await self.connect()
                return self

            async def __aexit__(self, *args):
                await self.disconnect()

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            async def talk():
                async with ChatCommunicator("me") as communicator:
                    await communicator.send_json_to({})
            async_to_sync(talk)()
    """,
    "an async manager": """
        @asynccontextmanager
        async def connected():
            communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
            await communicator.connect()
            yield communicator
            await communicator.disconnect()

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            async def talk():
                async with connected() as communicator:
                    await communicator.send_json_to({})
            async_to_sync(talk)()
    """,
    "decorated inner coroutine": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            @async_to_sync
            async def talk():
                communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
                await communicator.connect()
                await communicator.disconnect()
            talk()
    """,
    "each step through an adapter": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
            async_to_sync(communicator.connect)()
            async_to_sync(communicator.disconnect)()  # WS507
    """,
    "gather and tasks": """
        async def talk(path):
            communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), path)
            await communicator.connect()
            await communicator.disconnect()

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_gather():
            async def both():
                await asyncio.gather(talk("/a"), talk("/b"))
            async_to_sync(both)()

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_task():
            async def both():
                task = asyncio.create_task(talk("/a"))
                await task
            async_to_sync(both)()

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_group():
            async def both():
                async with asyncio.TaskGroup() as group:
                    group.create_task(talk("/a"))
            async_to_sync(both)()
    """,
    "never driven": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            async def talk():
                communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
                await communicator.connect()
            talk()
    """,
    "no communicator": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            assert app
    """,
    "no override": """
        @pytest.mark.django_db
        def test_it():
            TALK
    """,
}

COROUTINES = {
    "async function": """
        @pytest.mark.asyncio
        @override_flag("chat", active=True)  # WS201
        async def test_it(db):
            pass
    """,
    "with in a coroutine": """
        @pytest.mark.asyncio
        async def test_it(db):
            with override_flag("chat", active=True):  # WS201
                pass
    """,
    "with in an inner coroutine": """
        @pytest.mark.django_db
        def test_it():
            async def talk():
                with override_flag("chat", active=True):  # WS201
                    pass
            async_to_sync(talk)()
    """,
    "a sync job enters it": """
        @pytest.mark.asyncio
        async def test_it(db):
            flag = override_flag("chat", active=True)
            await sync_to_async(flag.enable)()
            await database_sync_to_async(flag.disable)()

            @sync_to_async
            def toggle():
                with override_flag("chat", active=True):
                    pass
            await toggle()
    """,
    "async method of a TestCase": """
        class ChatTests(TestCase):
            @override_flag("chat", active=True)  # WS201
            async def test_it(self):
                pass
    """,
    "adapter above": """
        class ChatTests(TestCase):
            @async_to_sync  # WS202
            @override_flag("chat", active=True)
            async def test_it(self):
                pass

            @override_flag("chat", active=True)
            @async_to_sync
            async def test_right(self):
                pass
    """,
    "sync adapters": """
        class ChatTests(TestCase):
            @override_flag("chat", active=True)
            @sync_to_async  # WS202
            def test_above(self):
                pass

            @override_flag("chat", active=True)
            @database_sync_to_async  # WS202
            def test_above_database(self):
                pass

            @sync_to_async
            @override_flag("chat", active=True)
            def test_below(self):
                pass

            @database_sync_to_async  # WS202
            @override_flag("chat", active=True)
            def test_below_database(self):
                pass
    """,
    "async_to_sync called in the body": """
        class ChatTests(TestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                async_to_sync(self.talk)()

            async def talk(self):
                pass
    """,
    "class decorator on async tests": """
        @override_flag("chat", active=True)
        class ChatTests(TestCase):
            async def test_it(self):
                pass
    """,
    "async fixture": """
        @pytest_asyncio.fixture
        async def flag(db):
            with override_flag("chat", active=True):  # WS201
                yield

        @pytest.mark.asyncio
        async def test_it(flag):
            pass
    """,
    "async unsafe is allowed": """
        import os
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

        @pytest.mark.asyncio
        @override_flag("chat", active=True)
        async def test_it(db):
            pass
    """,
    "not collected": """
        @async_to_sync
        @override_flag("chat", active=True)
        async def test_it():
            pass

        class ChatTests(unittest.TestCase):
            @override_flag("chat", active=True)
            async def test_it(self):  # WS506
                pass
    """,
}

KEEPALIVES = {
    "decorators": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        @patch("channels.db.close_old_connections", lambda: None)
        def test_below():
            TALK

        @pytest.mark.django_db
        @patch("channels.db.close_old_connections", new=mock.Mock())
        @override_flag("chat", active=True)
        def test_above():
            TALK

        @pytest.mark.django_db
        @mock.patch("channels.db.close_old_connections")
        @override_flag("chat", active=True)
        def test_with_the_extra_argument(closing):
            TALK
    """,
    "with": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            with patch("channels.db.close_old_connections"):
                TALK

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_ends_too_early():
            async def talk():
                communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
                with patch("channels.db.close_old_connections"):  # WS102
                    await communicator.connect()
                await communicator.disconnect()
            async_to_sync(talk)()

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_begins_too_late():
            async def talk():
                communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
                await communicator.connect()
                with patch("channels.db.close_old_connections"):  # WS102
                    await communicator.disconnect()
            async_to_sync(talk)()
    """,
    "patch.object": """
        import channels.db

        @pytest.mark.django_db
        @patch.object(channels.db, "close_old_connections")
        @override_flag("chat", active=True)
        def test_it(closing):
            TALK
    """,
    "patch.object from": """
        from channels import db as channels_db

        @pytest.mark.django_db
        @mock.patch.object(channels_db, "close_old_connections", lambda: None)
        @override_flag("chat", active=True)
        def test_it():
            TALK
    """,
    "patcher in setUp": """
        class ChatTests(TestCase):
            def setUp(self):
                patcher = patch("channels.db.close_old_connections")
                patcher.start()
                self.addCleanup(patcher.stop)

            @override_flag("chat", active=True)
            def test_it(self):
                TALK
    """,
    "patcher in a base class": """
        from bases import ChannelsTestCase

        class ChatTests(ChannelsTestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                TALK
        --- bases.py
        from unittest.mock import patch
        from django.test import TestCase

        class ChannelsTestCase(TestCase):
            @classmethod
            def setUpClass(cls):
                super().setUpClass()
                cls.patcher = patch("channels.db.close_old_connections")
                cls.patcher.start()
                cls.addClassCleanup(cls.patcher.stop)
    """,
    "enterContext": """
        class ChatTests(TestCase):
            def setUp(self):
                self.enterContext(patch("channels.db.close_old_connections"))

            @override_flag("chat", active=True)
            def test_it(self):
                TALK
    """,
    "class decorator": """
        @patch("channels.db.close_old_connections", new=mock.Mock())
        class ChatTests(TestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                TALK
    """,
    "class decorator, communicator in setUp": """
        @patch("channels.db.close_old_connections", new=mock.Mock())  # WS102
        @override_flag("chat", active=True)
        class ChatTests(TestCase):
            def setUp(self):
                TALK

            def test_it(self):
                pass
    """,
    "a mock that is asserted on": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            with patch("django.db.close_old_connections") as close:
                TALK
            close.assert_not_called()
    """,
    "monkeypatch": """
        import channels.db

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_by_name(monkeypatch):
            monkeypatch.setattr("channels.db.close_old_connections", lambda: None)
            TALK

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_by_object(monkeypatch):
            monkeypatch.setattr(channels.db, "close_old_connections", lambda: None)
            TALK

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_context():
            with pytest.MonkeyPatch.context() as patching:
                patching.setattr("channels.db.close_old_connections", lambda: None)
                TALK

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_undone(monkeypatch):
            monkeypatch.setattr("channels.db.close_old_connections", lambda: None)  # WS102
            monkeypatch.undo()
            TALK

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_of_something_else(monkeypatch):
            monkeypatch.setattr("server.setting", 1)
            TALK
    """,
    "autouse fixture": """
        @pytest.fixture(autouse=True)
        def keep_open(monkeypatch):
            monkeypatch.setattr("channels.db.close_old_connections", lambda: None)

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            TALK
    """,
    "autouse fixture in conftest": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            TALK
        --- conftest.py
        @pytest.fixture(autouse=True)
        def keep_open():
            with patch("channels.consumer.aclose_old_connections", new=mock.AsyncMock()):  # WS102
                yield
    """,
    "autouse fixture of a session": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            TALK
        --- conftest.py
        @pytest.fixture(autouse=True, scope="session")
        def keep_open():
            patcher = mock.patch("channels.db.close_old_connections")
            patcher.start()
            yield
            patcher.stop()
    """,
    "usefixtures": """
        @pytest.fixture
        def keep_open(mocker):
            mocker.patch("channels.db.close_old_connections")

        @pytest.mark.usefixtures("keep_open")
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            TALK

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_without():
            TALK
    """,
    "mocker": """
        import channels.db

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it(mocker):
            mocker.patch("channels.db.close_old_connections")
            TALK

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_object(mocker):
            mocker.patch.object(channels.db, "close_old_connections")
            TALK
    """,
    "signals are disconnected": """
        from django.core.signals import request_finished
        from django.db import close_old_connections

        @pytest.fixture(autouse=True)
        def quiet():
            request_finished.disconnect(close_old_connections)
            yield
            request_finished.connect(close_old_connections)

        @pytest.mark.django_db
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
    """,
    "a fixture of some plugin does not count": """
        @pytest.mark.django_db
        @pytest.mark.usefixtures("channels_db_connection")
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
    """,
    "assigned by hand": """
        import channels.db

        @pytest.fixture(autouse=True)
        def keep_open():
            saved = channels.db.close_old_connections
            channels.db.close_old_connections = lambda: None
            yield
            channels.db.close_old_connections = saved

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            TALK
    """,
    "a decorator of one's own": """
        keep_open = patch("channels.db.close_old_connections", new=mock.Mock())

        @pytest.mark.django_db
        @keep_open
        @override_flag("chat", active=True)
        def test_it():
            TALK
    """,
    "a stack": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            with ExitStack() as stack:
                stack.enter_context(patch("channels.db.close_old_connections"))
                TALK
    """,
    "a patch of a name that is computed": """
        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            with patch(f"channels.{app.module}.close_old_connections"):
                TALK
    """,
    "several patches of a list": """
        TARGETS = ["channels.db.close_old_connections", "channels.consumer.aclose_old_connections"]

        @pytest.fixture(autouse=True)
        def keep_open():
            with ExitStack() as stack:
                for target in TARGETS:
                    stack.enter_context(mock.patch(target))
                yield

        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test_it():
            TALK
    """,
}

TRANSACTIONS = {
    "none": """
        @override_flag("chat", active=True)
        def test_it():
            TALK
    """,
    "mark with arguments": """
        @pytest.mark.django_db(transaction=True)
        @override_flag("chat", active=True)
        def test_transactional():
            TALK

        @pytest.mark.django_db(transaction=False)
        @override_flag("chat", active=True)  # WS101
        def test_not():
            TALK

        @pytest.mark.django_db(databases=["default"])
        @override_flag("chat", active=True)  # WS101
        def test_databases():
            TALK

        @pytest.mark.django_db(transaction=app.transactional)
        @override_flag("chat", active=True)
        def test_unknown():
            TALK

        @pytest.mark.django_db(True)
        @override_flag("chat", active=True)
        def test_positional():
            TALK
    """,
    "mark by name": """
        database = pytest.mark.django_db

        @database
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
    """,
    "pytestmark": """
        pytestmark = pytest.mark.django_db

        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK

        @pytest.mark.django_db(transaction=True)
        @override_flag("chat", active=True)
        def test_nearer():
            TALK
    """,
    "pytestmark as a list": """
        pytestmark = [pytest.mark.slow, pytest.mark.django_db()]

        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
    """,
    "on the class": """
        @pytest.mark.django_db
        class TestChat:
            @override_flag("chat", active=True)  # WS101
            def test_it(self):
                TALK

        class TestMarked:
            pytestmark = [pytest.mark.django_db(transaction=True)]

            @override_flag("chat", active=True)
            def test_it(self):
                TALK
    """,
    "usefixtures": """
        @pytest.mark.usefixtures("db")
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK

        @pytest.mark.usefixtures("transactional_db")
        @override_flag("chat", active=True)
        def test_transactional():
            TALK
    """,
    "fixtures": """
        @pytest.fixture
        def user(db):
            return object()

        @pytest.fixture
        def account(user):
            return object()

        @override_flag("chat", active=True)  # WS101
        def test_it(account):
            TALK

        @override_flag("chat", active=True)
        def test_transactional(account, transactional_db):
            TALK

        @override_flag("chat", active=True)
        def test_live(account, live_server):
            TALK

        @override_flag("chat", active=True)  # WS101
        def test_admin(admin_user):
            TALK
    """,
    "autouse db": """
        @override_flag("chat", active=True)  # WS101
        def test_it():
            TALK
        --- conftest.py
        @pytest.fixture(autouse=True)
        def everywhere(db):
            pass
    """,
    "own fixture of the name db": """
        @pytest.fixture
        def db():
            return object()

        @override_flag("chat", active=True)
        def test_it(db):
            TALK
    """,
    "getfixturevalue": """
        @override_flag("chat", active=True)
        def test_it(request):
            request.getfixturevalue("transactional_db")
            TALK
    """,
    "classes": """
        class ChatTests(TestCase):
            @override_flag("chat", active=True)  # WS101
            def test_it(self):
                TALK

        class TransactionTests(TransactionTestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                TALK

        class SimpleTests(SimpleTestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                TALK

        class PlainTests(unittest.TestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                TALK
    """,
    "unknown base": """
        from somewhere import ProjectTestCase

        class ChatTests(ProjectTestCase):
            def setUp(self):
                pass

            @override_flag("chat", active=True)
            def test_it(self):
                TALK
    """,
    "base of another file": """
        from bases import ProjectTestCase

        class ChatTests(ProjectTestCase):
            @override_flag("chat", active=True)  # WS101
            def test_it(self):
                TALK
        --- bases.py
        from django import test

        class ProjectTestCase(test.TestCase):
            pass
    """,
    "rest framework": """
        from rest_framework.test import APITestCase, APITransactionTestCase

        class ChatTests(APITestCase):
            @override_flag("chat", active=True)  # WS101
            def test_it(self):
                TALK

        class OtherTests(APITransactionTestCase):
            @override_flag("chat", active=True)
            def test_it(self):
                TALK
    """,
    "native async tests": """
        @pytest.fixture
        def flag(db):
            with override_flag("chat", active=True):
                yield

        @pytest.mark.asyncio
        @pytest.mark.django_db
        async def test_it(flag):
            communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
            await communicator.connect()
            await communicator.disconnect()
    """,
}


@parametrize(OVERRIDES)
def test_overrides(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(COROUTINES)
def test_coroutines(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(KEEPALIVES)
def test_keepalives(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


@parametrize(TRANSACTIONS)
def test_transactions(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)
