"""Small projects as text, and what wslint says about them.

A project is one text. ``--- path`` starts another file; what stands before the first is
``test_app.py``. The comment ``# WS301`` on a line says that this finding, and no other, must point
there. (WS412 and WS502 are left out: how a loop ends and what a connect gives is of no interest.)
``HAZARD client`` stands for an HTTP call while a socket of ``client`` is open, to be found;
``CLEAN client`` for the same lines, not to be found. ``TALK`` drives a communicator through
``async_to_sync``.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest

from wslint.config.settings import Selection, Settings
from wslint.linking.program import Program
from wslint.run import check as engine
from wslint.timeline.build import timelines
from wslint.timeline.model import Environment, Timeline
from wslint.vocabulary import Vocabulary

HEADER = """\
import asyncio, contextlib, functools, threading, unittest
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from unittest import mock
from unittest.mock import patch
import pytest
import pytest_asyncio
from asgiref.sync import async_to_sync, sync_to_async
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import SimpleTestCase, TestCase, TransactionTestCase
from starlette.testclient import TestClient
from waffle.testutils import override_flag, override_sample, override_switch
from server import ChatConsumer, app
"""
SERVER = """\
from channels.generic.websocket import AsyncWebsocketConsumer
from starlette.applications import Starlette
app = Starlette()
class ChatConsumer(AsyncWebsocketConsumer):
    pass
"""
BY_HAND = ("WS305", "WS307")
"""The projects say ``client.__enter__()`` for an entered client, and leave it to nobody."""
_FILE = re.compile(r"^--- (\S+)\n", re.MULTILINE)
_USE = re.compile(r"^( *)(HAZARD|CLEAN) (.+)$", re.MULTILINE)
_TALK = re.compile(r"^( *)TALK$", re.MULTILINE)
_CODE = re.compile(r"WS\d{3}")

Mark = tuple[str, int, str]


def project(text: str) -> dict[str, str]:
    """Split a text into its files, spell its short forms out, and add what all of them need."""
    first, *rest = _FILE.split("\n" + textwrap.dedent(text).lstrip("\n"))
    files = {"test_app.py": first.lstrip("\n"), **dict(zip(rest[::2], rest[1::2], strict=True))}
    for name, body in files.items():
        spelled = _TALK.sub(_talk, _USE.sub(_use, body))
        header = HEADER if name.rpartition("/")[2] in ("test_app.py", "conftest.py") else ""
        files[name] = header + spelled
    files.setdefault("server.py", SERVER)
    return files


def _use(match: re.Match[str]) -> str:
    indent, kind, client = match.groups()
    mark = "  # WS301" if kind == "HAZARD" else ""
    return (
        f'{indent}with {client}.websocket_connect("/ws") as socket:\n'
        f'{indent}    {client}.post("/orders", json={{}}){mark}\n'
        f"{indent}    assert socket.receive_json()"
    )


def _talk(match: re.Match[str]) -> str:
    lines = (
        "async def talk():",
        '    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")',
        "    connected, _ = await communicator.connect()",
        "    assert connected",
        "    await communicator.disconnect()",
        "async_to_sync(talk)()",
    )
    return "\n".join(match.group(1) + line for line in lines)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files, and a mark that makes the folder the top of a checkout."""
    (folder / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def expected(files: dict[str, str]) -> set[Mark]:
    """Return the findings that comments ask for."""
    return {
        (name, number, code)
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        for code in _CODE.findall(line.partition("# ")[2])
    }


def found(folder: Path) -> set[Mark]:
    """Return the findings in a folder."""
    settings = Settings(selections=(Selection(ignore=(*BY_HAND, "WS412", "WS502")),))
    report = engine.check([str(folder)], settings)
    assert not report.errors, report.errors[0].detail
    return {
        (Path(f.path).relative_to(folder).as_posix(), f.span.line, f.code) for f in report.findings
    }


def judge(folder: Path, text: str) -> None:
    """Write a project and compare what is found with what its comments ask for."""
    files = project(text)
    write(folder, files)
    wanted, seen = expected(files), found(folder)
    assert seen == wanted, _difference(files, wanted - seen, seen - wanted)


def _difference(files: dict[str, str], missed: set[Mark], false: set[Mark]) -> str:
    lines = [
        f"{word} {code} at {name}:{number}: {files[name].splitlines()[number - 1].strip()}"
        for word, marks in (("missed", missed), ("false", false))
        for name, number, code in sorted(marks)
    ]
    return "\n".join(lines)


def trace(folder: Path, text: str, name: str = "test_app.py") -> dict[str, Timeline]:
    """Write a project and give the timelines of one of its files, by test."""
    write(folder, project(text))
    made = timelines(Program(), Vocabulary(), str(folder / name), Environment())
    return {timeline.test.qualname: timeline for timeline in made}


def parametrize(cases: dict[str, str]) -> pytest.MarkDecorator:
    """Run a test with each of the named projects, as ``text``."""
    return pytest.mark.parametrize("text", list(cases.values()), ids=list(cases))
