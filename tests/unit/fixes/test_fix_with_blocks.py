"""Actions for the fixes of Starlette's sockets: with statements, yield, arguments."""

from __future__ import annotations

import pytest
from fix_tools import PATH, at, fix, refusal

from wslint.findings.actions import (
    AssignToWith,
    Code,
    EnterStatement,
    NameWithItem,
    RemoveArgument,
    RemoveWithItem,
    ReplaceExpression,
    ReturnToYield,
    TakeIntoWith,
)


def test_name_with_item():
    source = "with a, (\n    b()\n):\n    pass\n"
    assert fix(source, NameWithItem(PATH, at(source, "b()"), "c")) == (
        "with a, (\n    b()\n) as c:\n    pass\n"
    )


def test_a_name_is_removed():
    source = "with a() as b, c as d:\n    pass\n"
    action = NameWithItem(PATH, at(source, "a()"), "")
    assert fix(source, action) == "with a(), c as d:\n    pass\n"


def test_an_item_that_has_a_name_keeps_it():
    source = "with a() as b:\n    pass\n"
    action = NameWithItem(PATH, at(source, "a()"), "c")
    assert refusal(source, action) == "the item of the with already has a name"
    removal = RemoveWithItem(PATH, at(source, "a()"))
    assert refusal(source, removal) == "the item of the with has a name, which is used"


