"""Decorators are added, removed and reordered with the comments around them."""

# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

import pytest
from fix_tools import MOCK, PATH, at, fix, name, refusal, text

from wslint.findings.actions import AddDecorator, Code, OrderDecorators, RemoveDecorator

PLAIN = Code("keep")
MARKED = text('''
    """Doc."""


    # about the test
    @first  # one
    # about second
    @second(
        1,
    )
    # about def
    async def test_a(self): pass  # end
''')


def test_add_outermost_stays_below_the_comment_on_the_whole():
    got = fix(MARKED, AddDecorator(PATH, name(MARKED, "test_a"), PLAIN))
    assert got == MARKED.replace("@first", "@keep\n@first")


def test_add_innermost():
    got = fix(MARKED, AddDecorator(PATH, name(MARKED, "test_a"), PLAIN, index=-1))
    assert got == MARKED.replace("# about def", "@keep\n# about def")


def test_add_between_leaves_the_comment_with_its_decorator():
    got = fix(MARKED, AddDecorator(PATH, name(MARKED, "test_a"), PLAIN, index=1))
    assert got == MARKED.replace("# about second", "@keep\n# about second")


def test_several_at_one_index_stand_as_listed():
    target = name(MARKED, "test_a")
    got = fix(MARKED, AddDecorator(PATH, target, Code("a")), AddDecorator(PATH, target, Code("b")))
    assert got == MARKED.replace("@first", "@a\n@b\n@first")


def test_add_and_remove_on_one_function():
    source = "@old\n@kept\ndef f(): ...\n"
    got = fix(
        source,
        AddDecorator(PATH, name(source, "f"), PLAIN, index=-1),
        RemoveDecorator(PATH, name(source, "f"), at(source, "old")),
    )
    assert got == "@kept\n@keep\ndef f(): ...\n"


def test_remove_keeps_the_comment_above():
    got = fix(
        MARKED, RemoveDecorator(PATH, name(MARKED, "test_a"), at(MARKED, "second(\n    1,\n)"))
    )
    assert got == MARKED.replace("@second(\n    1,\n)\n", "")


def test_remove_refuses_to_lose_a_comment():
    action = RemoveDecorator(PATH, name(MARKED, "test_a"), at(MARKED, "first"))
    assert refusal(MARKED, action) == "a comment would be lost"


def test_order():
    source = "@a\n# b\n@b\n@c\ndef f(): ...\n"
    got = fix(source, OrderDecorators(PATH, name(source, "f"), (2, 0, 1)))
    assert got == "@c\n@a\n# b\n@b\ndef f(): ...\n"


def test_order_and_add():
    source = "@a\n@b\ndef f(): ...\n"
    target = name(source, "f")
    got = fix(source, AddDecorator(PATH, target, PLAIN, 1), OrderDecorators(PATH, target, (1, 0)))
    assert got == "@b\n@keep\n@a\ndef f(): ...\n"


@pytest.mark.parametrize("order", [(0,), (0, 0), (0, 2)])
def test_order_of_other_decorators_is_refused(order):
    source = "@a\n@b\ndef f(): ...\n"
    action = OrderDecorators(PATH, name(source, "f"), order)
    assert refusal(source, action) == "the new order does not list all decorators"


def test_class():
    source = "import os\n\n\nclass Tests(Base):\n\tx = 1\n"
    got = fix(source, AddDecorator(PATH, name(source, "Tests"), Code("{a}('x')", (MOCK,))))
    assert (
        got
        == "import os\nfrom unittest import mock\n\n\n@mock.patch('x')\nclass Tests(Base):\n\tx = 1\n"
    )


def test_method_with_crlf_and_no_final_newline():
    source = "class T:\r\n  def f(self):\r\n    pass"
    assert fix(source, AddDecorator(PATH, name(source, "f"), PLAIN)) == (
        "class T:\r\n  @keep\r\n  def f(self):\r\n    pass"
    )


@pytest.mark.parametrize(
    ("fragment", "index", "reason"),
    [
        ("f", 3, "there are fewer decorators than the fix expects"),
        ("pass", 0, "there is no function or class at the place of the fix"),
    ],
)
def test_refused(fragment, index, reason):
    source = "def f(): pass\n"
    span = name(source, "f") if fragment == "f" else at(source, fragment)
    assert refusal(source, AddDecorator(PATH, span, PLAIN, index)) == reason


def test_the_place_must_be_a_decorator():
    source = "@a(b)\ndef f(): pass\n"
    action = RemoveDecorator(PATH, name(source, "f"), at(source, "b"))
    assert (
        refusal(source, action) == "there is no decorator of the function at the place of the fix"
    )


def test_a_decorator_of_the_class_is_not_repeated_on_its_tests():
    source = text("""
        class TestIt:
            def setUp(self): ...
            def test_one(self): ...
            def test_two(self): ...
            def helper(self): ...
        def test_three(): ...
    """)
    patch = Code("patch(x)")
    places = [name(source, each) for each in ("test_one", "TestIt", "helper", "test_three")]
    other = AddDecorator(PATH, name(source, "test_two"), Code("patch(y)"))
    assert fix(source, *(AddDecorator(PATH, place, patch) for place in places), other) == text("""
        @patch(x)
        class TestIt:
            def setUp(self): ...
            def test_one(self): ...
            @patch(y)
            def test_two(self): ...
            @patch(x)
            def helper(self): ...
        @patch(x)
        def test_three(): ...
    """)
