"""YieldInsideWith: a fixture yields its value from within a with."""

# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

import pytest
from fix_tools import PATH, at, fix, refusal, text

from wslint.findings.actions import YieldInsideWith

RETURNS = {
    "comments": (
        """
        @pytest.fixture
        def f():
            app = make()
            # about

            return T(app)  # why
            # tail
        """,
        """
        @pytest.fixture
        def f():
            app = make()
            # about

            with T(app) as c:
                yield c  # why
            # tail
        """,
    ),
    "one line": (
        "def f(): return T(app)  # why\n",
        "def f():\n    with T(app) as c:\n        yield c  # why\n",
    ),
    "in tabs": (
        "if x:\n    pass\ndef f():\n\treturn T(app)",
        "if x:\n    pass\ndef f():\n\twith T(app) as c:\n\t\tyield c",
    ),
    "annotation": (
        "def f() -> T:\n    return T(app)\n",
        """
        from collections.abc import Iterator

        def f() -> Iterator[T]:
            with T(app) as c:
                yield c
        """,
    ),
    "annotation of an async function": (
        "from collections import abc\n\nasync def f() -> T | None:\n    return T(app)\n",
        """
        from collections import abc

        async def f() -> abc.AsyncIterator[T | None]:
            with T(app) as c:
                yield c
        """,
    ),
    "a file that has it from typing": (
        "from typing import Iterator\ndef f() -> T:\n    return T(app)\n",
        "from typing import Iterator\ndef f() -> Iterator[T]:\n    with T(app) as c:\n        yield c\n",
    ),
    "string annotation": (
        "from collections.abc import Iterator as It\ndef f() -> 'T | None':\n    return T(app)\n",
        """
        from collections.abc import Iterator as It
        def f() -> 'It[T | None]':
            with T(app) as c:
                yield c
        """,
    ),
    "taken name": (
        "def f(c):\n    return T(app)\n",
        "def f(c):\n    with T(app) as c_2:\n        yield c_2\n",
    ),
    "a keyword and an attribute take no name": (
        "def f():\n    a(c=b.c)\n    return T(app)\n",
        "def f():\n    a(c=b.c)\n    with T(app) as c:\n        yield c\n",
    ),
    "nested functions stay": (
        "def f():\n    def g():\n        return 1\n    return T(app)\n",
        "def f():\n    def g():\n        return 1\n    with T(app) as c:\n        yield c\n",
    ),
    "inside a with and a try": (
        "def f():\n    with a:\n        try:\n            return T(app)\n        finally:\n            b\n",
        """
        def f():
            with a:
                try:
                    with T(app) as c:
                        yield c
                finally:
                    b
        """,
    ),
    "not at the end": (
        "def f():\n    if a:\n        return T(app)\n    print()\n",
        """
        def f():
            if a:
                with T(app) as c:
                    yield c
                return
            print()
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), RETURNS.values(), ids=RETURNS)
def test_return(before, after):
    before, after = text(before), text(after)
    if after.startswith("from collections.abc import Iterator\n"):
        after = after.replace("Iterator\n\n", "Iterator\n\n\n")
    assert fix(before, YieldInsideWith(PATH, at(before, "return T(app)"), "c")) == after


def test_two_returns_of_one_fix():
    source = "def f(a) -> T:\n    if a: return T(a)\n    else:\n        return U(a)\n"
    got = fix(
        source,
        YieldInsideWith(PATH, at(source, "return T(a)"), "c"),
        YieldInsideWith(PATH, at(source, "return U(a)"), "c"),
    )
    assert got == text("""
        from collections.abc import Iterator


        def f(a) -> Iterator[T]:
            if a:
                with T(a) as c:
                    yield c
            else:
                with U(a) as c:
                    yield c
    """)


YIELDS = {
    "keeps what follows": (
        "def f() -> Iterator[T]:\n    # about\n    yield T(app)  # why\n    clean()\n",
        "def f() -> Iterator[T]:\n    # about\n    with T(app) as c:\n        yield c  # why\n    clean()\n",
    ),
    "plain name": (
        "def f():\n    yield T\n",
        "def f():\n    with T:\n        yield T\n",
    ),
    "several on a line": (
        "def f(): a(); yield T(app); b()\n",
        "def f():\n    a()\n    with T(app) as c:\n        yield c\n    b()\n",
    ),
    "parenthesised value": (
        "def f():\n    yield (  # why\n        T(app)\n    )\n",
        "def f():\n    with (  # why\n        T(app)\n    ) as c:\n        yield c\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), YIELDS.values(), ids=YIELDS)
def test_yield(before, after):
    start = before.index("yield")
    end = before.rindex(")\n") + 1 if "(  #" in before else start + len("yield T(app)")
    if "yield T\n" in before:
        end = start + len("yield T")
    assert fix(before, YieldInsideWith(PATH, at(before, before[start:end]), "c")) == after


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("return a, b", "the statement returns several values"),
        ("return (a, b)", "the statement returns several values"),
        ("return", "the statement returns no value"),
        ("yield", "the statement returns no value"),
        ("yield from a", "the statement returns no value"),
        ("x = yield a", "the statement returns no value"),
        ("return None", "the value cannot be entered"),
        ("return 'x'", "the value cannot be entered"),
        ("return (yield a)", "the value contains a yield"),
        ("return a; yield b", "the function is already a generator, and returns a value"),
        ("return a; return b", "the function also returns elsewhere"),
    ],
)
def test_refused(body, reason):
    source = f"def f():\n    {body}\n"
    statement = body.partition(";")[0]
    assert refusal(source, YieldInsideWith(PATH, at(source, statement), "c")) == reason


def test_refused_in_a_loop():
    source = "def f():\n    for a in b:\n        return a()\n"
    action = YieldInsideWith(PATH, at(source, "return a()"), "c")
    assert refusal(source, action) == "the statement is in a loop"


def test_refused_with_a_type_comment():
    source = "def f():\n    # type: () -> T\n    return a()\n"
    action = YieldInsideWith(PATH, at(source, "return a()"), "c")
    assert refusal(source, action) == "the type comment of the function would be wrong"
