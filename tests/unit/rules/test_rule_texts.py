"""Small texts: what the rules about sessions and communicators report, and what they leave."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.run.check import check
from wslint.run.fix import find_fixes

CHANNELS = """\
import asyncio

import pytest
from asgiref.sync import async_to_sync
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.testing import HttpCommunicator, WebsocketCommunicator


class Chat(AsyncWebsocketConsumer):
    pass


"""
STARLETTE = """\
import pytest
from starlette.testclient import TestClient

client = TestClient(app)


"""


def findings(tmp_path: Path, text: str) -> list[tuple[str, int]]:
    path = tmp_path / "test_it.py"
    path.write_text(text, encoding="utf-8")
    report = check([str(path)], Settings(root=str(tmp_path), preview=True, cache=False))
    assert report.errors == ()
    return [(finding.code, finding.span.line) for finding in report.findings]


def marked(text: str) -> list[tuple[str, int]]:
    """Read the findings off the comments ``# WSnnn`` in a text."""
    lines = enumerate(text.splitlines(), 1)
    return [(line.rpartition("# ")[2], number) for number, line in lines if "# WS" in line]


@pytest.mark.parametrize(
    "body",
    [
        # one name for several results
        """\
        async def test_accepted_then_refused():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")  # WS501
            connected, _ = await c.connect()
            assert connected
            other = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await other.connect()
            assert not connected
        """,
        """\
        async def test_first_pair_asserted():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected = await c.connect()  # WS502
            assert connected
            await c.disconnect()
            other = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await other.connect()
            assert connected
            await other.disconnect()
        """,
        """\
        async def test_first_result_never_looked_at():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()  # WS508
            await c.receive_from()
            await c.disconnect()
            other = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await other.connect()
            assert connected
            await other.disconnect()
        """,
        """\
        async def test_failure_expected():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            await c.connect()
            with pytest.raises(AssertionError) as caught:
                await c.receive_from()
            assert "close" in str(caught.value)
        """,
        # WS501
        """\
        async def test_left_open():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")  # WS501
            connected, _ = await c.connect()
            assert connected
        """,
        """\
        async def test_disconnected():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert connected is True
            await c.disconnect()
        """,
        """\
        async def test_refused():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert not connected
        """,
        """\
        async def test_application_ends_by_itself():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert connected
            await c.wait()
        """,
        """\
        async def test_http():
            c = HttpCommunicator(Chat.as_asgi(), "GET", "/")
            await c.get_response()
        """,
        """\
        async def leave(c):
            await c.disconnect()


        async def test_disconnected_by_a_helper():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert connected
            await leave(c)
        """,
        """\
        @pytest.fixture
        async def chat():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert connected
            yield c
            await c.disconnect()


        async def test_disconnected_by_a_fixture(chat):
            await chat.send_to(text_data="x")
        """,
        """\
        async def test_given_away():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert connected
            await somebody.closes(c)
        """,
        """\
        async def test_expected_to_fail():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            with pytest.raises(AssertionError):
                connected, _ = await c.connect()
                assert connected
        """,
        """\
        async def test_receive_ends_the_application():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert connected
            with pytest.raises(asyncio.TimeoutError):
                await c.receive_from()
        """,
        # WS502
        """\
        async def test_tuple():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            assert await c.connect()  # WS502
            await c.disconnect()
        """,
        """\
        async def test_named_tuple():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected = await c.connect()  # WS502
            assert connected
            await c.disconnect()
        """,
        """\
        async def test_dropped():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            await c.connect()  # WS502
            await c.disconnect()
        """,
        """\
        def test_dropped_in_a_sync_test():
            async def talk():
                c = WebsocketCommunicator(Chat.as_asgi(), "/")
                connected, _ = await c.connect()  # WS502
                await c.disconnect()

            async_to_sync(talk)()
        """,
        """\
        async def test_a_mock_would_notice(seen):
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            await c.connect()
            seen.assert_called_once()
            await c.disconnect()
        """,
        """\
        async def test_a_receive_would_perhaps_notice():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            await c.connect()  # WS508
            await c.receive_from()
            await c.disconnect()
        """,
        """\
        async def test_first_half():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected = await c.connect()
            assert connected[0]
            await c.disconnect()
        """,
        # WS503
        """\
        async def test_forgotten():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await c.connect()
            assert connected
            assert c.receive_nothing()  # WS503
            c.disconnect()  # WS503
        """,
        """\
        def test_sync():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            c.connect()  # WS503
        """,
        """\
        async def test_driven_otherwise():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")
            connected, _ = await asyncio.wait_for(c.connect(), 1)
            assert connected
            await asyncio.gather(c.send_to(text_data="x"), c.receive_from())
            later = c.disconnect()
            await later
        """,
        """\
        async def test_slice():
            a = WebsocketCommunicator(Chat.as_asgi(), "/")
            b = WebsocketCommunicator(Chat.as_asgi(), "/")  # WS501
            for c in [a, b]:
                connected, _ = await c.connect()
                assert connected
            for c in [a, b][:1]:
                await c.disconnect()
        """,
        """\
        async def test_answer_means_accepted():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")  # WS501
            await c.connect()  # WS508
            await c.receive_from()
        """,
        """\
        def test_driven_by_an_adapter():
            c = WebsocketCommunicator(Chat.as_asgi(), "/")  # WS501
            assert async_to_sync(c.connect)()[0]
        """,
        # WS504
        """\
        async def test_class():
            c = WebsocketCommunicator(Chat, "/")  # WS504
            connected, _ = await c.connect()
            assert connected
            await c.disconnect()
        """,
        """\
        async def test_uncalled():
            c = WebsocketCommunicator(application=Chat.as_asgi, path="/")  # WS504
            connected, _ = await c.connect()
            assert connected
            await c.disconnect()
        """,
        """\
        def app(scope, receive, send): ...


        async def test_other_applications():
            c = WebsocketCommunicator(app, "/")
            connected, _ = await c.connect()
            assert connected
            await c.disconnect()
        """,
    ],
    ids=lambda body: textwrap.dedent(body).partition("test_")[2].partition("(")[0],
)
def test_communicators(tmp_path: Path, body: str) -> None:
    text = CHANNELS + textwrap.dedent(body)
    assert findings(tmp_path, text) == marked(text)


