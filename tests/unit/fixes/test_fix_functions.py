"""WrapBody, AddParameter and MakeSync."""

# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

import pytest
from fix_tools import ADAPTER, MOCK, PATH, at, fix, name, refusal, text

from wslint.findings.actions import (
    AddDecorator,
    AddParameter,
    Code,
    MakeSync,
    RemoveDecorator,
    ReplaceExpression,
    Symbol,
    WrapBody,
)

ITEM = Code("patch('x')")

WRAP = {
    "docstring, comments and blank lines": (
        '''
        def f():  # head
            """Doc."""

            # first
            a()

            b()  # last
            # tail

        def g(): ...
        ''',
        '''
        def f():  # head
            """Doc."""

            with patch('x'):
                # first
                a()

                b()  # last
                # tail

        def g(): ...
        ''',
    ),
    "one line": (
        "def f(): a(); b()  # c\n",
        "def f():\n    with patch('x'):\n        a(); b()  # c\n",
    ),
    "docstring on a line with more": (
        'def f():\n    """D"""; a()  # c\n',
        'def f():\n    """D"""\n    with patch(\'x\'):\n        a()  # c\n',
    ),
    "one line with docstring": (
        'def f(): "D"; a()\n',
        "def f():\n    \"D\"\n    with patch('x'):\n        a()\n",
    ),
    "joined docstring is one": (
        "def f():\n    'a' 'b'\n    a()\n",
        "def f():\n    'a' 'b'\n    with patch('x'):\n        a()\n",
    ),
    "tabs in a module of four spaces": (
        "if x:\n    pass\ndef f():\n\ta()\n",
        "if x:\n    pass\ndef f():\n\twith patch('x'):\n\t\ta()\n",
    ),
    "two spaces in a module of four": (
        "if x:\n    pass\ndef f():\n  if a:\n    b\n",
        "if x:\n    pass\ndef f():\n  with patch('x'):\n    if a:\n      b\n",
    ),
    "text of strings is not indented": (
        'def f():\n    a = """x\n  y\n"""\n    b = \'p\\\nq\'\n',
        'def f():\n    with patch(\'x\'):\n        a = """x\n  y\n"""\n        b = \'p\\\nq\'\n',
    ),
    "type comment of the signature": (
        "def f(a):\n    # type: (int) -> int\n    # more\n    return a\n",
        "def f(a):\n    # type: (int) -> int\n    with patch('x'):\n        # more\n        return a\n",
    ),
    "type comment on the def": (
        "def f(a):  # type: (int) -> int\n    return a\n",
        "def f(a):  # type: (int) -> int\n    with patch('x'):\n        return a\n",
    ),
    "mixed line ends, none at the end": (
        "def f():\r\n    a()\n    b()",
        "def f():\r\n    with patch('x'):\r\n        a()\n        b()",
    ),
    "generator": (
        "async def f():\n    yield 1\n    await b\n",
        "async def f():\n    with patch('x'):\n        yield 1\n        await b\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), WRAP.values(), ids=WRAP)
def test_wrap_body(before, after):
    before, after = text(before), text(after)
    assert fix(before, WrapBody(PATH, name(before, "f"), ITEM)) == after


def test_wrap_body_twice_and_a_change_inside():
    source = "def f():\n    a(1)\n"
    target = name(source, "f")
    got = fix(
        source,
        WrapBody(PATH, target, Code("inner()")),
        ReplaceExpression(PATH, at(source, "1"), Code("two")),
        WrapBody(PATH, target, Code("outer() as o")),
    )
    assert got == "def f():\n    with outer() as o, inner():\n        a(two)\n"


def test_long_items_go_on_lines_of_their_own():
    source = "class T:\n  def f(self):\n    pass\n"
    one, two = "a" * 40 + "()", "b" * 40 + "() as b"
    got = fix(source, WrapBody(PATH, name(source, "f"), Code(f"{one}, {two}")))
    assert got == (
        f"class T:\n  def f(self):\n    with (\n      {one},\n      {two},\n    ):\n      pass\n"
    )


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ('def f():\n    """Doc."""\n', "the function has only a docstring"),
        ("class f:\n    pass\n", "the fix needs a function, and this is a class"),
    ],
)
def test_wrap_body_refused(source, reason):
    assert refusal(source, WrapBody(PATH, name(source, "f"), ITEM)) == reason


def test_wrap_body_takes_only_items():
    source = "def f(): pass\n"
    action = WrapBody(PATH, name(source, "f"), Code("a():\n  b\nwith c"))
    assert refusal(source, action).startswith("the new code does not fit into a with")


