"""Positions are those of libcst's own provider and of ast."""

from __future__ import annotations

import ast
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from wslint.fixes.positions import positions

HERE = Path(__file__).parent
SOURCES = {
    "parentheses and decorators": "@a(1)\nclass B((C)):\n  x = (1)\n  async def f(self): pass\n",
    "crlf": "if x:\r\n\ty = [\r\n 1,\r\n]  # c\r\n\r\nelse: z\r\n",
    "line ends that are none": "x = '\x0c\u2028\x85'\ny\n\x0c\nz\n",
    "wide": "é = '𝄞'; ü(é)\n",
    "comments only": "# a\n\n# b\n",
    "empty": "",
    "with": "with (\n    a as b,  # c\n    d,\n): pass\n",
}
# The provider counts a newline here that is not there.
UNENDED = {"no newline": "def f():\n    '''D\n\n    '''\n    return 1  # c"}
FILES = {path.name: path.read_text() for path in sorted(HERE.rglob("*.py"))}


@pytest.mark.parametrize("source", (SOURCES | FILES).values(), ids=SOURCES | FILES)
def test_like_the_provider(source):
    module = cst.parse_module(source.encode())
    ours = positions(module)
    theirs = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    assert {node: (s[:2], s[2:]) for node, s in ours.items()} == {
        node: ((r.start.line, r.start.column), (r.end.line, r.end.column))
        for node, r in theirs.items()
    }
    assert ours.text == source
    assert len(ours) == len(theirs)


@pytest.mark.parametrize(
    "source", (SOURCES | UNENDED | FILES).values(), ids=SOURCES | UNENDED | FILES
)
def test_like_ast(source):
    found = {tuple(span) for span in positions(cst.parse_module(source.encode())).values()}
    lines = source.replace("\r\n", "\n").encode().split(b"\n")
    for node in ast.walk(ast.parse(source)):
        # ast takes the parentheses of a tuple and a generator in, and parts what stands in
        # an f-string otherwise.
        if isinstance(node, ast.stmt | ast.Call | ast.Name | ast.Attribute | ast.BinOp):
            start = len(lines[node.lineno - 1][: node.col_offset].decode())
            assert node.end_lineno is not None
            end = len(lines[node.end_lineno - 1][: node.end_col_offset].decode())
            assert (node.lineno, start, node.end_lineno, end) in found


def test_a_lossy_file_is_seen():
    source = "try: pass\nexcept E : pass\n"
    assert positions(cst.parse_module(source)).text != source


def test_offsets_and_parents():
    module = cst.parse_module("x\ny = 1\n")
    found = positions(module)
    assert found.offset(2, 4) == 6
    assert found.offset(9, 0) == -1
    line = module.body[1]
    assert found.parents[line] is module
    assert found.text[slice(*found.offsets[line])] == "y = 1"
