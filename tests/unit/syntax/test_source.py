from __future__ import annotations

import ast
import os
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wslint.filesystem.safe_read import FLAGS, read_open
from wslint.findings.span import Span
from wslint.syntax.source import MAX_DEPTH, Source, Unreadable, read_source, split_lines


def source_of(data: bytes) -> Source:
    source = Source.from_bytes("x.py", data)
    assert isinstance(source, Source), source
    return source


def unreadable(data: bytes, *, path: str = "x.py", max_size: int = 1_000_000) -> Unreadable:
    found = Source.from_bytes(path, data, max_size=max_size)
    assert isinstance(found, Unreadable)
    return found


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (b"x = 1\n", "x = 1\n", "utf-8"),
        (b"", "", "utf-8"),
        (b"\xef\xbb\xbfx = 1", "x = 1", "utf-8-sig"),
        (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n", "iso-8859-1"),
        (b"#!/bin/sh\n# -*- coding: cp1252 -*-\nx = '\x80'", None, "cp1252"),
        (b"# coding: shift_jis\nx = '\x82\xa0'\n", None, "shift_jis"),
        (b"# coding: latin-1\rx = '\xe9'\r", "# coding: latin-1\rx = 'é'\r", "iso-8859-1"),
    ],
)
def test_decodes_as_python_does(data: bytes, text: str | None, encoding: str) -> None:
    source = source_of(data)
    assert source.encoding == encoding
    assert text is None or source.text == text


@pytest.mark.parametrize(
    ("data", "line", "column", "words"),
    [
        (b"def f(:\n", 1, 6, "syntax error: invalid syntax"),
        (b"a = 1\n\nb = (\n", 3, 4, "'(' was never closed"),
        ("é = 1\né = 'x\n".encode(), 2, 4, "unterminated string"),
        (b"x = 1\ry = = 2\r", 2, 4, "invalid syntax"),
        (b"x = 1\r\ny = = 2\r\n", 2, 4, "invalid syntax"),
        (b"x = 1\ny = '\0'\n", 2, 5, "NUL"),
        (b"x = 1\n\xff\n", 2, 0, "cannot be decoded as utf-8: byte 0xff"),
        (b"\xff\n", 1, 0, "cannot be decoded as utf-8: byte 0xff"),
        (b"# coding: nonsense\n", 1, 0, "unknown encoding: nonsense"),
        (b"# coding: rot13\nx = 1\n", 1, 0, "cannot be decoded as rot13"),
        (b"# coding: ascii\nx = '\xe9'\n", 2, 5, "cannot be decoded as ascii"),
        (b"\xef\xbb\xbf# coding: latin-1\n", 1, 0, "encoding problem"),
        (b"{% if x %}\nimport {{ name }}\n{% endif %}\n", 1, 1, "a template"),
        (b"import {{ cookiecutter.name }}\n", 1, 7, "a template"),
    ],
)
def test_says_why_and_where(data: bytes, line: int, column: int, words: str) -> None:
    found = unreadable(data)
    assert words in found.reason
    assert (found.line, found.column) == (line, column)


def test_a_dict_of_a_set_in_broken_code_is_no_template() -> None:
    assert "template" not in unreadable(b"x = f'{{y}}'\nz = (\n").reason


def test_a_path_of_a_template_says_so() -> None:
    assert "template" in unreadable(b"x = = 1", path="/a/{{name}}/x.py").reason


def test_too_large() -> None:
    assert unreadable(b"x = 1", max_size=4).reason == "larger than 4 bytes (max-file-size)"


def test_too_deep() -> None:
    assert "deep" in unreadable(b"-" * 100_000 + b"1").reason


@pytest.mark.parametrize(
    "text",
    ["x" + ".a()" * MAX_DEPTH, "x = " + "+".join("1" * 2 * MAX_DEPTH)],
    ids=["calls", "sum"],
)
def test_depth(text: str) -> None:
    depth, _, line = source_of(f"a = 1\n{text}".encode()).measures
    assert (depth > MAX_DEPTH, line) == (True, 2)


