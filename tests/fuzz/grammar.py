"""Random test files: everything relevant to rules, nested at random."""

# ruff: noqa: E501 - a list is easier to read in few lines

from __future__ import annotations

from hypothesis import strategies as st

IMPORTS = """\
import asyncio, threading
from contextlib import ExitStack, asynccontextmanager, contextmanager
from unittest import TestCase, IsolatedAsyncioTestCase, mock

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from channels.testing import ChannelsLiveServerTestCase, WebsocketCommunicator, HttpCommunicator
from django.test import TransactionTestCase, override_settings
from fastapi import FastAPI, WebSocket
from starlette.testclient import TestClient
from waffle.testutils import override_flag, override_switch

from app import Item, app, consumer

"""
NAMES = ("client", "ws", "communicator", "a", "b", "helper", "fixture_one", "fixture_two", "self.x")
ATOMS = (
    *NAMES, "app", "1", "'x'", "None", "...", "TestClient(app)", "TestClient", "get_channel_layer()",
    "WebsocketCommunicator(consumer, '/ws')", "WebsocketCommunicator(consumer.as_asgi(), '/ws')",
    "override_flag('f', active=True)", "override_switch('s', True)", "app.websocket_connect",
    "mock.patch('django.db.close_old_connections')", "ExitStack()", "Item.objects.create()",
    "list(Item.objects.all())", "b'\\xff'", "f'{a}'", "(yield)", "self", "request",
)  # fmt: skip
CALLS = (
    "{0}.websocket_connect({1})", "{0}.post({1})", "{0}.connect()", "{0}.disconnect()",
    "{0}.receive_json()", "{0}.send_json_to({1})", "{0}.receive_nothing(timeout={1})",
    "{0}.connect(timeout={1})", "{0}.__enter__()", "{0}.enter_context({1})", "{0}({1})",
    "async_to_sync({0})({1})", "sync_to_async({0})({1})", "asyncio.run({0})",
    "asyncio.gather({0}, {1})", "asyncio.wait_for({0}, 1)", "threading.Thread(target={0})",
    "await {0}", "await {0}.connect()", "await {0}.disconnect()", "{0}[{1}]", "{0}.{1}",
    "({0}, {1})", "[{0}, {1}]", "{{{0}: {1}}}", "{0} if {1} else a", "lambda: {0}", "{0} and {1}",
    "[{0} for a in {1}]", "({0} := {1})", "{0} == {1}", "*{0}", "not {0}", "request.getfixturevalue({0})",
    "get_channel_layer().group_send({0}, {1})", "database_sync_to_async({0})()", "pytest.raises({0})",
)  # fmt: skip
DECORATORS = (
    "@override_flag('f', active=True)", "@override_switch('s', True)", "@async_to_sync",
    "@sync_to_async", "@pytest.fixture", "@pytest.fixture(autouse=True, scope='module')",
    "@pytest.fixture(name='a', params=[1, 2])", "@pytest.mark.asyncio", "@contextmanager",
    "@asynccontextmanager", "@pytest.mark.django_db(transaction=True)", "@pytest.mark.usefixtures('a')",
    "@mock.patch('channels.db.close_old_connections')", "@staticmethod", "@classmethod", "@helper",
    "@app.websocket('/ws')", "@app.post('/')", "@pytest.mark.parametrize('a', [1, TestClient(app)])",
    "@helper(TestClient(app))",
)  # fmt: skip
HEADS = (
    "with {0}:", "with {0} as ws:", "with {0} as client, {1} as ws:", "async with {0} as a:",
    "with ({0} as client,\n{i}      {1}):", "if {0}:", "for a in {0}:", "async for b in {0}:",
    "while {0}:", "try:", "def helper(a, client=None):", "async def inner():", "match {0}:",
)  # fmt: skip
SMALL = (
    "{0}", "{0}", "client = {0}", "ws = {0}", "communicator = {0}", "a, b = {0}, {1}", "return {0}",
    "yield {0}", "assert {0}", "connected, _ = await {0}.connect()", "self.x = {0}", "raise {0}",
    "del {0}", "a += {0}", "pass", "import app as b", "global client", "# comment", "'''text'''",
    "{0}; {1}", "self.addCleanup({0})", "with {0}: {1}", "if {0}: {1}", "a: int = {0}  # type: int",
    "b = {0}  # noqa: WS301", "ws = ({0}  # inside\n{i}    )",
)  # fmt: skip
FUNCTIONS = (
    "test_it", "test_other", "test_it", "fixture_one", "fixture_two", "client", "ws", "helper",
    "setUp", "tearDown", "setup_method", "pytestmark", "a",
)  # fmt: skip
PARAMETERS = (
    "",
    "client",
    "ws, client",
    "fixture_one",
    "fixture_two, a=1",
    "*args, **kwargs",
    "request",
)
BASES = ("", "(TestCase)", "(IsolatedAsyncioTestCase)", "(TransactionTestCase)", "(TestOther)",
         "(TestIt)", "(ChannelsLiveServerTestCase)", "(WebsocketCommunicator)", "(TestClient)")  # fmt: skip


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    """Return an expression."""
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(ATOMS))
    parts = [draw(expressions(depth - 1)) for _ in range(2)]
    return draw(st.sampled_from(CALLS)).format(*parts)


