"""ReplaceExpression, AddArgument and AddWithItem."""

# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

import pytest
from fix_tools import MOCK, PATH, at, fix, refusal, text

from wslint.findings.actions import (
    AddArgument,
    AddWithItem,
    Code,
    RemoveAwait,
    ReplaceCallee,
    ReplaceExpression,
)

REPLACE = {
    "wrapped": ("x = old", "enter({0})", "x = enter(old)"),
    "twice": ("x = old", "{0} or {0}", "x = old or old"),
    "braces": ("x = old", "{{'a': {0}}}", "x = {'a': old}"),
    "an operator around": ("y * old", "a + b", "y * (a + b)"),
    "a call of it": ("old()", "a or b", "(a or b)()"),
    "an argument": ("f(old, k=1)", "a or b", "f(a or b, k=1)"),
    "its own parentheses stay": ("y * (old)", "a + b", "y * (a + b)"),
    "comments in its parentheses stay": (
        "y = (  # why\n  old\n)",
        "f({0})",
        "y = (  # why\n  f(old)\n)",
    ),
    "a tuple": ("f(old)", "a, b", "f((a, b))"),
    "a decorator": ("@old\ndef g(): ...", "old(1)", "@old(1)\ndef g(): ..."),
    "an assertion": ("assert old", "f({0})", "assert f(old)"),
    "unicode before it": ("x = 'é', old", "new", "x = 'é', new"),
}


@pytest.mark.parametrize(("before", "code", "after"), REPLACE.values(), ids=REPLACE)
def test_replace(before, code, after):
    action = ReplaceExpression(PATH, at(before, "old"), Code(code))
    assert fix(before + "\n", action) == after + "\n"


@pytest.mark.parametrize(
    ("before", "old", "code", "after"),
    [
        ("x = a + b", "a + b", "{0}.c", "x = (a + b).c"),
        ("x = a + b", "a + b", "f({0})", "x = f(a + b)"),
        ("x = (a + b)", "a + b", "{0} * 2", "x = ((a + b) * 2)"),
        ("f(a for a in b)", "a for a in b", "g({0})", "f(g((a for a in b)))"),
        ("x = (a, b)", "a, b", "g({0})", "x = g((a, b))"),
        ("x = 1", "1", "{0}.real", "x = (1).real"),
        ("await a()", "await a()", "{0}.b", "(await a()).b"),
        ("x = (await a()).b", "await a()", "c", "x = c.b"),
        ("x = (await a())[0]", "await a()", "c or d", "x = (c or d)[0]"),
        ("x = (\n    await a()  # why\n).b", "await a()", "c", "x = (\n    c  # why\n).b"),
        ("await z, a() == 1", "a()", "await {0}", "await z, await a() == 1"),
        ("await z, a() ** 2", "a()", "await {0}", "await z, (await a()) ** 2"),
        ("await z, -a()", "a()", "await {0}", "await z, -await a()"),
        ("await z, a().b", "a()", "await {0}", "await z, (await a()).b"),
        ("await z, not a()", "a()", "await {0}", "await z, not await a()"),
        (
            "x = f(\n    1,  # one\n)",
            "f(\n    1,  # one\n)",
            "g({0})",
            "x = g(f(\n    1,  # one\n))",
        ),
    ],
)
def test_what_is_replaced_keeps_its_meaning(before, old, code, after):
    head = "async def z():\n    " if "await" in before else ""
    source = f"{head}{before}\n"
    got = fix(source, ReplaceExpression(PATH, at(source, old), Code(code)))
    assert got == f"{head}{after}\n"


def test_continuation_lines_are_indented_like_the_block():
    source = "def f():\n    x = f(\n        1,\n    )\n"
    got = fix(source, ReplaceExpression(PATH, at(source, "f(\n        1,\n    )"), Code("g({0})")))
    assert got == "def f():\n    x = g(f(\n        1,\n    ))\n"


def test_inner_and_outer():
    source = "f(g(1))\n"
    got = fix(
        source,
        ReplaceExpression(PATH, at(source, "f(g(1))"), Code("run({0})")),
        ReplaceExpression(PATH, at(source, "1"), Code("{0} + 1")),
    )
    assert got == "run(f(g(1 + 1)))\n"


@pytest.mark.parametrize(
    ("source", "old", "code", "reason"),
    [
        ("f'{d}'\n", "d", "d['k']", "the place of the fix is inside an f-string"),
        ("f(\n  a,  # why\n)\n", "f(\n  a,  # why\n)", "g()", "a comment would be lost"),
        ("a = b\n", "= b", "g()", "there is no expression at the place of the fix"),
        ("a = b\n", "b", "1 +", "the new code is not an expression: 1 +"),
        ("a = b\n", "b", "{c}", "the new code is not a template: KeyError('c')"),
        ("def b(): ...\n", "b", "c()", "there is no separate expression at the place of the fix"),
        ("f(b=1)\n", "b", "c", "there is no separate expression at the place of the fix"),
        ("def f(b=1): ...\n", "b", "c", "there is no separate expression at the place of the fix"),
        ("import a.b\n", "a", "c", "there is no separate expression at the place of the fix"),
        (
            "from a.b import c\n",
            "a.b",
            "c",
            "there is no separate expression at the place of the fix",
        ),
        ("'a' 'b'\n", "'a'", "c", "there is no separate expression at the place of the fix"),
        ("for b in c: ...\n", "b", "d()", "the file would no longer compile"),
        ("a = 'x'if b else c\n", "'x'", "d", "the new code does not fit here"),
    ],
)
def test_refused(source, old, code, reason):
    action = ReplaceExpression(PATH, at(source, old), Code(code))
    assert refusal(source, action).startswith(reason)


