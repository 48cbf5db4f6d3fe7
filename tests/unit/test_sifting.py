"""Other processes look at files while the walk goes on: with the same outcome."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.discovery.walk import Candidate
from wslint.findings.report import Report
from wslint.run import jobs, sifting
from wslint.run.check import check
from wslint.run.file_checker import Visitor
from wslint.run.sifting import Sifting
from wslint.run.workers import Begun, Workers

HAZARD = """\
from starlette.testclient import TestClient


def test_two(app):
    client = TestClient(app)
    with client.websocket_connect("/") as one, client.websocket_connect("/") as two:
        one.send_text("x")
        two.receive_text()
"""
# holds no word of the gate but that of its own settings
OWN_WORDS = """\
from tools import flag


@flag("chat", active=True)
async def test_chat():
    pass
"""
HELPER = """\
import waffle
from tools import flag


def marked():
    return flag("chat", active=True)
"""
LED = """\
from test_helpers import marked


@marked()
async def test_chat():
    pass
"""
ROOMS = """\
def joined_room(client):
    return client.websocket_connect("/room")
"""
USE = """\
from rooms import joined_room
from starlette.testclient import TestClient


def test_two(app):
    client = TestClient(app)
    with joined_room(client) as one, joined_room(client) as two:
        one.send_text("x")
        two.receive_text()
"""
FOLDERS = 6


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number in range(FOLDERS):
        folder = tmp_path / f"part{number}"
        folder.mkdir()
        for name in range(5):
            text = HAZARD if name == number else "x = 1\n"
            (folder / f"test_{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(jobs, "LONG_WALK", 0.0)
    monkeypatch.setattr(sifting, "AT_ONCE", 5)
    monkeypatch.setattr(sifting, "OFTEN", 1)
    return tmp_path


@pytest.fixture
def handed_out(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many files were handed out, each time."""
    counts: list[int] = []
    sift = Workers.sift

    def counted(self: Workers, files: Sequence[Candidate], visitor: Visitor) -> Begun:
        counts.append(len(files))
        return sift(self, files, visitor)

    monkeypatch.setattr(Workers, "sift", counted)
    return counts


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were judged before the walk was over: all that had passed by then."""
    names: list[str] = []
    visit = Sifting._visit

    def patient(self: Sifting, visitor: Visitor) -> None:
        for begun in self._begun:
            while begun._job.left:
                begun._crew.help(1)
        before = set(self.visited)
        visit(self, visitor)
        names.extend(os.path.basename(path) for path in self.visited - before)

    monkeypatch.setattr(Sifting, "_visit", patient)
    return names


def run(tree: Path, count: int) -> Report:
    settings = Settings(root=str(tree), cache=False, preview=True, jobs=count, fixed=False)
    return check([str(tree)], settings)


def test_what_has_been_found_is_handed_out(tree: Path, handed_out: list[int]) -> None:
    alone = run(tree, 1)
    assert len(alone.findings) == 5
    assert handed_out == []
    assert run(tree, 2) == alone
    assert sum(handed_out) == 5 * FOLDERS
    assert len(handed_out) >= FOLDERS - 1


def test_what_has_passed_is_judged(tree: Path, visited: list[str]) -> None:
    alone = run(tree, 1)
    assert not visited
    assert run(tree, 2) == alone
    assert len(visited) >= FOLDERS - 2
    assert len(set(visited)) == len(visited)  # each has another number


def test_what_has_passed_leads_to_others(tree: Path, visited: list[str]) -> None:
    for number in range(FOLDERS):
        (tree / f"part{number}/rooms.py").write_text(ROOMS, encoding="utf-8")
        (tree / f"part{number}/test_led.py").write_text(USE, encoding="utf-8")
    alone = run(tree, 1)
    assert len(alone.findings) == 5 + FOLDERS
    assert run(tree, 2) == alone
    assert "rooms.py" in visited
    assert "test_led.py" not in visited


def test_what_is_ignored_is_not_judged(tree: Path, visited: list[str]) -> None:
    (tree / ".git").mkdir()
    (tree / "part2/.gitignore").write_text("test_2.py\n", encoding="utf-8")
    alone = run(tree, 1)
    assert len(alone.findings) == 4
    assert run(tree, 2) == alone
    assert "test_2.py" in visited


@pytest.mark.usefixtures("visited")
def test_a_folder_that_is_given_twice(tree: Path, handed_out: list[int]) -> None:
    once = run(tree, 2)
    handed_out.clear()
    settings = Settings(root=str(tree), cache=False, preview=True, jobs=2, fixed=False)
    assert check([str(tree)] * 2, settings) == once
    assert sum(handed_out) <= 2 * 5 * FOLDERS


@pytest.mark.parametrize("at", range(FOLDERS))
@pytest.mark.usefixtures("visited")
def test_settings_that_are_met_later(tree: Path, at: int) -> None:
    folder = tree / f"part{at}"
    (folder / "wslint.toml").write_text(
        'max-file-size = 100\n[roles]\n"tools.flag" = "Override"\n', encoding="utf-8"
    )
    (folder / "test_own.py").write_text(OWN_WORDS, encoding="utf-8")
    (tree / "part0/test_own.py").write_text(OWN_WORDS, encoding="utf-8")
    alone = run(tree, 1)
    codes = [finding.code for finding in alone.findings]
    # the hazard of this folder is larger than that; the last folder has none
    assert codes.count("WS900") == (1 if at < FOLDERS - 1 else 0)
    assert codes.count("WS201") == 1
    assert run(tree, 2) == alone


def test_words_that_are_met_later(
    tree: Path, visited: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[str] = []
    visit = Workers.visit

    def noted(self: Workers, files: Sequence[Candidate], visitor: Visitor) -> Begun:
        judged.extend(os.path.basename(candidate.path) for candidate in files)
        return visit(self, files, visitor)

    monkeypatch.setattr(Workers, "visit", noted)
    visitors: list[Visitor] = []
    sift = Workers.sift

    def watched(self: Workers, files: Sequence[Candidate], visitor: Visitor) -> Begun:
        visitors.append(visitor)
        return sift(self, files, visitor)

    monkeypatch.setattr(Workers, "sift", watched)
    (tree / "pytest.ini").touch()
    # the files at the top are handed out before anything below is known
    (tree / "test_helpers.py").write_text(HELPER, encoding="utf-8")
    for number in range(4):
        (tree / f"test_{number}.py").touch()
    inner = tree / "part0/inner"
    inner.mkdir()
    (inner / "wslint.toml").write_text('[roles]\n"tools.flag" = "Override"\n', encoding="utf-8")
    (inner / "test_led.py").write_text(LED, encoding="utf-8")
    alone = run(tree, 1)
    assert [one.code for one in alone.findings].count("WS201") == 1
    assert run(tree, 2) == alone
    assert [*visitors[0].nearest.roles()] == []
    assert [*visitors[-1].nearest.roles()] == ["tools.flag"]
    # what was judged without knowing them is judged anew
    assert visited
    assert {name for name in visited if judged.count(name) < 2} == set()


def test_a_file_that_is_named_too(tree: Path, visited: list[str]) -> None:
    (tree / "part0/test_4.py").write_text("def broken(:\n", encoding="utf-8")
    named = [str(tree / "part0/test_0.py"), str(tree / "part0/test_4.py")]
    alone, shared = (
        check([str(tree), *named, str(tree)], Settings(root=str(tree), cache=False, jobs=count))
        for count in (1, 2)
    )
    assert [one.code for one in alone.findings].count("WS900") == 1
    assert shared == alone
    assert not visited  # one that is named is judged as such
