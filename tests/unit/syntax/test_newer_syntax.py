"""Syntax that a newer Python knows, and syntax that none does."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from wslint.rules.ws900_unreadable_source import finding
from wslint.syntax.newer_syntax import needed_minor
from wslint.syntax.source import Source, Unreadable

RUNNING = sys.version_info.minor
EXCEPT = "try:\n    pass\nexcept{}:\n    pass\n"
# the source, and the Python that it needs
NEWER = [
    (EXCEPT.format("* ValueError"), 11),
    ("x = a[*b]\n", 11),
    ("def f(*args: *Ts): pass\n", 11),
    ("def f[T](x): pass\n", 12),
    ("async def f[\n    T,\n    **P,\n](x): pass\n", 12),
    ("class A[T: int](B): pass\n", 12),
    ("type X = int\n", 12),
    ("type X[T] = list[T]\n", 12),
    ('x = f"{a["b"]}"\n', 12),
    ("x = print(f'{a['b']} and {c}', 1)\n", 12),
    ("x = f\"{'\\n'.join(a)}\"\n", 12),
    ("def f[T = int](x): pass\n", 13),
    ("class A[T = int]: pass\n", 13),
    ("type X[T = int] = list[T]\n", 13),
    (EXCEPT.format(" ValueError, TypeError"), 14),
    (EXCEPT.format(" a, b.c, d"), 14),
    (EXCEPT.format("* ValueError, TypeError"), 14),
    ('x = t"a {b}"\n', 14),
    ("x = call(rt'a {b}')\n", 14),
]
# what no Python 3 accepts, or what may be something else
BROKEN = [
    *("print 'a'\n", "x = f'{a' + '}'\n", "type x\n", "def f[\n", "def f[0](x): pass\n"),
    *("x = [1, *]\n", "x = at'a'\n", "class A(=1): pass\n", "x = a[b\n", "x = (t 'a')\n"),
    *(EXCEPT.format(" ValueError, e"), "def f(x\n", "f'{'\n", "x = f\"{a['b'}\"\n"),
]
# what other Pythons report: their version, the source, message, line and offset
RECORDED = [
    (10, 11, EXCEPT.format("* ValueError"), "invalid syntax", 3, 7),
    (10, 11, "x = a[*b]\n", "invalid syntax", 1, 7),
    (10, 11, "def f(*args: *Ts): pass\n", "invalid syntax", 1, 14),
    (10, 12, "def f[T](x): pass\n", "invalid syntax", 1, 6),
    (11, 12, "def f[T](x): pass\n", "expected '('", 1, 6),
    (11, 12, "class A[T]: pass\n", "invalid syntax", 1, 8),
    (11, 12, "type X[T] = list[T]\n", "invalid syntax", 1, 6),
    (11, 12, 'x = f"{a["b"]}"\n', "f-string: unmatched '['", 1, 16),
    (11, 12, "x = f\"{'\\n'.join(a)}\"\n",
     "f-string expression part cannot include a backslash", 1, 22),
    (11, 12, 'x = f"""{a # c\n}"""\n', "f-string expression part cannot include '#'", 2, 5),
    (11, 13, "def f[T = int](x): pass\n", "expected '('", 1, 6),
    (12, 13, "class A[T = int]: pass\n", "invalid syntax", 1, 11),
    (12, 13, "type X[T = int] = list[T]\n", "invalid syntax. Maybe you meant '=='", 1, 8),
    (10, 14, EXCEPT.format("* ValueError, TypeError"), "invalid syntax", 3, 7),
    (13, 14, EXCEPT.format(" ValueError, TypeError"), "multiple exception types …", 3, 8),
    (13, 0, EXCEPT.format(" ValueError, e"), "multiple exception types …", 3, 8),
    (11, 0, "def f[0](x): pass\n", "expected '('", 1, 6),
    (11, 0, "x = f'{a' + '}'\n", "f-string: expecting '}'", 1, 11),
    (11, 0, "type x\n", "invalid syntax", 1, 6),
]  # fmt: skip


def read(text: str) -> Source | Unreadable:
    return Source.from_bytes("test_a.py", text.encode())


@pytest.mark.parametrize(("text", "needed"), NEWER)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_newer_syntax_names_the_version(text: str, needed: int, ends: str) -> None:
    source = read(f"\ny = 1\n{text}".replace("\n", ends))
    if needed <= RUNNING:
        assert isinstance(source, Source)
        return
    assert isinstance(source, Unreadable)
    assert source.reason == f"needs Python 3.{needed} or newer: wslint runs on 3.{RUNNING}"
    assert source.line == 3 + text.startswith("try") * 2
    reported = finding(source)
    assert reported.help.startswith(f"install wslint with Python 3.{needed} or newer, or exclude")
    assert "correct the file" not in reported.help


@pytest.mark.parametrize("text", BROKEN)
def test_other_errors_are_to_be_corrected(text: str) -> None:
    source = read(text)
    assert isinstance(source, Unreadable)
    assert source.reason.startswith("syntax error: ")
    assert finding(source).help.startswith("correct the file, or exclude")


@pytest.mark.parametrize(("running", "needed", "text", "message", "line", "offset"), RECORDED)
def test_errors_of_other_pythons(
    running: int, needed: int, text: str, message: str, line: int, offset: int
) -> None:
    error = SyntaxError(message, ("a.py", line, offset, None))
    assert needed_minor(text, error, running) == needed


def test_what_the_project_requires_makes_no_claim(tmp_path: Path) -> None:
    from wslint import check_paths

    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.99"\n')
    (tmp_path / "test_a.py").write_text("websocket_connect = (\n")
    (found,) = check_paths([tmp_path]).findings
    assert found.message.startswith("syntax error: '(' was never closed")


def test_long_lines_take_no_time() -> None:
    for text in ('f"{' * 200_000, "def f[" + "a" * 500_000, "except a" + ", a" * 200_000):
        error = SyntaxError("f-string: bad", ("a.py", 1, 7, None))
        assert needed_minor(text, error, 10) == 0
    with pytest.raises(SyntaxError):
        ast.parse("def f[0](x): pass")
