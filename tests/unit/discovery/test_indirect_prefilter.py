"""The indirect prefilter: tests that reach a socket only through another file."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent
from time import process_time

import pytest

from wslint.config.settings import Settings
from wslint.discovery.indirect_prefilter import (
    Memory,
    NameIndex,
    _fixtures,
    _imported_words,
    _TestCode,
)
from wslint.discovery.prefilter import Prefilter, imports, plugins
from wslint.discovery.walk import Candidate
from wslint.project.layout import Layout
from wslint.run.check import check

CLIENT = """
    import pytest
    from starlette.testclient import TestClient
    from shop import app

    @pytest.fixture
    def client():
        return TestClient(app)
"""
HELPER = """
    from contextlib import contextmanager

    def open_room(client):
        return client.websocket_connect("/room")

    @contextmanager
    def joined_room(client):
        with open_room(client) as socket:
            yield socket

    class Room:
        def __init__(self, client):
            self.client = client

        def join(self):
            return self.client.websocket_connect("/room")
"""
USE = """
    from {module} import joined_room

    def test_told(client):
        with joined_room(client) as socket:
            client.post("/tell")
"""

PROJECTS = {
    "a helper in a module": {
        "tests/conftest.py": CLIENT,
        "tests/rooms.py": HELPER,
        "tests/test_it.py": USE.format(module="rooms"),
    },
    "a helper beside the tests, in no folder of tests": {
        "conftest.py": CLIENT,
        "rooms.py": HELPER,
        "test_it.py": USE.format(module="rooms"),
    },
    "a helper that is re-exported by a package": {
        "tests/conftest.py": CLIENT,
        "tests/support/__init__.py": "from .rooms import joined_room\n",
        "tests/support/rooms.py": HELPER,
        "tests/test_it.py": USE.format(module="support"),
    },
    "a helper that is re-exported by a star": {
        "tests/conftest.py": CLIENT,
        "tests/support/__init__.py": "from .rooms import *\n",
        "tests/support/rooms.py": HELPER,
        "tests/test_it.py": USE.format(module="support"),
    },
    "a helper of a helper": {
        "tests/conftest.py": CLIENT,
        "tests/rooms.py": HELPER,
        "tests/talks.py": """
            from contextlib import contextmanager
            from rooms import open_room

            @contextmanager
            def talk(client):
                with open_room(client) as socket:
                    yield socket
        """,
        "tests/test_it.py": """
            import talks

            def test_told(client):
                with talks.talk(client):
                    client.post("/tell")
        """,
    },
    "a method of a class": {
        "tests/conftest.py": CLIENT,
        "tests/rooms.py": HELPER,
        "tests/test_it.py": """
            from rooms import Room

            def test_told(client):
                room = Room(client)
                with room.join():
                    client.post("/tell")
        """,
    },
    "a fixture that is asked for": {
        "tests/conftest.py": CLIENT
        + """
    @pytest.fixture
    def room(client):
        with client.websocket_connect("/room") as socket:
            yield socket
        """,
        "tests/api/test_it.py": """
            def test_told(client, room):
                client.post("/tell")
        """,
    },
    "a fixture that is not requested": {
        "tests/conftest.py": CLIENT
        + """
    @pytest.fixture(autouse=True)
    def room(client):
        with client.websocket_connect("/room") as socket:
            yield socket
        """,
        "tests/api/test_it.py": """
            def test_told(client):
                client.post("/tell")
        """,
    },
    "a fixture with another name": {
        "tests/conftest.py": CLIENT
        + """
    @pytest.fixture(name="room")
    def opened_room(client):
        with client.websocket_connect("/room") as socket:
            yield socket
        """,
        "tests/api/test_it.py": """
            def test_told(client, room):
                client.post("/tell")
        """,
    },
    "a fixture of a plugin": {
        "conftest.py": "pytest_plugins = ['tests.fixtures.rooms']",
        "tests/fixtures/rooms.py": CLIENT
        + """
    @pytest.fixture
    def room(client):
        with client.websocket_connect("/room") as socket:
            yield socket
        """,
        "tests/api/test_it.py": """
            def test_told(client, room):
                client.post("/tell")
        """,
    },
    "a base class": {
        "tests/base.py": """
            import unittest
            from starlette.testclient import TestClient
            from shop import app

            class RoomCase(unittest.TestCase):
                def setUp(self):
                    self.client = TestClient(app)
                    self.socket = self.client.websocket_connect("/room")
                    self.socket.__enter__()
                    self.addCleanup(self.socket.__exit__, None, None, None)
        """,
        "tests/test_it.py": """
            from base import RoomCase

            class TellTests(RoomCase):
                def test_told(self):
                    self.client.post("/tell")
        """,
    },
}


def write(folder: Path, files: dict[str, str]) -> None:
    (folder / ".git").mkdir()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))


def found(*paths: Path) -> list[tuple[str, str]]:
    root = str(paths[0])
    report = check([str(path) for path in paths], Settings(cache=False, root=root))
    assert not report.errors
    return [(os.path.basename(finding.path), finding.code) for finding in report.findings]


@pytest.mark.parametrize("name", PROJECTS)
def test_is_found_in_a_folder(tmp_path: Path, name: str) -> None:
    write(tmp_path, PROJECTS[name])
    assert found(tmp_path) == [("test_it.py", "WS301")]


@pytest.mark.parametrize("name", ["a helper in a module", "a fixture that is asked for"])
def test_is_found_in_a_file_given_by_name(tmp_path: Path, name: str) -> None:
    write(tmp_path, PROJECTS[name])
    (path,) = tmp_path.glob("tests/**/test_it.py")
    assert found(path) == [("test_it.py", "WS301")]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are judged."""
    from wslint.run import judge

    names: list[str] = []
    judge_file = judge.judge_file

    def spy(source, *rest):
        names.append(os.path.basename(source.path))
        return judge_file(source, *rest)

    monkeypatch.setattr(judge, "judge_file", spy)
    return names


