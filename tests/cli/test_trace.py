from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from wslint.cli import main
from wslint.output.colour import Paint
from wslint.output.timeline import draw
from wslint.timeline.model import Timeline, Unfollowed

TESTS = """\
import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from starlette.testclient import TestClient
from waffle.testutils import override_flag


@pytest.mark.django_db
@override_flag("chat", active=True)
def test_chat():
    async def talk():
        communicator = WebsocketCommunicator(application, "/ws/")
        assert (await communicator.connect())[0]
        await communicator.disconnect()

    async_to_sync(talk)()


class TestBare:
    def test_two(self):
        client = TestClient(app)
        with client.websocket_connect("/a") as a, client.websocket_connect("/b") as b:
            client.post("/c")
            b.receive_json()


def helper():
    pass
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    Path("test_a.py").write_text(TESTS)


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["trace", *args])


def picture(*args: str) -> str:
    """The rows of the picture, without title and messages."""
    result = run(*args)
    assert result.exit_code == 0, result.stderr
    return result.stdout.split("\n\n")[1]


def test_override_around_a_communicator() -> None:
    assert picture("test_a.py::test_chat") == dedent(
        """\
        time                   ────────────────────────►
        Transaction            ├────────────────────┤     test_a.py:10:5
        override_flag             ├──────────────┤        test_a.py:9:2
                                  ▲ WS101
        WebsocketCommunicator        ├────────┤           test_a.py:13:23  in loop 1
        connect                         ●                 test_a.py:13:23  in loop 1
        disconnect                         ●              test_a.py:14:15  in loop 1"""
    )


def test_two_sockets_of_a_client_that_is_never_entered() -> None:
    assert picture("test_a.py::TestBare::test_two") == dedent(
        """\
        time                  ─────────────────────►
        TestClient            ○                       test_a.py:21:18  never entered
        websocket_connect #1     ├──────────────┤     test_a.py:22:14
        websocket_connect #2        ├────────┤        test_a.py:22:51
                                    ▲ WS302
        post                           ●              test_a.py:23:13
        receive_json #2                   ●           test_a.py:24:13"""
    )


@pytest.mark.parametrize(
    ("wanted", "titles"),
    [
        ("", ["test_chat (sync function)", "TestBare.test_two (sync function)"]),
        ("::test_chat", ["test_chat (sync function)"]),
        ("::test_chat[a-b]", ["test_chat (sync function)"]),
        ("::TestBare", ["TestBare.test_two (sync function)"]),
        ("::TestBare.test_two", ["TestBare.test_two (sync function)"]),
    ],
)
def test_titles_and_findings(wanted: str, titles: list[str]) -> None:
    lines = run(f"test_a.py{wanted}").stdout.splitlines()
    found = [line.partition(": ")[2] for line in lines]
    assert [title for title in found if title.endswith("function)")] == titles
    assert sum("WS" in line.split(":")[3] for line in lines if line.count(":") >= 3) >= 1


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("test_a.py::test_chap", "error: test_a.py: no test 'test_chap' (did you mean 'test_chat'"),
        ("test_a.py::helper", "error: test_a.py: no test 'helper'"),
        ("nope.py", "error: nope.py: no such file\n"),
        ("broken.py", "error: broken.py:1:5: syntax error: '(' was never closed\n"),
        ("other.py", "error: other.py: no test that a runner would collect\n"),
        (".", "error: . is a directory: give a file, or FILE::TEST\n"),
    ],
)
def test_nothing_to_trace(target: str, message: str) -> None:
    Path("broken.py").write_text("x = (\n")
    Path("other.py").write_text(TESTS)
    result = run(target)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert result.stdout == ""


def test_a_test_without_sockets() -> None:
    Path("test_b.py").write_text("def test_b():\n    assert 1\n")
    assert picture("test_b.py") == "No event relevant to any rule occurs in this test.\n"


APPLICATION = """
from fastapi import FastAPI, WebSocket

app = FastAPI()
open_rooms = []


@app.websocket("/room")
async def room(websocket: WebSocket):
    await websocket.accept()
    open_rooms.append(websocket)
    await websocket.send_text(await websocket.receive_text())
"""


def test_each_test_of_a_file_is_judged() -> None:
    """The rules ask for more of the application, which only the timeline built last can tell."""
    Path("rooms.py").write_text(APPLICATION)
    opened = "    with client.websocket_connect('/room') as room:\n        room.send_text('x')\n"
    tests = (f"def test_{name}():\n    client = TestClient(app)\n{opened}" for name in "ab")
    imports = "from fastapi.testclient import TestClient\nfrom rooms import app\n"
    Path("test_rooms.py").write_text(imports + "\n".join(tests))
    result = run("test_rooms.py")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.count("sync function") == 2


def test_unknown_parts_are_listed() -> None:
    timeline = timelines("test_a.py")[0]
    timeline.unresolved.append(Unfollowed(timeline.scopes[0].origin.place, "who knows"))
    assert "test_a.py:10:5: unknown: who knows" in draw(timeline, [], Paint())