@pytest.mark.parametrize(
    "body",
    [
        """\
        def test_dropped():
            client.websocket_connect("/nowhere")  # WS401
        """,
        """\
        def test_used():
            socket = client.websocket_connect("/")  # WS401
            socket.send_text("x")
        """,
        """\
        def test_used_where_a_failure_is_expected():
            socket = client.websocket_connect("/")  # WS401
            socket.send_text("x")
            with pytest.raises(ValueError):
                socket.receive_text()
        """,
        """\
        def test_left_under_a_name():
            socket = client.websocket_connect("/nowhere")  # WS401
            assert socket is not None
        """,
        """\
        def test_only_looked_at():
            session = client.websocket_connect("/")
            assert session.scope["path"] == "/"
        """,
        """\
        def test_entered_later():
            socket = client.websocket_connect("/")
            with socket:
                assert socket.receive_text() == "x"
        """,
        """\
        def test_given_away():
            somebody.enters(client.websocket_connect("/"))
        """,
    ],
    ids=lambda body: textwrap.dedent(body).partition("test_")[2].partition("(")[0],
)
def test_sessions(tmp_path: Path, body: str) -> None:
    text = STARLETTE + textwrap.dedent(body)
    assert findings(tmp_path, text) == marked(text)


ASYNC = """\
async def test():
    c = WebsocketCommunicator({app}, "/")
    {connect}
"""
PAIR = "connected, _ = await c.connect()"


def asynchronous(connect: str, *rest: str, app: str = "Chat.as_asgi()") -> str:
    return CHANNELS + ASYNC.format(connect=connect, app=app) + "".join(f"    {r}\n" for r in rest)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (asynchronous("await c.wait()", app="Chat"), asynchronous("await c.wait()")),
        (
            asynchronous("await c.connect()  # why", "await c.disconnect()"),
            asynchronous(PAIR + "  # why", "assert connected", "await c.disconnect()"),
        ),
        (
            asynchronous("assert await c.connect()", "await c.disconnect()"),
            asynchronous(PAIR, "assert connected", "await c.disconnect()"),
        ),
        (
            asynchronous(PAIR, "assert connected"),
            asynchronous(PAIR, "assert connected", "await c.disconnect()"),
        ),
        (
            asynchronous(PAIR, "assert connected", "assert c.receive_nothing()", "c.disconnect()"),
            asynchronous(
                PAIR, "assert connected", "assert await c.receive_nothing()", "await c.disconnect()"
            ),
        ),
        (
            STARLETTE
            + "def test():\n    s = client.websocket_connect('/')\n    s.send_text('x')\n",
            STARLETTE + "def test():\n    with client.websocket_connect('/') as s:\n"
            "        s.send_text('x')\n",
        ),
    ],
    ids=["WS504", "WS502 dropped", "WS502 asserted", "WS501", "WS503", "WS401"],
)
def test_fixes(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(before, encoding="utf-8")
    settings = Settings(root=str(tmp_path), preview=True, cache=False, unsafe_fixes=True)
    fixes = find_fixes([str(path)], settings)
    assert fixes.refused == ()
    assert [change.after.decode() for change in fixes.changes] == [after]


def test_a_disconnect_in_a_transaction_brings_the_keepalive(tmp_path: Path) -> None:
    text = CHANNELS + textwrap.dedent(
        """\
        @pytest.mark.django_db
        def test():
            async def talk():
                c = WebsocketCommunicator(Chat.as_asgi(), "/")
                connected, _ = await c.connect()
                assert connected

            async_to_sync(talk)()
        """
    )
    path = tmp_path / "test_it.py"
    path.write_text(text, encoding="utf-8")
    settings = Settings(root=str(tmp_path), preview=True, cache=False, unsafe_fixes=True)
    (change,) = find_fixes([str(path)], settings).changes
    after = change.after.decode()
    kept = 'with mock.patch("channels.db.close_old_connections", new=mock.Mock()):'
    assert f"        {kept}\n            await c.disconnect()\n" in after


def test_rules_in_preview_are_off(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(
        asynchronous("await c.connect()", "await c.receive_from()", "await c.disconnect()")
    )
    assert check([str(path)], Settings(root=str(tmp_path), cache=False)).findings == ()


def test_sqlite_in_memory_never_shows_a_closed_connection(tmp_path: Path) -> None:
    text = CHANNELS + textwrap.dedent(
        """\
        from waffle.testutils import override_flag


        @pytest.mark.django_db
        @override_flag("chat", active=True)
        def test():
            async def talk():
                c = WebsocketCommunicator(Chat.as_asgi(), "/")
                connected, _ = await c.connect()
                assert connected
                await c.disconnect()

            async_to_sync(talk)()
        """
    )
    path = tmp_path / "test_it.py"
    path.write_text(text, encoding="utf-8")
    for database, codes in (("unknown", ["WS101"]), ("sqlite-memory", [])):
        settings = Settings(root=str(tmp_path), test_database=database, cache=False)
        assert [finding.code for finding in check([str(path)], settings).findings] == codes
