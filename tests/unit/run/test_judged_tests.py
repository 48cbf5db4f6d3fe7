"""Which tests are judged again after an edit. That the outcome is the same: tests/fuzz/edits.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cases import all_cases
from fuzz.edits import Edited

from wslint.run import judge
from wslint.run.judged_tests import Outcome

TEXT = """\
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

app = Starlette()
PATH = "/a"


def told(client):
    client.post(PATH)


def test_first():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        told(client)
        socket.receive_text()


def test_second():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        client.post("/b")
        socket.receive_text()


class TestThird:
    def test_third(self, client):
        with client.websocket_connect("/a") as socket:
            client.post("/b")
            socket.receive_text()
"""
CONFTEST = """\
import pytest
from starlette.testclient import TestClient
from shop import app


@pytest.fixture
def client():
    return TestClient(app)
"""
Edit = Callable[[str, str], list[str]]


@pytest.fixture
def edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edit:
    """Return a function that replaces a piece of the text, and returns which tests are judged."""
    test, conftest = tmp_path / "test_a.py", tmp_path / "conftest.py"
    test.write_text(TEXT)
    conftest.write_text(CONFTEST)
    edited = Edited(tmp_path, [test, conftest])
    judged: list[str] = []
    original = judge._outcome

    def counted(*arguments: object) -> Outcome:
        outcome: Outcome = original(*arguments)  # type: ignore[arg-type]
        judged.extend(outcome.names)
        return outcome

    monkeypatch.setattr(judge, "_outcome", counted)
    edited.judge(test)
    assert judged == ["test_first", "test_second", "TestThird.test_third"]

    def replace(old: str, new: str) -> list[str]:
        judged.clear()
        path = test if old in TEXT else conftest
        edited.replace(path, (TEXT if path == test else CONFTEST).replace(old, new, 1))
        edited.judge(test)
        found = list(judged)
        edited.check(test)
        return found

    return replace


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('client.post("/b")\n        socket', 'client.get("/b")\n        socket'),
        ("test_second", "test_renamed"),
        ("test_second():\n", "test_second():\n    number = 1\n"),
        ("def test_second", "@pytest.mark.skip\ndef test_second"),
    ],
)
def test_an_edit_of_one_test(edit: Edit, old: str, new: str) -> None:
    (name,) = edit(old, new)
    assert name in ("test_second", "test_renamed")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import pytest\n", "import pytest\n\n\n"),
        ("\n\ndef test_second", "\n\n# a comment\n\ndef test_second"),
        ('PATH = "/a"\n', 'PATH = "/a"\nOTHER = "/b"\n'),
        ("import pytest\n", "import pytest\nimport json\n"),
    ],
)
def test_an_edit_between_tests(edit: Edit, old: str, new: str) -> None:
    expected = ["test_first", "test_second", "TestThird.test_third"] if "json" in new else []
    assert edit(old, new) == expected


def test_an_edit_above_a_fix_that_copies_code(tmp_path: Path) -> None:
    """The places of what it copies move along."""
    (case,) = (case for case in all_cases() if case.id == "WS309-manager_of_another_file")
    case.copy_to(tmp_path)
    (tmp_path / "wslint.toml").write_text("preview = true\n")
    test = tmp_path / "test_boxes.py"
    edited = Edited(tmp_path, [test])
    edited.judge(test)
    text = test.read_text()
    edited.replace(test, text.replace("\n\n\ndef", "\n\n\n# a comment\n\n\ndef"))
    edited.check(test)


def test_an_edit_of_what_some_tests_use(edit: Edit) -> None:
    assert edit('PATH = "/a"', 'PATH = "/c"') == ["test_first"]
    assert edit("app = Starlette()", "app = Starlette(debug=True)") == ["test_first", "test_second"]
    assert edit("def told", "@pytest.fixture\ndef client():\n    return 1\n\n\ndef told") == [
        *("test_first", "test_second", "TestThird.test_third"),
    ]


def test_a_name_that_was_looked_up_in_vain(edit: Edit) -> None:
    assert len(edit('PATH = "/a"', 'pytestmark = pytest.mark.skip\nPATH = "/a"')) == 3


def test_a_word_that_was_searched(edit: Edit) -> None:
    assert edit('PATH = "/a"', 'PATH = "/a"  # dependency_overrides') == [
        "test_first",
        "test_second",
    ]


def test_an_edit_of_another_file(edit: Edit) -> None:
    assert len(edit("def client():\n    return", "def client():\n    yield")) == 3


def test_half_typed(edit: Edit) -> None:
    assert edit("def test_second", "def (test_second") == []
    assert edit('client.post("/b")\n        socket', 'client.get("/b")\n        socket') == [
        "test_second"
    ]
