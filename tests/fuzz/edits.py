"""Random edits of open files: what the server says of them is what it would say from scratch."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from wslint.findings.finding import Finding
from wslint.findings.report import Report
from wslint.server.buffers import Buffer
from wslint.server.judging import Judge, Judgement
from wslint.syntax.deep_recursion import deep_recursion

_WORD = re.compile(r"\w+")
_NEW = (
    "",
    "# a comment",
    "client = None",
    "import os",
    "from helpers import *",
    "pytestmark = pytest.mark.django_db",
    "def test_new(client):\n    client.get('/')",
    "@pytest.fixture(autouse=True)\ndef quiet():\n    yield",
    "    pass",
    "    return",
    "app.state.x = 1",
    '"""',
)


class Edited:
    """Open files, which are judged anew and as edited ones."""

    def __init__(self, root: Path, paths: list[Path]) -> None:
        self._root = str(root)
        self._buffers = {
            str(path): Buffer(path.as_uri(), str(path), 1, path.read_text("utf-8"))
            for path in paths
        }
        self._judge = Judge()

    def replace(self, path: Path, text: str) -> None:
        """Give an open file another text."""
        old = self._buffers[str(path)]
        self._buffers[str(path)] = Buffer(old.uri, old.path, old.version + 1, text)

    def edit(self, path: Path, chance: random.Random) -> Callable[[], None]:
        """Make a random edit of an open file; return what undoes it."""
        before = self._buffers[str(path)].text
        self.replace(path, edited(before, chance))
        return lambda: self.replace(path, before)

    def judge(self, path: Path) -> Judgement:
        """Judge an edited file."""
        with deep_recursion():
            return self._judge.judge(str(path), dict(self._buffers), self._root)

    def check(self, path: Path) -> None:
        """Compare what is said of an edited file with what is said of a new one."""
        known = self.judge(path)
        with deep_recursion():
            fresh = Judge().judge(str(path), dict(self._buffers), self._root)
        kept, anew = said(known.report), said(fresh.report)
        wrong = {key: (kept[key], anew[key]) for key in anew if kept[key] != anew[key]}
        assert not wrong, f"{wrong}\n{self._buffers[str(path)].text}"


def said(report: Report) -> Mapping[str, object]:
    """Return all that a report says, also what does not count when findings are compared.

    Causes may contain lines, and matter only while one test is judged.
    """
    return {
        "findings": [repr(_without_cause(each)) for each in report.findings],
        "unresolved": report.unresolved,
        "suppressed": [(repr(_without_cause(each)), by) for each, by in report.suppressed],
        "errors": report.errors,
        "warnings": report.warnings,
        "tests": report.tests_judged,
    }


def _without_cause(finding: Finding) -> Finding:
    return replace(finding, cause="", also=())


def edited(text: str, chance: random.Random) -> str:
    """Return a text after a random edit, as someone who types, moves and pastes makes it."""
    lines = text.split("\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    edit: Callable[[list[str], int, int, random.Random], None] = chance.choice(_EDITS)
    edit(lines, at, other, chance)
    return "\n".join(lines)


def _insert(lines: list[str], at: int, _: int, chance: random.Random) -> None:
    lines.insert(at, chance.choice(_NEW))


def _delete(lines: list[str], at: int, _: int, chance: random.Random) -> None:
    del lines[at : at + chance.choice((1, 1, 2, 8))]
    lines.append("")


def _copy(lines: list[str], at: int, other: int, chance: random.Random) -> None:
    lines[at:at] = lines[other : other + chance.choice((1, 1, 2, 8))]


def _move(lines: list[str], at: int, other: int, chance: random.Random) -> None:
    count = chance.choice((1, 2, 8))
    part = lines[other : other + count]
    del lines[other : other + count]
    lines[at:at] = part


def _type(lines: list[str], at: int, _: int, chance: random.Random) -> None:
    column = chance.randint(0, len(lines[at]))
    lines[at] = lines[at][:column] + chance.choice("xé1 \t.,(['\"#") + lines[at][column:]


def _erase(lines: list[str], at: int, _: int, chance: random.Random) -> None:
    column = chance.randint(0, len(lines[at]))
    lines[at] = lines[at][:column] + lines[at][column + 1 :]


def _swap_words(lines: list[str], at: int, other: int, chance: random.Random) -> None:
    words = _WORD.findall(lines[other])
    if words:
        lines[at] = _WORD.sub(chance.choice(words), lines[at], count=1)


def _rename(lines: list[str], at: int, other: int, chance: random.Random) -> None:
    old, new = _WORD.findall(lines[at]), _WORD.findall(lines[other])
    if old and new:
        word = re.compile(rf"\b{chance.choice(old)}\b")
        lines[:] = word.sub(chance.choice((*new, "renamed")), "\n".join(lines)).split("\n")


_EDITS = (_insert, _delete, _copy, _move, _type, _type, _erase, _swap_words, _rename)