def test_many_moments_share_columns() -> None:
    text = """\
    from starlette.testclient import TestClient
    def test_c():
        client = TestClient(app)
        with client.websocket_connect('/') as w:
            pass
    """
    text = dedent(text) + "    client.post('/')\n" * 300
    Path("test_c.py").write_text(text)
    assert max(map(len, picture("test_c.py").splitlines())) <= 100


def test_a_terminal_that_knows_only_ascii() -> None:
    import os
    import subprocess

    command = [sys.executable, "-m", "wslint", "trace", "test_a.py::test_chat"]
    variables = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    shown = subprocess.run(command, capture_output=True, check=True, env=variables).stdout
    assert b"override_flag             |--------------|        test_a.py:9:2\n" in shown


def timelines(path: str) -> list[Timeline]:
    from wslint.linking.program import Program
    from wslint.timeline.build import timelines as build
    from wslint.timeline.model import Environment
    from wslint.vocabulary import Vocabulary

    return list(build(Program(), Vocabulary({}), str(Path(path).resolve()), Environment()))


ELSEWHERE = {
    "conftest.py": """\
import pytest
from starlette.testclient import TestClient


@pytest.fixture
def client():
    return TestClient(app)
""",
    "a/long/way/down/helpers.py": """\
def talk(client):
    with client.websocket_connect("/a") as socket:
        client.post("/a")
""",
    "a/long/way/down/test_d.py": """\
from .helpers import talk


def test_d(client):
    talk(client)
""",
}
DOWN = "a/long/way/down/test_d.py"


@pytest.fixture
def elsewhere(here: None) -> None:
    for name, text in ELSEWHERE.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)
    Path("a/long/way/down/__init__.py").touch()


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (
            100,
            """\
    time               ────────────►
    TestClient         ○              conftest.py:7:12  never entered  fixture client
                       ▲ WS301
    websocket_connect     ├─────┤     a/long/way/down/helpers.py:2:10  from line 5
    post                     ●        a/long/way/down/helpers.py:3:9  from line 5""",
        ),
        (
            70,
            """\
    time               ────────────►
    TestClient         ○              conftest.py:7:12  never entered
                       ▲ WS301
    websocket_connect     ├─────┤     a/long/way/down/helpers.py:2:10
    post                     ●        a/long/way/down/helpers.py:3:9""",
        ),
        (
            50,
            """\
    time               ────►
    TestClient         ○      …test.py:7:12  never entered
                       ▲ WS301
    websocket_connect   ├─┤   …/down/helpers.py:2:10
    post                 ●    …/down/helpers.py:3:9""",
        ),
        (
            200,
            """\
    time               ────────────────────────►
    TestClient         ○                          conftest.py:7:12  never entered  fixture client
                       ▲ WS301
    websocket_connect        ├───────────┤        a/long/way/down/helpers.py:2:10  from line 5
    post                           ●              a/long/way/down/helpers.py:3:9  from line 5""",
        ),
    ],
)  # fmt: skip
def test_places_in_other_files_at_every_width(
    elsewhere: None, monkeypatch: pytest.MonkeyPatch, width: int, expected: str
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    assert picture(DOWN) == dedent(expected)
    assert all(len(line) <= max(width, 54) for line in picture(DOWN).splitlines())


def test_colours(elsewhere: None) -> None:
    rows = picture("--color", "always", DOWN).splitlines()
    assert rows[1].startswith("TestClient         \x1b[1;31m○\x1b[0m    ")  # what is found
    assert "\x1b[1mconftest.py\x1b[0m:7:12" in rows[1]
    assert "\x1b[1;31m▲ WS301\x1b[0m" in rows[2]
    assert "\x1b[1;34m├─────┤\x1b[0m" in rows[3]
    chat = picture("--color", "always", "test_a.py::test_chat").splitlines()
    assert "\x1b[1;33m├" in chat[1]
    assert "\x1b[2mtest_a.py\x1b[0m:10:5" in chat[1]
    assert "\x1b[1;31m├" in chat[2]


@pytest.mark.parametrize("command", ["trace", "check", "fix"])
@pytest.mark.parametrize(
    ("variables", "option", "coloured"),
    [
        ({}, [], False),
        ({}, ["--color", "auto"], False),
        ({}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
        ({"NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, ["--color", "auto"], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
    ],
)
def test_when_to_use_colours(
    command: str, variables: dict[str, str], option: list[str], coloured: bool
) -> None:
    result = CliRunner(env=variables).invoke(main, [command, *option, "test_a.py"], color=True)
    assert "\x1b[1;31mWS" in result.stdout if coloured else "\x1b" not in result.stdout


def test_a_file_gets_no_colours() -> None:
    args = ["check", "--color", "always", "--output-format", "full:out.txt", "test_a.py"]
    CliRunner().invoke(main, args)
    assert "\x1b" not in Path("out.txt").read_text()
    assert CliRunner().invoke(main, ["check", "--color", "maybe"]).exit_code == 2