REMOVED = {
    "the first of two": ("with HERE, b as c:\n    d\n", "with b as c:\n    d\n"),
    "the last of two": ("with b as c, HERE:\n    d\n", "with b as c:\n    d\n"),
    "the only one": ("with HERE:\n    a\n    b\nc\n", "a\nb\nc\n"),
    "comments": (
        "def f():\n    # one\n    with HERE:\n        # 2\n        a  # 3\n        # 4\n    b\n",
        "def f():\n    # one\n    # 2\n    a  # 3\n    # 4\n    b\n",
    ),
    "nested": (
        "with x:\n    with HERE:\n        with y:\n            a\n",
        "with x:\n    with y:\n        a\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), REMOVED.values(), ids=REMOVED)
def test_remove_with_item(before, after):
    assert fix(before, RemoveWithItem(PATH, at(before, "HERE"))) == after


def test_a_comment_after_the_head_is_not_lost():
    source = "with a:  # why\n    b\n"
    assert "comment" in refusal(source, RemoveWithItem(PATH, at(source, "a")))


ENTERED = {
    "comments": ("# one\nHERE()  # two\na\n", "# one\nwith HERE():  # two\n    pass\na\n"),
    "one of several on a line": ("a; HERE(); b\n", "a\nwith HERE():\n    pass\nb\n"),
}


@pytest.mark.parametrize(("before", "after"), ENTERED.values(), ids=ENTERED)
def test_enter_statement(before, after):
    assert fix(before, EnterStatement(PATH, at(before, "HERE()"))) == after


def test_only_a_statement_is_entered():
    source = "a = b()\n"
    action = EnterStatement(PATH, at(source, "b()"))
    assert refusal(source, action) == "the expression is not a statement"


TAKEN = {
    "one of two": (
        "with a as b:\n    c\nd(b)\ne\n",
        "with a as b:\n    c\n    d(b)\ne\n",
    ),
    "comments, and a pass that is not needed": (
        "def f():\n    with a as b:\n        pass\n    # one\n    d(b)  # two\n",
        "def f():\n    with a as b:\n        # one\n        d(b)  # two\n",
    ),
    "statements in between": (
        "with a as b:\n    c\nx = 1\n\ny = 2\nd(b)\n",
        "with a as b:\n    c\n    x = 1\n\n    y = 2\n    d(b)\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), TAKEN.values(), ids=TAKEN)
def test_take_into_with(before, after):
    with_ = before[before.index("with") :]
    end = with_.index("c\n") + 1 if "c\n" in with_ else with_.index("pass") + 4
    action = TakeIntoWith(PATH, at(before, with_[:end]), at(before, "d(b)"))
    assert fix(before, action) == after


def test_nothing_is_taken_from_another_block():
    source = "if x:\n    with a as b:\n        c\nd(b)\n"
    action = TakeIntoWith(PATH, at(source, "with a as b:\n        c"), at(source, "d(b)"))
    assert refusal(source, action) == "the with and the later use are in different blocks"


def test_return_to_yield():
    source = "def f() -> int:\n    with a as b:\n        return b  # why\n"
    assert fix(source, ReturnToYield(PATH, at(source, "return b"))) == (
        "from collections.abc import Iterator\n\n\ndef f() -> Iterator[int]:\n"
        "    with a as b:\n        yield b  # why\n"
    )


def test_a_return_that_is_not_the_end_stays():
    source = "def f():\n    if x:\n        return a\n    b()\n"
    action = ReturnToYield(PATH, at(source, "return a"))
    assert refusal(source, action) == "what follows the return would run too"


ARGUMENTS = {
    "the only one": ("a(timeout=1)\n", "a()\n"),
    "the only one, on a line of its own": ("a(\n    timeout=1,\n)\n", "a()\n"),
    "the last": ("a(b, timeout=1)\n", "a(b)\n"),
    "the first": ("a(timeout=1, b=2)\n", "a(b=2)\n"),
    "on its line": ("a(\n    b,\n    timeout=1,\n)\n", "a(\n    b,\n)\n"),
}


@pytest.mark.parametrize(("before", "after"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_remove_argument(before, after):
    call = at(before, before.rstrip("\n"))
    assert fix(before, RemoveArgument(PATH, call, "timeout")) == after


def test_an_argument_that_is_not_there():
    source = "a(b)\n"
    assert refusal(source, RemoveArgument(PATH, at(source, "a(b)"), "timeout")) == (
        "the call has no argument timeout"
    )


NESTED = {
    "becomes one": (
        "with a:\n    HERE\n",
        "with a, b():\n    pass\n",
    ),
    "with its comments": (
        "# 1\nwith a:\n    HERE  # 2\n",
        "# 1\nwith a, b():  # 2\n    pass\n",
    ),
    "and more after it": (
        "with a:\n    HERE\n    c\n",
        "with a:\n    with b():\n        pass\n    c\n",
    ),
    "a comment at its head": (
        "with a:  # a\n    HERE\n",
        "with a:  # a\n    with b():\n        pass\n",
    ),
    "a comment above": (
        "with a:\n    # b\n    HERE\n",
        "with a:\n    # b\n    with b():\n        pass\n",
    ),
    "a comment at its end": (
        "with a:\n    HERE\n    # end\nc\n",
        "with a:\n    with b():\n        pass\n    # end\nc\n",
    ),
    "another kind": (
        "async def f():\n    async with a:\n        HERE\n",
        "async def f():\n    async with a:\n        with b():\n            pass\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), NESTED.values(), ids=list(NESTED))
def test_a_with_that_comes_to_hold_another(before, after):
    source = before.replace("HERE", "b()")
    assert fix(source, EnterStatement(PATH, at(source, "b()"))) == after


def test_what_people_have_nested_stays_nested():
    source = "with a:\n    with b:\n        c()\n        d\n"
    action = EnterStatement(PATH, at(source, "c()"))
    assert fix(source, action).startswith("with a:\n    with b:\n        with c():\n")


LONG = "x" * 38


def test_a_with_that_comes_to_be_too_long():
    source = f"with {LONG} as y, b:\n    pass\n"
    action = ReplaceExpression(PATH, at(source, "b", 0), Code(f"{{0}}({LONG})"))
    assert fix(source, action) == f"with (\n    {LONG} as y,\n    b({LONG}),\n):\n    pass\n"
    before = f"with {LONG}() as y, {LONG} as z, b:\n    pass\n"
    action = ReplaceExpression(PATH, at(before, "b", 0), Code("{0}()"))
    assert fix(before, action) == before.replace(" b:", " b():")


@pytest.mark.parametrize(("comment", "is_one_line"), [("# why", False), ("# noqa: E501", True)])
def test_the_comment_after_it_counts(comment, is_one_line):
    short = LONG[:30]
    source = f"def f():\n    a = {short}()\n    with b({short}):  {comment}\n        a\n"
    fixed = fix(source, AssignToWith(PATH, at(source, f"a = {short}()")))
    assert (f"b({short}):  {comment}" in fixed) == is_one_line
    assert comment in fixed
