"""``keepalive-style = "fixture"``: which conftest.py gets the fixture, and which tests use it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wslint.config.settings import Selection, Settings
from wslint.fixes.diff import unified_diff
from wslint.run.fix import Fixes, find_fixes, write_fixes

HEADER = """\
import pytest
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.test import TestCase
from waffle.testutils import override_flag
from chat import ChatConsumer


async def talk():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.disconnect()


"""
FUNCTION = """\
@pytest.mark.django_db
@override_flag("chat", active=True)
def test_chat():
    async_to_sync(talk)()
"""
CLASS = """\
@override_flag("chat", active=True)
class ChatTests(TestCase):
    def test_chat(self):
        async_to_sync(talk)()
"""
SETUP = """\
class ChatTests(TestCase):
    def setUp(self):
        self.flag = override_flag("chat", active=True)
        self.flag.enable()
        self.addCleanup(self.flag.disable)
        async_to_sync(talk)()

    def test_chat(self):
        pass
"""
MARK = '@pytest.mark.usefixtures("keep_db_connections_open")\n'
PATCH = "@mock.patch("
FIXTURE = "def keep_db_connections_open(monkeypatch):"


def write(folder: Path, **files: str) -> None:
    (folder / ".git").mkdir(exist_ok=True)
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def fix(*paths: Path) -> Fixes:
    chosen = Selection(select=("WS101",))
    settings = Settings(selections=(chosen,), keepalive_style="fixture", cache=False)
    fixes = find_fixes([str(path) for path in paths], settings)
    assert not fixes.report.errors
    assert not write_fixes(fixes)
    return fixes


def test_a_file_by_itself_gets_no_new_conftest(tmp_path: Path) -> None:
    write(tmp_path, test_chat=HEADER + FUNCTION)
    fixes = fix(tmp_path / "test_chat.py")
    assert [reason for _, reason in fixes.refused] == [
        f"the fix also changes {tmp_path}/conftest.py, which is not among the files to change"
    ]
    assert not (tmp_path / "conftest.py").exists()


def test_a_conftest_that_is_not_named_is_not_changed(tmp_path: Path) -> None:
    write(tmp_path, conftest="", tests__test_chat=HEADER + FUNCTION)
    assert fix(tmp_path / "tests").refused
    assert not fix(tmp_path / "tests", tmp_path / "conftest.py").refused
    assert FIXTURE in (tmp_path / "conftest.py").read_text()


def test_a_later_run_finds_it_again(tmp_path: Path) -> None:
    write(tmp_path, test_one=HEADER + FUNCTION)
    fix(tmp_path)
    write(tmp_path, test_two=HEADER + FUNCTION, below__test_three=HEADER + FUNCTION)
    assert {os.path.basename(change.path) for change in fix(tmp_path).changes} == {
        "test_two.py",
        "test_three.py",
    }
    assert (tmp_path / "conftest.py").read_text().count(FIXTURE) == 1
    assert MARK in (tmp_path / "below" / "test_three.py").read_text()


def test_another_fixture_of_this_name_is_no_cure(tmp_path: Path) -> None:
    other = "import pytest\n\n\n@pytest.fixture\ndef keep_db_connections_open():\n    return 1\n"
    write(tmp_path, conftest=other, test_chat=HEADER + FUNCTION)
    assert fix(tmp_path).refused
    assert (tmp_path / "conftest.py").read_text() == other


def test_the_patch_names_a_new_file(tmp_path: Path) -> None:
    write(tmp_path, test_chat=HEADER + FUNCTION)
    (change,) = [c for c in fix(tmp_path).changes if c.path.endswith("conftest.py")]
    assert change.before is None
    patch = unified_diff("conftest.py", change.before, change.after)
    assert patch.startswith(b"--- /dev/null\n+++ b/conftest.py\n")


@pytest.mark.parametrize("code", [CLASS, SETUP], ids=["class", "setUp"])
def test_a_testcase_where_no_pytest_is_seen(code: str, tmp_path: Path) -> None:
    write(tmp_path, tests=HEADER + code)
    (tmp_path / "manage.py").write_text("")
    fixes = fix(tmp_path)
    assert [Path(change.path).name for change in fixes.changes] == ["tests.py"]
    assert "channels.db.close_old_connections" in (tmp_path / "tests.py").read_text()


@pytest.mark.parametrize("code", [CLASS, SETUP], ids=["class", "setUp"])
def test_a_testcase_that_pytest_runs(code: str, tmp_path: Path) -> None:
    write(tmp_path, test_chat=HEADER + code)
    (tmp_path / "pytest.ini").write_text("[pytest]\nDJANGO_SETTINGS_MODULE = settings\n")
    assert not fix(tmp_path).refused
    text = (tmp_path / "test_chat.py").read_text()
    assert text.index(MARK) < text.index("class ChatTests")
    assert PATCH not in text
    assert FIXTURE in (tmp_path / "conftest.py").read_text()
