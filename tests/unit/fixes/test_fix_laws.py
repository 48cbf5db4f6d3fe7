"""Laws of all fixes: undone in the syntax tree, nothing else has changed."""

# ruff: noqa: E501 - a piece is easier to read on one line

from __future__ import annotations

import ast
import io
import tokenize
from collections import Counter
from collections.abc import Iterator

import libcst as cst
from fix_tools import PATH, edited
from hypothesis import given, settings
from hypothesis import strategies as st
from undo import undone

from wslint.findings.actions import (
    Action,
    AddDecorator,
    AddWithItem,
    Code,
    InsertStatement,
    ReplaceExpression,
    Symbol,
    WrapBody,
    WrapStatement,
)
from wslint.fixes.apply import apply_fix, edits_of
from wslint.fixes.cst.tree import Tree
from wslint.fixes.errors import CannotFix

PIECES = (
    "import os\nfrom a import (\n    b,  # b\n    c\n)  # end\n\n",
    (
        "# above\n@deco  # trailing\n# between\n@other(1, x=[2])\nasync def test(self, *a, k=1) -> 'T':  # head\n"
        '    """Doc."""\n\n    # first\n    async with a as b, c: await d(b)\n    # tail\n\n'
    ),
    "def one(): return x, y  # c\n",
    "def two():\n  '''D'''; a = (1 +  # one\n    2); b = a * (3 - a)\n  if a: pass; pass\n  elif b:\n    x\n  else: y = '''t\n  u'''\n",
    "class C(Base, metaclass=M):\n\t'D'\n\tdef m(self):\n\t\twith (\n\t\t\topen(x) as f,  # f\n\t\t\t# own\n\t\t\tg,\n\t\t):\n\t\t\treturn [i for i in f if i]\n\t\t# m tail\n\t# C tail\n",
    "try:\n    x = {**a, 'k': lambda q: q or r}\nexcept (E, F) as e:\n    raise G from e\nfinally:\n    del x\n\n\n",
    "def t(a, b):\n    # type: (int, str) -> int\n    for i in a:  # type: int\n        yield i\n    c = 1  # type: int\n",
    "x = a if b else c; y = not x; z = -x ** 2, x @ y\n",
    "while x:\n    x -= 1\nelse:\n    (yield_)\n# end\n",
)
MARKED = ("MARK_CALL({0})", "{0}.MARK_ATTRIBUTE", "MARK_LEFT + {0}")


@st.composite
def sources(draw: st.DrawFn) -> bytes:
    pieces = draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4))
    text = "".join(pieces)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = '"""Module."""\n' + text
    newline = draw(st.sampled_from(["\n", "\r\n"]))
    mark = b"\xef\xbb\xbf" if draw(st.booleans()) else b""
    return mark + text.replace("\n", newline).encode()


def actions(source: bytes) -> list[Action]:
    """Return every action that can be undone, at every possible place."""
    tree = Tree(cst.parse_module(source))
    found: list[Action] = []
    for node in nodes_of(tree):
        span = tree.positions.span(node)
        if isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            found.append(WrapStatement(PATH, span, Code("MARK_WITH")))
            found.append(InsertStatement(PATH, span, Code("MARK_STATEMENT"), after=True))
            found.append(InsertStatement(PATH, span, Code("MARK_STATEMENT"), after=False))
        if isinstance(node, cst.BaseExpression) and not isinstance(tree.parent(node), cst.Del):
            found += [ReplaceExpression(PATH, span, Code(code)) for code in MARKED]
        if isinstance(node, cst.FunctionDef):
            name = tree.positions.span(node.name)
            found.append(WrapBody(PATH, name, Code("MARK_WITH")))
            found += [AddDecorator(PATH, name, Code("MARK_DECORATOR"), i) for i in (0, -1)]
        if isinstance(node, cst.WithItem):
            found.append(AddWithItem(PATH, tree.positions.span(node.item), Code("MARK_ITEM as m")))
    return found


def nodes_of(tree: Tree) -> Iterator[cst.CSTNode]:
    """Yield the nodes of all statements, parents first."""
    pending: list[cst.CSTNode] = [*reversed(tree.module.body)]
    while pending:
        node = pending.pop()
        yield node
        pending += reversed(node.children)


