"""Measures the language server as an editor sees it: from an edit to its diagnostics.

    python -m benchmarks.editor              # half a minute
    python -m benchmarks.editor --edits 1000

Wall times are those of the client. CPU times are those of the server, which a busy machine changes
less. All edits leave code that can be parsed: the others cost little.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# longer than the server waits for further edits
PAUSE = 0.15
OPEN_FILES = 50
APP = """\
from starlette.applications import Starlette
from starlette.routing import Route, WebSocketRoute


async def chat(websocket):
    await websocket.accept()
    async for message in websocket.iter_text():
        await websocket.send_text(message)


def orders(request):
    return None


app = Starlette(routes=[WebSocketRoute("/chat", chat), Route("/orders", orders, methods=["POST"])])
"""
TOP_CONFTEST = """\
import pytest
from starlette.testclient import TestClient

from app import app


@pytest.fixture
def client():
    return TestClient(app)


@pytest.fixture
def entered():
    with TestClient(app) as client:
        yield client
"""
MIDDLE_CONFTEST = """\
import pytest

from helpers import joined


@pytest.fixture
def room(entered):
    with joined(entered, "room") as socket:
        yield socket
"""
NEAR_CONFTEST = """\
import pytest


@pytest.fixture
def named(room):
    room.send_text("name")
    assert room.receive_text() == "name"
    return room
"""
HELPERS = """\
from contextlib import contextmanager


@contextmanager
def joined(client, name):
    with client.websocket_connect("/chat") as socket:
        socket.send_text(name)
        assert socket.receive_text() == name
        yield socket
"""
HEAD = """\
from channels.testing import WebsocketCommunicator

from app import app
from helpers import joined


"""
# with a hazard each, except the last two
TESTS = (
    """\
def test_order_{0}(client):
    with client.websocket_connect("/chat") as socket:
        client.post("/orders", json={{"number": {0}}})
        socket.send_text("{0}")
        assert socket.receive_text() == "{0}"
""",
    """\
def test_two_{0}(client):
    with client.websocket_connect("/chat") as one:
        with client.websocket_connect("/chat") as two:
            one.send_text("{0}")
            assert one.receive_text() == "{0}"
            two.send_text("enough")
""",
    """\
async def test_connected_{0}():
    communicator = WebsocketCommunicator(app, "/chat")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.send_to(text_data="{0}")
    assert await communicator.receive_from() == "{0}"
""",
    """\
def test_joined_{0}(entered):
    with joined(entered, "{0}") as socket:
        socket.send_text("{0}")
        for _ in range(3):
            if socket.receive_text() == "{0}":
                break
        else:
            raise AssertionError("nobody said {0}")
""",
    """\
def test_named_{0}(named, entered):
    number = {0}
    named.send_text(str(number))
    response = entered.post("/orders", json={{"number": number}})
    assert response.status_code == 200
    assert named.receive_text() == str(number)
""",
)
Message = dict[str, Any]


def test_file(tests: int, hazards: int) -> str:
    """Return a test file; its hazards are spread over it."""
    parts: list[str] = []
    for number in range(tests):
        bad = number * hazards // tests != (number + 1) * hazards // tests
        parts.append(TESTS[number % 3 if bad else 3 + number % 2].format(number))
    return HEAD + "\n\n".join(parts)


class Editor:
    """A client that sends one message after the other."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wslint", "server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
        )
        self._versions: dict[Path, int] = {}
        self._request("initialize", {
            "capabilities": {"textDocument": {"publishDiagnostics": {"versionSupport": True}}},
            "workspaceFolders": [{"uri": folder.as_uri(), "name": "project"}],
        })  # fmt: skip
        self._send("initialized", {})

    def open(self, path: Path) -> int:
        """Open a file; return the number of its diagnostics."""
        self._versions[path] = 1
        item = {
            "uri": path.as_uri(),
            "languageId": "python",
            "version": 1,
            "text": path.read_text(),
        }
        self._send("textDocument/didOpen", {"textDocument": item})
        return self.diagnostics(path)

    def change(self, path: Path, at: tuple[int, int], end: tuple[int, int], text: str) -> None:
        """Replace a range of an open file."""
        self._versions[path] += 1
        span = [{"line": line, "character": column} for line, column in (at, end)]
        self._send("textDocument/didChange", {
            "textDocument": {"uri": path.as_uri(), "version": self._versions[path]},
            "contentChanges": [{"range": {"start": span[0], "end": span[1]}, "text": text}],
        })  # fmt: skip

    def diagnostics(self, *paths: Path) -> int:
        """Wait for the next diagnostics of files; return the number of the last ones."""
        awaited = {path.as_uri(): self._versions[path] for path in paths}
        for message in self._received():
            params = message.get("params") or {}
            if "diagnostics" in params and awaited.get(params["uri"]) == params["version"]:
                del awaited[params["uri"]]
                if not awaited:
                    return len(params["diagnostics"])
        raise EOFError

    def close(self) -> None:
        """End the server."""
        self._request("shutdown", None)
        self._send("exit", None)
        self._process.wait()

    @property
    def cpu(self) -> float:
        """The seconds that the server has computed so far."""
        tasks = Path(f"/proc/{self._process.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    @property
    def megabytes(self) -> float:
        """The memory that the server uses now."""
        pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 2**20

    def _request(self, method: str, params: object) -> None:
        self._send(method, params, id="request")
        next(message for message in self._received() if message.get("id") == "request")

    def _send(self, method: str, params: object, **more: str) -> None:
        assert self._process.stdin is not None
        data = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, **more}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self._process.stdin.flush()

    def _received(self) -> Iterator[Message]:
        stream = self._process.stdout
        assert stream is not None
        while line := stream.readline():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif not line.strip():
                yield json.loads(stream.read(length))