SYNC = {
    "docstring, await and async with": (
        '''
        from asgiref.sync import async_to_sync

        async def f(db):  # head
            """Doc."""
            # first
            async with a() as b:
                await b.c()
            # tail
        ''',
        '''
        from asgiref.sync import async_to_sync

        def f(db):  # head
            """Doc."""

            async def inner():
                # first
                async with a() as b:
                    await b.c()
                # tail

            async_to_sync(inner)()
        ''',
    ),
    "taken name": (
        """
        import asgiref.sync

        class T:
            async def f(self): await inner(self)
        """,
        """
        import asgiref.sync

        class T:
            def f(self):
                async def inner_2():
                    await inner(self)

                asgiref.sync.async_to_sync(inner_2)()
        """,
    ),
    "bound parameter and answer": (
        """
        from asgiref import sync

        class T:
            async def f(self, a, b, *c, d=1) -> int:
                a += 1
                for b in c: pass
                def helper(): d = 2
                return a
        """,
        """
        from asgiref import sync

        class T:
            def f(self, a, b, *c, d=1) -> int:
                async def inner() -> int:
                    nonlocal a, b
                    a += 1
                    for b in c: pass
                    def helper(): d = 2
                    return a

                return sync.async_to_sync(inner)()
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), SYNC.values(), ids=SYNC)
def test_make_sync(before, after):
    before, after = text(before), text(after)
    assert fix(before, MakeSync(PATH, name(before, "f"), ADAPTER, "inner")) == after


def test_make_sync_with_decorator_and_wrapped_outside():
    source = "@mark\nasync def f():\n    await a\n"
    target = name(source, "f")
    got = fix(
        source,
        MakeSync(PATH, target, Code("run"), "inner"),
        WrapBody(PATH, target, Code("{a}('x')", (MOCK,))),
        AddDecorator(PATH, target, Code("keep")),
    )
    assert got == text("""
        from unittest import mock

        @keep
        @mark
        def f():
            with mock.patch('x'):
                async def inner():
                    await a

                run(inner)()
    """).replace("mock\n\n@", "mock\n\n\n@")


def test_make_sync_of_a_sync_function():
    source = "def f(a):\n    a = run(g)(a)\n    return a\n"
    call = at(source, "run(g)(a)")
    got = fix(
        source,
        ReplaceExpression(PATH, at(source, "run(g)"), Code("g")),
        ReplaceExpression(PATH, call, Code("await {0}")),
        MakeSync(PATH, name(source, "f"), ADAPTER, "inner", from_sync=True),
    )
    assert got == text("""
        from asgiref.sync import async_to_sync


        def f(a):
            async def inner():
                nonlocal a
                a = await g(a)
                return a

            return async_to_sync(inner)()
    """)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def f(): pass\n", "the function is not async"),
        ("async def f():\n    yield 1\n", "the function is an async generator"),
        (
            "class A:\n    async def f(self):\n        await super().f()\n",
            "super() without arguments does not work in an inner function",
        ),
    ],
)
def test_make_sync_refused(source, reason):
    assert refusal(source, MakeSync(PATH, name(source, "f"), ADAPTER, "inner")) == reason


def test_a_decorator_moves_into_the_body():
    source = text("""
        @fixture
        @patch("a.b", new=1)
        def client():
            yield 1
    """)
    patch = at(source, 'patch("a.b", new=1)')
    made = fix(
        source,
        RemoveDecorator(PATH, name(source, "client"), patch),
        WrapBody(PATH, name(source, "client"), Code("{0}"), patch),
    )
    assert '    with patch("a.b", new=1):\n        yield 1' in made


PARAMETERS = {
    "none": ("def HERE():\n    a\n", "def f(new):\n    a\n"),
    "after one": ("def HERE(a):\n    a\n", "def f(a, new):\n    a\n"),
    "self": (
        "class C:\n    def HERE(self, a): pass\n",
        "class C:\n    def f(self, a, new): pass\n",
    ),
    "before a default": ("def HERE(a, b=1, *c):\n    a\n", "def f(a, new, b=1, *c):\n    a\n"),
    "only defaults": ("def HERE(b=1):\n    a\n", "def f(new, b=1):\n    a\n"),
    "before a star": ("def HERE(a, *, b):\n    a\n", "def f(a, new, *, b):\n    a\n"),
    "it is there": ("def HERE(a, new):\n    a\n", "def f(a, new):\n    a\n"),
    "typed": (
        "import x\n\n\ndef HERE(a: int) -> None:\n    a\n",
        "import x\n\n\ndef f(a: int, new: x.T) -> None:\n    a\n",
    ),
    "one a line": (
        "def HERE(\n    a,  # first\n    b,  # last\n):\n    a\n",
        "def f(\n    a,  # first\n    b,  # last\n    new,\n):\n    a\n",
    ),
    "the only one, without a comma": (
        "def HERE(\n    a  # only\n):\n    a\n",
        "def f(\n    a,  # only\n    new\n):\n    a\n",
    ),
    "on a line of their own": (
        "def HERE(\n    a, b\n):\n    a\n",
        "def f(\n    a, b, new\n):\n    a\n",
    ),
    "too long": (
        f"def HERE({'a' * 40}, {'b' * 38}):\n    a\n",
        f"def f(\n    {'a' * 40},\n    {'b' * 38},\n    new,\n):\n    a\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), PARAMETERS.values(), ids=PARAMETERS)
def test_add_parameter(before: str, after: str):
    source = before.replace("HERE", "f")
    action = AddParameter(PATH, name(source, "f"), "new", Symbol("x.T", module="x"))
    assert fix(source, action) == after