def comments(source: bytes) -> Counter[str]:
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    return Counter(token.string for token in tokens if token.type == tokenize.COMMENT)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_fix_changes_nothing_else(data):
    """Nor do its edits, which do the same."""
    source = data.draw(sources())
    action = data.draw(st.sampled_from(actions(source)))
    try:
        after = apply_fix(source, PATH, [action])
    except CannotFix:
        return
    edits = edits_of(source, PATH, [action])
    assert edited(source, edits) == after
    assert all(edit.place.span[1] == 0 for edit in edits if source.endswith(b"\n"))
    stores = ast.dump(ast.parse(source))
    if isinstance(action, ReplaceExpression) and "ATTRIBUTE" in action.code.text:
        # the object whose attribute is set is only read
        assert undone(after).replace("Store()", "Load()") == stores.replace("Store()", "Load()")
    else:
        assert undone(after) == stores
    assert comments(after) == comments(source)
    assert after.endswith(b"\n") == source.endswith(b"\n")
    assert after.startswith(b"\xef\xbb\xbf") == source.startswith(b"\xef\xbb\xbf")
    assert (b"\r\n" in after) == (b"\r\n" in source) or b"\n" not in source
    assert after.count(b"\r") in {0, after.count(b"\n")}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_several_fixes_change_nothing_else(data):
    source = data.draw(sources())
    calls = [a for a in actions(source) if getattr(a, "code", None) != Code(MARKED[1])]
    chosen = data.draw(st.lists(st.sampled_from(calls), min_size=2, max_size=5))
    try:
        after = apply_fix(source, PATH, chosen)
    except CannotFix:
        return
    assert undone(after) == ast.dump(ast.parse(source))
    assert comments(after) == comments(source)


HEADS = st.lists(
    st.sampled_from(
        [
            "#!/bin/python\n",
            "# -*- coding: utf-8 -*-\n",
            "# comment\n",
            "\n",
            '"""Doc."""\n',
            '"""Doc."""; a = 1\n',
            "from __future__ import annotations\n",
            "from __future__ import annotations; b = 1\n",
            "import os, sys\n",
            "import pytest\n",
            "from unittest import TestCase\n",
            "from unittest import (\n    TestCase,  # c\n)\n",
            "from app import (a,\n  b)\n",
            "sys.path.insert(0, '')\n",
            "if a:\n    from unittest import mock\n",
            "from . import x\n",
        ]
    ),
    max_size=7,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(HEADS, st.sampled_from(["\n", "\r\n"]))
def test_an_import_lands_where_it_may(head, newline):
    text = f"{head}def f():\n    MARK\n".replace("\n", newline)
    source = text.encode()
    try:
        tree = Tree(cst.parse_module(source))
        compile(source, PATH, "exec")
    except SyntaxError:
        return
    span = next(
        tree.positions.span(node)
        for node in nodes_of(tree)
        if isinstance(node, cst.Name) and node.value == "MARK"
    )
    symbol = Symbol("unittest.mock.patch", module="unittest", name="mock")
    action = ReplaceExpression(PATH, span, Code("{a}", (symbol,)))
    after = apply_fix(source, PATH, [action])
    assert ast.get_docstring(ast.parse(after)) == ast.get_docstring(ast.parse(source))
    assert comments(after) == comments(source)
    lines = after.decode().split(newline)
    first, second = text.split(newline)[:2]
    assert lines[0] == first or not first.startswith(("#!", "# -*-"))
    assert lines[1] == second or not (first.startswith("#") and second.startswith("# -*-"))
    top = [n for n in ast.parse(after).body if isinstance(n, ast.ImportFrom)]
    assert sum(alias.name == "mock" for n in top for alias in n.names) == 1
    assert "\n" not in after.decode().replace(newline, "")
    # a second symbol uses the same import
    again = apply_fix(after, PATH, [InsertStatement(PATH, _last(after), Code("{a}", (symbol,)))])
    assert again.decode() == after.decode() + f"    mock.patch{newline}"


def _last(source: bytes):
    tree = Tree(cst.parse_module(source))
    return max(tree.positions.span(node) for node in nodes_of(tree) if isinstance(node, cst.Expr))
