"""Where calls are recorded: at their own place, whatever else is called meanwhile."""

from __future__ import annotations

from pathlib import Path

from verdicts import judge, parametrize, trace

from wslint.findings.span import Place

FACTORIES = {
    "the communicator class, or a function that calls others": """
        from channels.sessions import SessionMiddlewareStack

        def with_session(application, path):
            return WebsocketCommunicator(SessionMiddlewareStack(application), path)

        factory = with_session if FLAG else WebsocketCommunicator

        @pytest.mark.asyncio
        async def test_it():
            communicator = factory(ChatConsumer, "/ws/")  # WS504
            connected, _ = await communicator.connect()
            assert connected
            await communicator.disconnect()
    """,
    "a subclass whose constructor calls others": """
        class Communicator(WebsocketCommunicator):
            headers = [(b"origin", b"here")]

            def ready(self):
                self.seen = dict(self.headers)

        @pytest.mark.asyncio
        async def test_it():
            communicator = Communicator(ChatConsumer, str("/ws/"))  # WS504
            communicator.ready()
            connected, _ = await communicator.connect()
            assert connected
            await communicator.disconnect()
    """,
}


@parametrize(FACTORIES)
def test_a_communicator_is_made_where_the_test_calls(tmp_path: Path, text: str) -> None:
    judge(tmp_path, text)


def test_a_session_is_opened_by_the_call_that_the_test_makes(tmp_path: Path) -> None:
    text = """
        def noted(url):
            str.upper(url)

        def test_it():
            client = TestClient(app)
            connect = noted if FLAG else client.websocket_connect
            with connect("/ws") as socket:
                socket.send_text("hello")
    """
    timeline = trace(tmp_path, text)["test_it"]
    (session,) = [made for made in timeline.resources if made.role == "Session"]
    assert session.node is not None
    assert session.node.span == session.origin.place.span
    assert session.receiver == ()


def test_a_cleanup_closes_a_socket_where_it_is_added(tmp_path: Path) -> None:
    text = """
        from base import Base

        class ChatTest(Base):
            def test_it(self):
                self.socket.send_text("hello")
        --- base.py
        import unittest
        from starlette.testclient import TestClient
        from server import app

        class Base(unittest.TestCase):
            def setUp(self):
                self.socket = TestClient(app).websocket_connect("/ws").__enter__()
                self.addCleanup(self.socket.close)
    """
    timeline = trace(tmp_path, text)["ChatTest.test_it"]
    (socket,) = timeline.scopes_of("Socket")
    (closed,) = socket.closed_by
    assert closed.place == Place(str(tmp_path / "base.py"), closed.place.span)
    assert closed.place.span.line == 8


def test_a_coroutine_keeps_the_place_at_which_it_is_made(tmp_path: Path) -> None:
    text = """
        from helpers import connecting

        @pytest.mark.asyncio
        async def test_it():
            communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
            connected, _ = await connecting(communicator)
            assert connected
            await communicator.disconnect()
        --- helpers.py
        def connecting(communicator):
            return communicator.connect()
    """
    timeline = trace(tmp_path, text)["test_it"]
    (communicator,) = timeline.scopes_of("Communicator")
    connect, _ = timeline.events_of("Communicator")
    assert connect.origin == communicator.origin
    assert communicator.origin.place.path == str(tmp_path / "helpers.py")
