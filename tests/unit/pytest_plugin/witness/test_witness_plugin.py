"""The options of the witness, its summary and its report, with and without pytest-xdist."""

from __future__ import annotations

import json

import pytest
from warm import run_warm

from wslint.output.witness import read_witness

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.usefixtures("only_this_plugin")

TESTS = """\
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient


async def echo(websocket):
    await websocket.accept()
    await websocket.send_text(await websocket.receive_text())


app = Starlette(routes=[WebSocketRoute("/", echo)])


def test_dropped():
    TestClient(app).websocket_connect("/")


def test_not_entered():
    TestClient(app).websocket_connect("/").receive_text()


def test_fine():
    with TestClient(app) as client, client.websocket_connect("/") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"
"""
SILENT = "def test_it():\n    pass\n"
QUIET = (
    *("-p", "no:cacheprovider", "-p", "no:django", "-p", "no:hypothesispytest"),
    *("-W", "ignore"),
)


@pytest.mark.parametrize("arguments", [(), ("-n", "2")], ids=["", "xdist"])
def test_summary_and_report(pytester: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    pytester.makepyfile(tests="", test_chat=TESTS)
    result = pytester.runpytest_subprocess(*QUIET, *arguments, "--wslint-witness-report", "w.json")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*= wslint witness =*"])
    for line, test in ((16, "test_dropped"), (20, "test_not_entered")):
        message = "WS401 a session of `websocket_connect()` was never entered*"
        lines = [f"test_chat.py:{line}: {message}", f"    in test_chat.py::{test}"]
        result.stdout.fnmatch_lines(lines, consecutive=True)
    result.stdout.no_fnmatch_line("*test_fine*")
    document = json.loads((pytester.path / "w.json").read_text())
    assert (document["version"], document["rootdir"], document["off"]) == (1, ".", [])
    assert {entry["rule"] for entry in document["seen"]} == {"WS401"}
    assert len(read_witness(str(pytester.path / "w.json"))) == 2


def test_the_explanation_has_a_line_more(pytester: pytest.Pytester) -> None:
    source = TESTS.replace(
        "def test_not_entered():\n", "def test_not_entered(timed=0.1):\n"
    ).replace('"/").receive_text()', '"/", timeout=1).receive_text()')
    pytester.makepyfile(test_chat=source)
    seen = "Seen in this test: WS404 in line 20"
    run_warm(pytester, *QUIET, "--wslint-witness").stdout.fnmatch_lines([seen])
    run_warm(pytester, *QUIET).stdout.no_fnmatch_line(seen)


def test_nothing_to_see(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SILENT)
    result = run_warm(pytester, *QUIET, "--wslint-witness")
    result.stdout.fnmatch_lines(["*= wslint witness =*", "no hazard was seen"])
    result.stdout.no_fnmatch_line("off: *")


def test_a_report_that_cannot_be_written(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(SILENT)
    result = run_warm(pytester, *QUIET, "--wslint-witness-report", "missing/w.json")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["off: *w.json cannot be written: No such file or directory"])


def test_a_missing_name_is_said_once(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import asyncio.mixins, starlette.testclient\n"
        "asyncio.mixins._LoopBoundMixin = None\n"
        "del starlette.testclient.WebSocketTestSession.send\n"
    )
    pytester.makepyfile(SILENT, test_more=SILENT)
    result = run_warm(pytester, *QUIET, "--wslint-witness")
    result.assert_outcomes(passed=2)
    lines = [line for line in result.outlines if line.startswith("off: ")]
    assert lines == [
        "off: counts: starlette.testclient has no WebSocketTestSession.send",
        "off: used_after_its_end: starlette.testclient has no WebSocketTestSession.send",
        "off: foreign_object: asyncio.mixins has no _LoopBoundMixin._get_loop",
    ]