def test_file_is_not_judged_where_nothing_leads_there(tmp_path: Path, judged: list[str]) -> None:
    files = {**PROJECTS["a helper in a module"], "tests/test_other.py": "def test_it(): pass\n"}
    write(tmp_path, files)
    found(tmp_path)
    assert judged == ["rooms.py", "test_it.py"]


def test_sockets_of_other_libraries_lead_nowhere(tmp_path: Path, judged: list[str]) -> None:
    files = {
        "tests/sessions.py": "async def dial(http): return await tornado.websocket_connect(http)\n",
        "tests/test_it.py": "from sessions import dial\nasync def test_it(http): dial(http)\n",
    }
    write(tmp_path, files)
    assert found(tmp_path) == []
    assert judged == ["sessions.py"]


def test_a_file_that_passes_the_prefilter_is_judged_once(tmp_path: Path, judged: list[str]) -> None:
    """Even though the indirect prefilter finds it as well."""
    again = "\n\n    def test_more(client):\n        client.websocket_connect('/')\n"
    files = {**PROJECTS["a helper in a module"]}
    files["tests/test_it.py"] += again
    write(tmp_path, files)
    found(tmp_path)
    assert judged == ["rooms.py", "test_it.py"]


def test_test_code_of_a_project(tmp_path: Path) -> None:
    files = ["conftest.py", "shop/app.py", "shop/test_app.py", "tests/rooms.py", "tests/deep/x.py",
             "tests.py", "lone/a.py", "lone/b_spec.py", "lone/more/test_a.py",
             "inner/tests/test_a.py", "inner0.py"]  # fmt: skip
    others = {
        "pytest.ini": "[pytest]\npython_files = test_*.py *_spec.py\n",
        "inner/pytest.ini": "[pytest]\n",
        "inner/.git/HEAD": "",
    }
    write(tmp_path, {**dict.fromkeys(files, "x = 1\n"), **others})
    candidates = [Candidate(str(tmp_path / name), False) for name in files]
    code = _TestCode(candidates, Layout(), {str(tmp_path / "shop/test_app.py")})

    def names(found: Iterable[Candidate]) -> list[str]:
        return [os.path.relpath(one.path, tmp_path) for one in found]

    inner = ["inner/tests/test_a.py"]
    assert names(code.of(str(tmp_path / "inner"))) == inner
    own = ["conftest.py", "lone/b_spec.py", "lone/more/test_a.py", "tests.py", "tests/deep/x.py",
           "tests/rooms.py"]  # fmt: skip
    assert names(code.of(str(tmp_path))) == own
    assert names(code.in_folder(str(tmp_path / "tests"))) == ["tests/rooms.py"]
    assert names(code.in_folder(str(tmp_path / "lone"))) == ["lone/b_spec.py"]
    assert names(code.in_folder(str(tmp_path / "shop"))) == []
    having = [name for name in files if code.has(str(tmp_path / name))]
    assert sorted(having) == sorted([*own, *inner, "shop/test_app.py"])


MANY = 50_000


@pytest.mark.parametrize(
    "text",
    [
        "from x import (\n" + "# aaaaaaaaaaaaaaaaaaaa\n" * 2000,
        "from x import (\n" * MANY,
        "from x import (\n# (\n" * MANY,
        "import x (\n" * MANY,
        "autouse=True\n" * MANY,
        "name='a'" * MANY,
        "pytest_plugins" * MANY,
        "class T:\n" + "".join(f" def a{i}(s): s.websocket_connect\n" for i in range(MANY // 3)),
        "a0 = websocket_connect\n" + "".join(f"a{i + 1} = a{i}\n" for i in range(MANY // 3)),
        "def a0(): websocket_connect()\na1 = [" + "a0, " * MANY + "]\n",
    ],
    ids=range(10),
)
def test_hostile_text_takes_little_time(text: str) -> None:
    data = text.encode()
    began = process_time()
    list(imports(data))
    plugins(data)
    index = NameIndex(Prefilter(), Memory())
    index.add("/a/conftest.py", data)
    index.references_in("/a/test_b.py", data)
    assert process_time() - began < 5


@pytest.mark.parametrize(
    ("text", "fixtures"),
    [
        (
            "import pytest\n@pytest.fixture(autouse=True)\ndef a(): pass\ndef b(): pass\n",
            [(b"a", b"", True)],
        ),
        ("@pytest.fixture(autouse = True)\n@other\ndef a(): pass\n", []),
        ("f(autouse=True)\nf(autouse=True)\nasync def a(): pass\n", [(b"a", b"", True)]),
        ("@fixture(name='b', autouse=True)\nasync def a(): pass\n", [(b"a", b"b", True)]),
        ('@fixture(\n    name="b",\n)\ndef a(): pass\ndef c(): pass', [(b"a", b"b", False)]),
        ("def a(): pass\n", []),
    ],
)
def test_options_of_fixtures(text: str, fixtures: list[tuple[bytes, bytes, bool]]) -> None:
    assert [*_fixtures(text.encode())] == fixtures


def test_a_bracket_in_a_comment_does_not_end_a_list_of_names() -> None:
    data = b"from x import (\n    one,  # the first (of two)\n    two,\n)\n"
    assert {b"one", b"two"} <= _imported_words(data)
    assert {"one", "two"} <= {word for _, _, words in imports(data) for word in words}