WITH = {
    "first": ("with old as o: pass", "new as n", "with new as n, old as o: pass"),
    "second": ("with a as b, old: pass", "new", "with a as b, new, old: pass"),
    "in parentheses": ("with (old as o): pass", "new", "with (new, old as o): pass"),
    "parentheses without need": ("with (old): pass", "new", "with (new, old): pass"),
    "symbol": (
        "from unittest import mock\nwith old: pass",
        "{a}('x')",
        "from unittest import mock\nwith mock.patch('x'), old: pass",
    ),
    "on lines": (
        "with (  # head\n    # about a\n    a as b,  # a\n    # about old\n    old,  # old\n):\n    pass",
        "new",
        "with (  # head\n    # about a\n    a as b,  # a\n    new,\n    # about old\n    old,  # old\n):\n    pass",
    ),
    "first on lines": (
        "with (  # head\n  # about old\n  old\n):\n  pass",
        "new",
        "with (  # head\n  new,\n  # about old\n  old\n):\n  pass",
    ),
    "backslash": (
        "with a as b, \\\n     old:\n    pass",
        "new",
        "with a as b, \\\n     new, old:\n    pass",
    ),
}


@pytest.mark.parametrize(("before", "code", "after"), WITH.values(), ids=WITH)
def test_add_with_item(before, code, after):
    number = 1 if "about old" in before else 0
    action = AddWithItem(
        PATH, at(before, "old", number), Code(code, (MOCK,) if "{a}" in code else ())
    )
    assert fix(before + "\n", action) == after + "\n"


def test_long_with_is_put_on_lines():
    source = text("""
        def f():
            with client.websocket_connect("/a/rather/long/path/to/the/socket") as socket:
                pass
    """)
    item = 'client.websocket_connect("/a/rather/long/path/to/the/socket")'
    got = fix(source, AddWithItem(PATH, at(source, item), Code("TestClient(app) as client")))
    assert got == text(f"""
        def f():
            with (
                TestClient(app) as client,
                {item} as socket,
            ):
                pass
    """)


def test_two_items_before_one_stand_as_listed():
    source = "with old: pass\n"
    span = at(source, "old")
    got = fix(source, AddWithItem(PATH, span, Code("a")), AddWithItem(PATH, span, Code("b")))
    assert got == "with a, b, old: pass\n"


@pytest.mark.parametrize(("source", "item"), [("with a(old): pass\n", "old"), ("old\n", "old")])
def test_the_place_must_be_an_item(source, item):
    action = AddWithItem(PATH, at(source, item), Code("new"))
    assert refusal(source, action) == "there is no item of a with at the place of the fix"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("f(a)\n", "f(a, k=1)\n"),
        ("f()\n", "f(k=1)\n"),
        ("f(a, b=2)  # why\n", "f(a, b=2, k=1)  # why\n"),
        ("f(\n    a,\n    b,\n)\n", "f(\n    a,\n    b,\n    k=1,\n)\n"),
        ("f(\n    a,\n    b\n)\n", "f(\n    a,\n    b,\n    k=1\n)\n"),
        (f"f({'a' * 84})\n", f"f(\n    {'a' * 84},\n    k=1,\n)\n"),
        (f"function({'a' * 38}, {'b' * 36})\n", f"function(\n    {'a' * 38}, {'b' * 36}, k=1\n)\n"),
    ],
)
def test_add_argument(source: str, expected: str) -> None:
    call = source.rpartition(")")[0] + ")"
    assert fix(source, AddArgument(PATH, at(source, call), "k", Code("1"))) == expected


def test_an_argument_is_not_added_twice() -> None:
    for source in ("f(k=2)\n", "f(**more)\n"):
        action = AddArgument(PATH, at(source, source[:-1]), "k", Code("1"))
        assert "already" in refusal(source, action)


AWAITS = {
    "a statement": ("await a()", "a()"),
    "in parentheses": ("(await a()).b", "a().b"),
    "an operand": ("c = 1 + await a()", "c = 1 + a()"),
}


@pytest.mark.parametrize(("before", "after"), AWAITS.values(), ids=AWAITS)
def test_remove_await(before, after):
    source = f"async def f():\n    {before}\n"
    action = RemoveAwait(PATH, at(source, "await a()"))
    assert fix(source, action) == f"async def f():\n    {after}\n"


def test_parentheses_around_several_lines_stay():
    source = "async def f():\n    (await a\n     .b())\n"
    action = RemoveAwait(PATH, at(source, "await a\n     .b()"))
    assert fix(source, action) == "async def f():\n    (a\n     .b())\n"


def test_only_an_await_is_removed():
    source = "a()\n"
    assert "no await" in refusal(source, RemoveAwait(PATH, at(source, "a()")))


def test_replace_callee():
    source = "x = a.b(\n    1,  # one\n)\n"
    action = ReplaceCallee(PATH, at(source, source[4:-1]), Code("c"))
    assert fix(source, action) == "x = c(\n    1,  # one\n)\n"


def test_only_a_call_has_a_callee():
    source = "x = a\n"
    assert "no call" in refusal(source, ReplaceCallee(PATH, at(source, "a"), Code("c")))
