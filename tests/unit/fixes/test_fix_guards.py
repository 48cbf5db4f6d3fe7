"""The guards of fixes, and files that are refused."""

# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

import pytest
from fix_tools import PATH, at, fix, name

from wslint.findings.actions import AddDecorator, Code, InsertStatement, WrapBody, WrapStatement
from wslint.fixes import guards
from wslint.fixes.apply import apply_fix
from wslint.fixes.errors import CannotFix

ACTION = [InsertStatement(PATH, at("x", "x"), Code("y"))]

LOSSY = {
    "backslash line": b"x\n\\\ny = 1\n",
    "space before a colon": b"x\ntry: pass\nexcept E : pass\n",
    "form feed in indentation": b"x\nif a:\n    b\n\x0c    c\n",
    "lone carriage returns": b"x\ry\r",
}


@pytest.mark.parametrize("source", LOSSY.values(), ids=LOSSY)
def test_a_lossy_file_is_left_alone(source):
    with pytest.raises(CannotFix, match="libcst does not reproduce this file exactly"):
        apply_fix(source, PATH, ACTION)


def test_an_f_string_that_libcst_changes():
    # not valid in Python 3.10 and 3.11
    with pytest.raises(CannotFix, match=r"does not (reproduce|parse) th"):
        apply_fix(b"x\nf'{3!s  }'\n", PATH, ACTION)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"x = (\n", "this Python does not parse the file"),
        (b"# coding: utf-16\nx\n", "this Python does not parse the file"),
        (b"x\n(y): int\n", "libcst does not parse the file"),
        (b"# coding: latin-1\nx\ny = '\xe9'\n", "the new code does not fit here"),
    ],
)
def test_a_file_that_can_not_be_read(source, reason):
    code = "'\u20ac'" if b"latin" in source else "y"
    line = 2 if b"latin" in source else 1
    action = InsertStatement(PATH, at("\n" * (line - 1) + "x", "x"), Code(code))
    with pytest.raises(CannotFix, match=reason):
        apply_fix(source, PATH, [action])


KEPT = {
    "BOM": b"\xef\xbb\xbfx\n",
    "BOM and CRLF": b"\xef\xbb\xbfx\r\ny\r\n",
    "latin-1": b"# coding: latin-1\nx\ny = '\xe9'\n",
    "shift_jis": "# coding: shift_jis\nx\ny = 'あ'\n".encode("shift_jis"),
    "form feed between functions": b"x\n\x0c\ndef f(): ...\n",
    "unicode line separator": "x\ny = '\u2028\x85'\n".encode(),
    "mixed": b"x\r\ny\nz\r\n",
}


@pytest.mark.parametrize("source", KEPT.values(), ids=KEPT)
def test_bytes_outside_the_fix_are_kept(source):
    line = 2 if b"coding" in source else 1
    newline = b"\r\n" if b"x\r\n" in source else b"\n"
    span = at("\n" * (line - 1) + "x", "x")
    got = apply_fix(source, PATH, [InsertStatement(PATH, span, Code("new()"), after=False)])
    assert got == source.replace(b"x", b"new()" + newline + b"x", 1)


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"x\n", b"x (\n", "the file would no longer compile"),
        (b"x\n", b"return\n", "the file would no longer compile"),
        (b"x  # a\n# a\n", b"x  # a\n", "a comment would be lost"),
        (b"def f():\n  'D'\n", b"def f():\n  x\n  'D'\n", "a docstring would be lost"),
        (b"'D'\n", b"import a\n'D'\n", "a docstring would be lost"),
        (b"x = 1  # type: int\n", b"x = (1  # type: int\n)\n", "a type comment would be lost"),
        (
            b"x = 1  # type: int\n",
            b"x = 1 # type: (\n# type: int\n",
            "a type comment would be lost",
        ),
    ],
)
def test_check(before, after, reason):
    with pytest.raises(CannotFix, match=reason):
        guards.check(before, after, PATH)


def test_new_comments_and_docstrings_are_welcome():
    guards.check(b"x\n", b"def f():\n  'D'  # c\n", PATH)


def test_warnings_of_the_linted_file_are_not_ours():
    source = "def f():\n    assert (x, '\\d')\n"
    assert "@keep" in fix(source, AddDecorator(PATH, name(source, "f"), Code("keep")))


def test_actions_of_other_files_are_passed_over():
    other = AddDecorator("/other.py", at("x", "x"), Code("keep"))
    assert apply_fix(b"x\n", PATH, [other]) == b"x\n"


def test_type_comments_survive_moving():
    source = "def f(a):\n    # type: (int) -> int\n    for x in a:  # type: int\n        y = 1  # type: int\n"
    got = fix(source, WrapBody(PATH, name(source, "f"), Code("w")))
    assert got.count("# type: int") == 2


def test_a_deep_file_is_refused_not_fatal():
    source = "x = " + "+".join(["a"] * 3000) + "\n"
    action = WrapStatement(PATH, at(source, source[:-1]), Code("w"))
    with pytest.raises(CannotFix):
        apply_fix(source.encode(), PATH, [action])
