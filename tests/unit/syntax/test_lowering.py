"""Files to scripts: every form of syntax, and the spans."""

from __future__ import annotations

import ast
import sys
import textwrap
from dataclasses import fields, is_dataclass

import pytest

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.lowering import lower
from wslint.syntax.source import Source

FORMS = {
    "imports": """
        import a, b.c, d.e as f
        from g import h, i as j
        from . import k
        from ..l.m import n
        from o import *
        from p import (q, r as t,)
    """,
    "assignments": """
        a = b = 1
        c: int
        d: int = 2
        e += 3
        f, (g, *h) = i
        j.k = l[m] = 4
        n.o().p = 5
    """,
    "calls": """
        f(1, *a, b=2, **c)
        f.g(1).h[2](3)
        (yield_ for yield_ in f())
        print(f"{a}{b!r:>{c}}" "d", rb"e")
    """,
    "literals": """
        a = [1, -2, 3.5, 4j, 0x1F, "s" 't', b"b", None, True, ..., {1, 2}, (), [], {}]
        b = {1: 2, **c, "d": 3}
        e = x if y else z
        f = not g and h or i
        k = l < m <= n != o is not p in q
        r = lambda s, /, t=1, *u, v, **w: x
        y = (z := 1)
    """,
    "comprehensions": """
        a = [b for c in d if e for f in g if h]
        i = {j: k for l, m in n}
        async def o():
            return {p async for p in q}, (await r for r in s)
    """,
    "functions": """
        @a
        @b(c=1)
        async def d(e, /, f: int = 1, *g, h, i=2, **j) -> k:
            '''Doc.'''
            await l
            yield m
            yield from n
            def inner(): return 1
        def generator(): x = yield
        def plain(): pass
    """,
    "classes": """
        @a
        class B(C, d.E, metaclass=F):
            g = 1
            def h(self): return super().h()
            class I: ...
    """,
    "flow": """
        if a: b
        elif c: d
        else: e
        for f, g in h:
            continue
        else:
            break_ = 1
        while i:
            break
        try:
            j
        except K as l:
            raise
        except (M, N):
            raise O from p
        else:
            q
        finally:
            r
        with s as t, u: v
        async def w():
            async with x as y:
                async for z in aa:
                    assert bb, "cc"
        def dd():
            global ee
            nonlocal_ = 1
            del ee
            return
    """,
    "parenthesised with": """
        with (
            a as b,
            c(d) as (e, f),
        ):
            pass
    """,
    "match": """
        match a:
            case 1 | 2: b
            case {"c": d, **e}: f
            case G(h=i) if j: k
            case [l, *m]: n
            case _: o
    """,
    "odd but legal": """
        a; b; c = 1
        if a: b; c
        x = a[1:2, ..., ::3]
        y = a @ b ** -c // ~d
        def f(): return (yield)
        print(*a, sep="")
        @(lambda g: g)
        def h(): ...
    """,
}
if sys.version_info >= (3, 11):
    FORMS["except star"] = """
        try:
            a
        except* B as c:
            d
    """
if sys.version_info >= (3, 12):
    FORMS["generics"] = """
        type A[B] = list[B]
        def c[D: int, *E, **F](g: D) -> D: return g
        class H[I]: pass
    """


def script_of(data: bytes) -> s.Script:
    source = Source.from_bytes("file.py", data)
    assert isinstance(source, Source)
    return lower(source)


def tree(text: str) -> s.Script:
    return script_of(textwrap.dedent(text).encode())


def nodes(value: object) -> list[object]:
    """List all nodes below a value."""
    if isinstance(value, tuple) and not isinstance(value, Span):
        return [found for item in value for found in nodes(item)]
    if not is_dataclass(value):
        return []
    below = [nodes(getattr(value, field.name)) for field in fields(value)]
    return [value, *(found for found_below in below for found in found_below)]


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_spans_lie_in_the_file(text: str) -> None:
    lines = textwrap.dedent(text).split("\n")
    script = tree(text)
    assert script.body
    for node in nodes(script):
        span = getattr(node, "span", None)
        if span is not None:
            assert (1, 0) <= (span.line, span.column) <= (span.end_line, span.end_column)
            assert span.end_line <= len(lines)
            assert span.end_column <= len(lines[span.end_line - 1])


def test_calls_stand_where_ast_has_them() -> None:
    text = 'α = "é"; f(ß).g("ü", h=i(1))\nwith j(\n    k\n) as l:\n\tm()\n'
    found = {
        tuple(node.span) for node in nodes(script_of(text.encode())) if isinstance(node, s.Call)
    }
    lines = text.split("\n")

    def column(line: int, offset: int) -> int:
        return len(lines[line - 1].encode()[:offset].decode())

    wanted = {
        (
            node.lineno,
            column(node.lineno, node.col_offset),
            node.end_lineno,
            column(node.end_lineno or 0, node.end_col_offset or 0),
        )
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
    }
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "is_generator", "is_async"),
    [
        ("def f(): yield 1", True, False),
        ("def f():\n    x = yield", True, False),
        ("def f():\n    def g(): yield", False, False),
        ("def f():\n    return lambda: (yield)", False, False),
        ("def f():\n    for x in (yield from y): pass", True, False),
        ("async def f():\n    yield 1", True, True),
        ("async def f():\n    await x", False, True),
        ("def f(x=(yield_)): pass", False, False),
    ],
)
def test_generators(text: str, is_generator: bool, is_async: bool) -> None:
    (function,) = script_of(text.encode()).body
    assert isinstance(function, s.Function)
    assert (function.is_generator, function.is_async) == (is_generator, is_async)


def test_qualified_names() -> None:
    script = tree("""
        class A:
            def b(self):
                class C:
                    def d(self): pass
                def e(): pass
    """)
    names = [n.qualname for n in nodes(script) if isinstance(n, (s.Function, s.Class))]
    assert names == ["A", "A.b", "A.b.<locals>.C", "A.b.<locals>.C.d", "A.b.<locals>.e"]


def test_what_an_import_binds() -> None:
    found = [n for n in nodes(tree(FORMS["imports"])) if isinstance(n, s.Import)]
    assert [(n.module, n.name, n.alias, n.level) for n in found] == [
        ("a", "", "", 0),
        ("b.c", "", "", 0),
        ("d.e", "", "f", 0),
        ("g", "h", "", 0),
        ("g", "i", "j", 0),
        ("", "k", "", 1),
        ("l.m", "n", "", 2),
        ("o", "*", "", 0),
        ("p", "q", "", 0),
        ("p", "r", "t", 0),
    ]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_newlines_do_not_matter(newline: str) -> None:
    text = "def f():\n    g(1)\n\nh()\n"
    assert script_of(text.replace("\n", newline).encode()) == script_of(text.encode())


def test_a_byte_order_mark_does_not_matter() -> None:
    assert script_of(b"\xef\xbb\xbff(1)\n") == script_of(b"f(1)\n")