@st.composite
def blocks(draw: st.DrawFn, indent: str, depth: int = 3) -> list[str]:
    """Return the lines of a block."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        parts = [draw(expressions(2)) for _ in range(2)]
        if depth and draw(st.integers(0, 2)) == 0:
            head = draw(st.sampled_from(HEADS)).format(*parts, i=indent)
            inner = draw(blocks(indent + "    ", depth - 1))
            if head.startswith("match"):
                inner = [f"{indent}    case _:", *("    " + line for line in inner)]
            lines += [indent + head, *inner]
            if head == "try:":
                lines += [f"{indent}finally:", *draw(blocks(indent + "    ", 0))]
        else:
            lines.append(indent + draw(st.sampled_from(SMALL)).format(*parts, i=indent))
    return [*lines, f"{indent}pass"] if draw(st.integers(0, 5)) else lines


@st.composite
def functions(draw: st.DrawFn, indent: str = "", first: str = "") -> list[str]:
    """Return the lines of a function with its decorators."""
    lines = [indent + each for each in draw(st.lists(st.sampled_from(DECORATORS), max_size=3))]
    kind = draw(st.sampled_from(["def", "def", "async def"]))
    name = draw(st.sampled_from(FUNCTIONS))
    parameters = ", ".join(filter(None, (first, draw(st.sampled_from(PARAMETERS)))))
    return [*lines, f"{indent}{kind} {name}({parameters}):", *draw(blocks(indent + "    ")), ""]


@st.composite
def sources(draw: st.DrawFn) -> bytes:
    """Return the bytes of a test file; not all of them are Python."""
    lines: list[str] = []
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.integers(0, 3)):
            lines += draw(functions())
        else:
            lines += draw(st.lists(st.sampled_from(DECORATORS[:2]), max_size=1))
            lines.append(f"class {draw(st.sampled_from(['TestIt', 'TestOther']))}"
                         f"{draw(st.sampled_from(BASES))}:")  # fmt: skip
            for _ in range(draw(st.integers(1, 3))):
                lines += draw(functions("    ", "self"))
    text = IMPORTS + "\n".join(lines)
    newline = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]))
    return text.replace("\n", newline).encode()


@st.composite
def mutants(draw: st.DrawFn, sources: tuple[bytes, ...]) -> bytes:
    """Return a source with some bytes or lines removed, doubled, moved or replaced."""
    data = draw(st.sampled_from(sources))
    for _ in range(draw(st.integers(1, 4))):
        by_lines = draw(st.booleans())
        parts = data.splitlines(keepends=True) if by_lines else [bytes([byte]) for byte in data]
        if not parts:
            break
        start = draw(st.integers(0, len(parts) - 1))
        end = min(len(parts), start + draw(st.integers(1, 6)))
        taken = parts[start:end]
        to = draw(st.integers(0, len(parts) - 1))
        how = draw(st.integers(0, 4))
        if how == 0:
            del parts[start:end]
        elif how == 1:
            parts[to:to] = taken
        elif how == 2:
            del parts[start:end]
            parts[to:to] = taken
        elif how == 3:
            parts[start:end] = [b"    " + part for part in taken]
        else:
            parts[start:end] = [draw(st.binary(min_size=1, max_size=3))]
        data = b"".join(parts)
    return data
