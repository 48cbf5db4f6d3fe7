"""Positions agree with libcst's own provider and with ast."""

from __future__ import annotations

import ast
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from wslint.findings.span import Span
from wslint.fixes.cst.positions import Positions

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
# The provider assumes a newline here.
UNENDED = {"no newline": "def f():\n    '''D\n\n    '''\n    return 1  # c"}
FILES = {path.name: path.read_text() for path in sorted(HERE.rglob("*.py"))}


@pytest.mark.parametrize("source", (SOURCES | FILES).values(), ids=SOURCES | FILES)
def test_like_the_provider(source):
    module = cst.parse_module(source.encode())
    ours = Positions(module)
    theirs = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    below = {child for statement in module.body for child in everything_in(statement)}
    for node in below:
        place = theirs[node]
        start, end = place.start, place.end
        assert ours.span(node) == (start.line, start.column, end.line, end.column)
    assert ours.text == source


def everything_in(node):
    yield node
    for child in node.children:
        yield from everything_in(child)


@pytest.mark.parametrize(
    "source", (SOURCES | UNENDED | FILES).values(), ids=SOURCES | UNENDED | FILES
)
def test_what_ast_has_is_found(source):
    positions = Positions(cst.parse_module(source.encode()))
    lines = source.replace("\r\n", "\n").encode().split(b"\n")
    kinds = (
        ast.stmt | ast.Call | ast.Name | ast.Attribute | ast.BinOp | ast.Tuple | ast.GeneratorExp
    )
    for node in ast.walk(ast.parse(source)):
        # f-strings are split differently
        if isinstance(node, ast.JoinedStr):
            break
        is_index = isinstance(node, ast.Tuple) and source_of(node, lines)[:1] != b"("
        if isinstance(node, kinds) and not is_index:
            start = len(lines[node.lineno - 1][: node.col_offset].decode())
            assert node.end_lineno is not None
            end = len(lines[node.end_lineno - 1][: node.end_col_offset].decode())
            assert positions.nodes_at(Span(node.lineno, start, node.end_lineno, end)), node


def source_of(node, lines):
    return lines[node.lineno - 1][node.col_offset :]


def test_a_lossy_file_is_seen():
    source = "try: pass\nexcept E : pass\n"
    assert Positions(cst.parse_module(source)).text != source


def test_offsets_and_parents():
    module = cst.parse_module("x\ny = 1\n")
    found = Positions(module)
    line = module.body[1]
    assert found.parents[line] is module
    assert found.text[slice(*found.offsets(line))] == "y = 1"
    assert found.nodes_at(Span(9, 0, 9, 1)) == []