class Times:
    """The wall and CPU times of repeated edits, in milliseconds."""

    def __init__(self, editor: Editor) -> None:
        self._editor = editor
        self._wall: list[float] = []
        self._cpu: list[float] = []

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Measure an edit up to its diagnostics, and what the server computes for it."""
        cpu, began = self._editor.cpu, time.perf_counter()
        yield
        self._wall.append((time.perf_counter() - began) * 1000)
        time.sleep(PAUSE)
        self._cpu.append((self._editor.cpu - cpu) * 1000)

    def __str__(self) -> str:
        return f"wall {_figures(self._wall)}; CPU {_figures(self._cpu)}"


def _figures(times: list[float]) -> str:
    ordered = sorted(times)
    low, high = statistics.median(ordered), ordered[len(ordered) * 95 // 100]
    return f"median {low:.0f} ms, 95th percentile {high:.0f} ms"


def project(folder: Path) -> Path:
    """Write a project with three levels of conftest.py; return the folder of its tests."""
    near = folder / "tests" / "chat" / "rooms"
    near.mkdir(parents=True)
    for path, text in {
        folder / "wslint.toml": "",
        folder / "app.py": APP,
        folder / "helpers.py": HELPERS,
        folder / "tests/conftest.py": TOP_CONFTEST,
        folder / "tests/chat/conftest.py": MIDDLE_CONFTEST,
        near / "conftest.py": NEAR_CONFTEST,
        near / "test_rooms.py": test_file(60, 30),
    }.items():
        path.write_text(text)
    return near


def edit_test(folder: Path, edits: int) -> None:
    """Edit a test file of 500 lines with 30 hazards."""
    test = project(folder) / "test_rooms.py"
    lines = test.read_text().splitlines()
    editor = Editor(folder)
    found = editor.open(test)
    print(f"a test file of {len(lines)} lines with {found} hazards, {edits} edits")
    chance = random.Random(1)
    strings = [
        (number, line.rindex('"'))
        for number, line in enumerate(lines)
        if line.startswith(" ") and '"' in line
    ]
    bodies = [number + 1 for number, line in enumerate(lines) if "def test_" in line]
    character, line = Times(editor), Times(editor)
    memory: list[float] = []
    for number in range(edits // 4):
        at = chance.choice(strings)
        body = chance.choice(bodies)
        for times, start, end, text in (
            (character, at, at, "x"),
            (character, at, (at[0], at[1] + 1), ""),
            (line, (body, 0), (body, 0), "    assert True\n"),
            (line, (body, 0), (body + 1, 0), ""),
        ):
            with times.measured():
                editor.change(test, start, end, text)
                editor.diagnostics(test)
        if number % max(edits // 40, 1) == 0:
            memory.append(editor.megabytes)
    print(f"  a character: {character}")
    print(f"  a line more or less: {line}")
    print("  memory in MB:", *(f"{each:.1f}" for each in (*memory, editor.megabytes)))
    editor.close()


def edit_conftest(folder: Path, edits: int) -> None:
    """Edit a conftest.py that 50 open test files use."""
    near = project(folder)
    tests = [near / f"test_{number:02}.py" for number in range(OPEN_FILES)]
    conftest = folder / "tests" / "conftest.py"
    editor = Editor(folder)
    editor.open(conftest)
    for test in tests:
        test.write_text(test_file(6, 3))
        editor.open(test)
    # the hazards of the fixture go and come
    line = TOP_CONFTEST.splitlines().index("    return TestClient(app)")
    texts = (
        "    return TestClient(app)\n",
        "    with TestClient(app) as client:\n        yield client\n",
    )
    times = Times(editor)
    for number in range(edits):
        before, after = texts[number % 2], texts[(number + 1) % 2]
        with times.measured():
            editor.change(conftest, (line, 0), (line + before.count("\n"), 0), after)
            editor.diagnostics(*tests)
    print(f"the conftest.py of {OPEN_FILES} open test files, {edits} edits\n  {times}")
    editor.close()


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.editor", description=__doc__)
    parser.add_argument("--edits", type=int, default=200)
    options = parser.parse_args()
    for measure, edits in ((edit_test, options.edits), (edit_conftest, 20)):
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder).resolve(), edits)


if __name__ == "__main__":
    main()