def test_a_long_file_is_not_deep() -> None:
    assert source_of(b"x = [1]\n" * 5000).measures[0] < 10


@pytest.mark.filterwarnings("error")
def test_warnings_of_the_parser_are_suppressed() -> None:
    source_of(rb"x = '\d' is 'y'" + b"\n")
    with warnings.catch_warnings(record=True) as caught:
        source_of(rb"x = '\q'" + b"\n")
    assert not caught


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\nb\r\nc\rd", ["a", "b", "c", "d"]),
        ("a\x0cb\u2028c\x85d\x1ce\n", ["a\x0cb\u2028c\x85d\x1ce", ""]),
        ("", [""]),
    ],
)
def test_lines_end_where_the_tokenizer_ends_them(text: str, lines: list[str]) -> None:
    assert split_lines(text) == lines


def test_positions() -> None:
    source = source_of("x = 1\r\néé = f('ü', y)\rz = 2\n".encode())
    assert source.line_starts == [0, 7, 22, 28]
    call = source.tree.body[1]
    assert isinstance(call, ast.Assign)
    assert source.span_of(call.value) == Span(2, 5, 2, 14)
    assert source.lines[1][5:14] == "f('ü', y)"


def test_a_directory_is_not_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.py").mkdir()
    found = read_source(str(tmp_path / "x.py"))
    assert isinstance(found, Unreadable)
    assert found.reason == "a directory, not a file"


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
@pytest.mark.parametrize("kind", ["fifo", "device", "dangling", "loop", "missing"])
def test_reading_never_blocks_on_other_kinds_of_files(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.py"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "dangling":
        path.symlink_to("nowhere")
    elif kind == "loop":
        path.symlink_to("x.py")
    found = read_source(str(path))
    assert isinstance(found, Unreadable)
    words = {
        "fifo": "not a regular file",
        "device": "not a regular file",
        "dangling": "a symbolic link to a file that does not exist",
        "loop": "symbolic link",
        "missing": "no such file",
    }
    assert words[kind] in found.reason


@pytest.mark.parametrize("size", [0, 5, 10, 11, 40])
@pytest.mark.parametrize("limit", [3, 10, 20])
def test_a_file_of_another_size_than_it_was(tmp_path: Path, size: int, limit: int) -> None:
    path = tmp_path / "grown.py"
    path.write_bytes(b"0123456789")
    descriptor = os.open(path, FLAGS)
    try:
        assert read_open(descriptor, size, limit) == b"0123456789"[: limit + 1]
    finally:
        os.close(descriptor)


@pytest.mark.skipif(sys.platform != "linux", reason="a pipe gives 64 KB at once on Linux")
def test_partial_reads_are_continued() -> None:
    reader, writer = os.pipe()
    for part in (b"abc", b"def", b"ghi"):
        os.write(writer, part)
    os.close(writer)
    assert os.read(reader, 2) == b"ab"
    assert read_open(reader, 1, 5) == b"cdefgh"
    assert read_open(reader, 0, 5) == b"i"
    os.close(reader)


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "b.py").symlink_to("a.py")
    assert isinstance(read_source(str(tmp_path / "b.py")), Source)


@settings(derandomize=True, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode())))
def test_no_bytes_crash_it(data: bytes) -> None:
    found = Source.from_bytes("x.py", data)
    if isinstance(found, Source):
        assert len(found.line_starts) == len(found.lines)
    else:
        assert found.line >= 1
        assert found.column >= 0
        assert found.reason


COOKIES = st.sampled_from(["utf-8", "utf-7", "utf-16", "unicode_escape", "idna", "punycode", "hex"])


@settings(derandomize=True, deadline=None)
@given(COOKIES, st.text("ab\\ux8+-{}%='\"\n\r\x00é(\ud800#", max_size=60))
def test_no_cookie_crashes_it(cookie: str, text: str) -> None:
    data = f"# coding: {cookie}\n".encode() + text.encode("utf-8", "surrogatepass")
    assert isinstance(Source.from_bytes("x.py", data), (Source, Unreadable))
