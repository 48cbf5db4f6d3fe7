"""WrapStatement, InsertStatement, RemoveStatement and AssignToWith."""

from __future__ import annotations

import pytest
from fix_tools import MOCK, PATH, at, fix, refusal, text

from wslint.findings.actions import (
    AssignToWith,
    Code,
    InsertStatement,
    RemoveStatement,
    ReplaceStatement,
    WrapStatement,
)

WRAP = {
    "comments": (
        "def f():\n    a\n\n    # about\n    HERE()  # why\n    b\n",
        "def f():\n    a\n\n    # about\n    with w:\n        HERE()  # why\n    b\n",
    ),
    "one of several on a line": (
        "def f():\n    # about\n    a; HERE(); b  # why\n",
        "def f():\n    # about\n    a\n    with w:\n        HERE()\n    b  # why\n",
    ),
    "a suite on one line": (
        "if x: HERE()  # why\nelse: a\n",
        "if x:\n    with w:\n        HERE()  # why\nelse: a\n",
    ),
    "in a tab suite": (
        "if x:\n    pass\ndef f():\n\tif y: a; HERE()\n",
        "if x:\n    pass\ndef f():\n\tif y:\n\t\ta\n\t\twith w:\n\t\t\tHERE()\n",
    ),
    "with a semicolon at the end": ("a; HERE();\n", "a\nwith w:\n    HERE()\n"),
    "crlf": ("a\r\nHERE()", "a\r\nwith w:\r\n    HERE()"),
}


@pytest.mark.parametrize(("before", "after"), WRAP.values(), ids=WRAP)
def test_wrap_statement(before, after):
    assert fix(before, WrapStatement(PATH, at(before, "HERE()"), Code("w"))) == after


def test_replace_statement():
    source = "def f():\n    # why\n    with a:\n        b()\n\n    c()\n"
    action = ReplaceStatement(PATH, at(source, "with a:\n        b()"), Code("assert d"))
    assert fix(source, action) == "def f():\n    # why\n    assert d\n\n    c()\n"


def test_replace_statement_keeps_comments():
    source = "def f():\n    with a:  # why\n        b()\n"
    action = ReplaceStatement(PATH, at(source, "with a:  # why\n        b()"), Code("assert d"))
    assert fix(source, action) == "def f():\n    assert d  # why\n"


def test_replace_statement_keeps_several_comments():
    source = "def f():\n    with a:  # one\n        # two\n        b()\n    c()\n"
    place = at(source, "with a:  # one\n        # two\n        b()")
    action = ReplaceStatement(PATH, place, Code("assert d"))
    assert fix(source, action) == "def f():\n    # one\n    # two\n    assert d\n    c()\n"


def test_replace_statement_repeats_one_inside():
    source = "def f():\n    try:  # one\n        b(1)  # two\n    except E:\n        pass\n"
    place = at(source, source[13:-1])
    action = ReplaceStatement(PATH, place, Code("if a:\n    {0}"), at(source, "b(1)"))
    assert fix(source, action) == "def f():\n    # one\n    if a:\n        b(1)  # two\n"


def test_wrap_compound_statement():
    source = "for a in b:\n    c()\n    # tail\n\nd()\n"
    got = fix(source, WrapStatement(PATH, at(source, "for a in b:\n    c()"), Code("w")))
    assert got == "with w:\n    for a in b:\n        c()\n        # tail\n\nd()\n"


def test_an_elif_is_no_statement_of_its_own():
    source = "if a: pass\nelif b: pass\n"
    action = WrapStatement(PATH, at(source, "if b: pass"), Code("w"))
    assert refusal(source, action) in {
        "the statement is part of another one, such as an elif",
        "there is no statement at the place of the fix",
    }


def test_a_docstring_is_not_wrapped():
    source = '"""Doc."""\n'
    action = WrapStatement(PATH, at(source, '"""Doc."""'), Code("w"))
    assert refusal(source, action) == "a docstring would be lost"


INSERT = {
    "before the first of a file": (
        False,
        "x()",
        "#!/bin/sh\n# about\na()\n",
        "#!/bin/sh\nx()\n# about\na()\n",
    ),
    "after": (True, "x()", "a()  # c\n", "a()  # c\nx()\n"),
    "before": (False, "x()", "y\n\n# about\na()  # c\n", "y\n\nx()\n# about\na()  # c\n"),
    "after one of several": (True, "x()", "y; a(); z\n", "y\na()\nx()\nz\n"),
    "in a suite": (True, "x()", "if y: a()\n", "if y:\n    a()\n    x()\n"),
    "at the end without newline": (True, "x()\nz()", "y\na()", "y\na()\nx()\nz()"),
    "blocks take the indentation around": (
        True,
        "try:\n    x\nfinally:\n    y\n",
        "def f():\n\ta()\n",
        "def f():\n\ta()\n\ttry:\n\t\tx\n\tfinally:\n\t\ty\n",
    ),
    "strings keep theirs": (
        True,
        'x = """\n  y\n"""\n',
        "def f():\n\ta()\n",
        'def f():\n\ta()\n\tx = """\n  y\n"""\n',
    ),
    "crlf": (True, 'x = """\n"""\ny', "a()\r\n", 'a()\r\nx = """\r\n"""\r\ny\r\n'),
    "definitions get room": (
        True,
        "@fixture\ndef x():\n    pass\n",
        "a()\nb()\n",
        "a()\n\n\n@fixture\ndef x():\n    pass\n\n\nb()\n",
    ),
    "definition before": (
        False,
        "def x():\n    pass\n",
        "y\na()\n",
        "y\ndef x():\n    pass\n\n\na()\n",
    ),
    "its comments come with it": (True, "# why\nx()  # how\n", "a()\n", "a()\n# why\nx()  # how\n"),
    "before, below a type comment": (
        False,
        "x()",
        "def f(b):\n    # type: (int) -> int\n    # why\n    a()\n",
        "def f(b):\n    # type: (int) -> int\n    x()\n    # why\n    a()\n",
    ),
}


@pytest.mark.parametrize(("after", "code", "before", "expected"), INSERT.values(), ids=INSERT)
def test_insert(after, code, before, expected):
    assert (
        fix(before, InsertStatement(PATH, at(before, "a()"), Code(code), after=after)) == expected
    )


def test_insert_into_an_empty_file():
    code = Code("def x():\n    {a}()\n", (MOCK,))
    got = fix("# conftest\n", InsertStatement(PATH, at("x", "x"), code))
    assert got == "# conftest\n\nfrom unittest import mock\n\n\ndef x():\n    mock.patch()\n"


def test_before_and_after_and_around_one_statement():
    source = "a; b; c\n"
    span = at(source, "b")
    got = fix(
        source,
        InsertStatement(PATH, span, Code("p"), after=False),
        InsertStatement(PATH, span, Code("q")),
        WrapStatement(PATH, span, Code("w")),
    )
    assert got == "a\np\nwith w:\n    b\nq\nc\n"


@pytest.mark.parametrize("statement", ["return 1", "raise X", "break", "continue"])
def test_nothing_runs_after_a_jump(statement):
    source = f"def f():\n    for x in y:\n        {statement}\n"
    action = InsertStatement(PATH, at(source, statement), Code("z"))
    assert refusal(source, action) == "nothing runs after the statement at the place of the fix"


ASSIGN = {
    "lines with a backslash": (
        """
        def f():
            c = T()
            x
            with a, \\
                 b:
                y = 1 + \\
                    2
        """,
        """
        def f():
            with T() as c:
                x
                with a, \\
                     b:
                    y = 1 + \\
                        2
        """,
    ),
    "rest of the block": (
        """
        def f():
            # client
            c = T(app)  # bare

            c.get()

            # then
            c.post(); x()
            # tail

        y
        """,
        """
        def f():
            # client
            with T(app) as c:  # bare
                c.get()

                # then
                c.post(); x()
                # tail

        y
        """,
    ),
    "on a line with others": (
        "def f(): a(); c = T(app); c.get(); b()\n",
        "def f():\n    a()\n    with T(app) as c:\n        c.get()\n        b()\n",
    ),
    "annotation that says nothing new": (
        "def f():\n    c: lib.T = lib.T(app)\n    c.get()\n",
        "def f():\n    with lib.T(app) as c:\n        c.get()\n",
    ),
    "annotation that says more": (
        "def f():\n    # about\n    c: T = make(app)  # why\n    c.get()\n",
        "def f():\n    # about\n    c: T\n    with make(app) as c:  # why\n        c.get()\n",
    ),
    "type comment": (
        "def f():\n    c = make(app)  # type: T\n    c.get()\n",
        "def f():\n    with make(app) as c:  # type: T\n        c.get()\n",
    ),
    "inner block": (
        "def f():\n  if a:\n    c = T(a)\n    import x\n    c.get()\n  b\n",
        "def f():\n  if a:\n    with T(a) as c:\n      import x\n      c.get()\n  b\n",
    ),
    "one with below": (
        "def f():\n    c = T(a)\n\n    with c.open() as d:\n        d.get()\n    # end\n",
        "def f():\n    with T(a) as c, c.open() as d:\n        d.get()\n    # end\n",
    ),
    "one with below, in parentheses": (
        "def f():\n    c = T(a)\n    with (\n        c.open() as d,\n    ):\n        d()\n",
        "def f():\n    with (\n        T(a) as c,\n        c.open() as d,\n    ):\n        d()\n",
    ),
    "one with below, and too long a line": (
        f"def f():\n    c = T({'a' * 60})\n    with c.open() as d, c.open() as e:\n        d()\n",
        (
            f"def f():\n    with (\n        T({'a' * 60}) as c,\n        c.open() as d,\n"
            "        c.open() as e,\n    ):\n        d()\n"
        ),
    ),
    "a with below, and more": (
        "def f():\n    c = T(a)\n    with c.open() as d:\n        d.get()\n    c.get()\n",
        (
            "def f():\n    with T(a) as c:\n        with c.open() as d:\n            d.get()\n"
            "        c.get()\n"
        ),
    ),
    "comments between": (
        "def f():\n    c = T(a)\n    # open it\n    with c.open() as d:\n        d.get()\n",
        (
            "def f():\n    with T(a) as c:\n        # open it\n        with c.open() as d:\n"
            "            d.get()\n"
        ),
    ),
    "a comment after it": (
        "def f():\n    c = T(a)  # bare\n    with c.open() as d:\n        d.get()\n",
        "def f():\n    with T(a) as c:  # bare\n        with c.open() as d:\n            d.get()\n",
    ),
    "an async with below": (
        "async def f():\n    c = T(a)\n    async with c.open() as d:\n        d.get()\n",
        (
            "async def f():\n    with T(a) as c:\n        async with c.open() as d:\n"
            "            d.get()\n"
        ),
    ),
    "awaited": (
        "async def f():\n    c = await T(a)\n    c.get()\n",
        "async def f():\n    with await T(a) as c:\n        c.get()\n",
    ),
}


def _assignment(source: str) -> AssignToWith:
    start = source.index("c = ") if "c = " in source else source.index("c: ")
    end = min(i for i in (source.find(x, start) for x in (";", "\n", "  #")) if i > 0)
    return AssignToWith(PATH, at(source, source[start:end]))


@pytest.mark.parametrize(("before", "after"), ASSIGN.values(), ids=ASSIGN)
def test_assign_to_with(before, after):
    before, after = text(before), text(after)
    assert fix(before, _assignment(before)) == after


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("c = T()\nc.get()\n", "outside a function the with would end before a test starts"),
        ("def f():\n    x\n    c = T()\n", "nothing follows the place where c is bound"),
        ("def f():\n    c = d = T()\n    x\n", "the statement does not bind a single name"),
        ("def f():\n    a.c = T()\n    x\n", "the statement does not bind a single name"),
        ("def f():\n    b, c = T()\n    x\n", "the statement does not bind a single name"),
        ("def f():\n    c = 1, 2\n    x\n", "the value is not an expression that a with can enter"),
        (
            "def f():\n    c = T()\n    return c\n",
            "c leaves the function and would be closed by then",
        ),
        (
            "def f():\n    c = T()\n    return 1, c\n",
            "c leaves the function and would be closed by then",
        ),
        (
            "def f(self):\n    c = T()\n    self.c = c\n",
            "c leaves the function and would be closed by then",
        ),
        ("def f():\n    global c\n    c = T()\n    x\n", "c is used outside the function"),
        (
            "def f():\n    if a:\n        c = T()\n        x\n    c.get()\n",
            "c is used after the block it is bound in",
        ),
    ],
)
def test_assign_to_with_refused(source, reason):
    start = next(i for i in map(source.find, ("a.c = ", "b, c", "c = ")) if i >= 0)
    action = AssignToWith(PATH, at(source, source[start : source.index("\n", start)]))
    assert refusal(source, action) == reason


REMOVED = {
    "between": ("a\n\nHERE\nb\n", "a\n\nb\n"),
    "comments": ("a\n# 1\nHERE\n\n# 2\nb\n", "a\n# 1\n\n# 2\nb\n"),
    "the first": ("def f():\n    HERE\n\n    b\n", "def f():\n    b\n"),
    "the last": (
        "def f():\n    a\n    # 1\n    HERE\n    # 2\n",
        "def f():\n    a\n    # 1\n    # 2\n",
    ),
    "the only one of a block": ("with a:\n    # 1\n    HERE\n", "with a:\n    pass\n    # 1\n"),
    "one of several on a line": ("a; HERE; b\n", "a\nb\n"),
}


@pytest.mark.parametrize(("before", "after"), REMOVED.values(), ids=REMOVED)
def test_remove_statement(before, after):
    assert fix(before, RemoveStatement(PATH, at(before, "HERE"))) == after


def test_the_comments_of_what_is_removed_can_move():
    source = "def f():\n    # 1\n    with a:\n        # 2\n        HERE\n\n        # 3\n        b\n"
    action = RemoveStatement(
        PATH, at(source, "HERE"), at(source, source[source.index("with") : -1])
    )
    assert fix(source, action) == (
        "def f():\n    # 1\n    # 2\n    with a:\n        # 3\n        b\n"
    )


KEPT = {
    "nothing else": ("def f():\n    HERE\n", "nothing else is in the function"),
    "only a docstring": ("def f():\n    'Doc.'\n    HERE\n", "nothing else is in the function"),
    "its comment": ("HERE  # noqa\na\n", "comment on the line"),
    "on one line": ("if a: HERE\n", "on a line of its own"),
}


@pytest.mark.parametrize(("source", "reason"), KEPT.values(), ids=KEPT)
def test_statements_that_stay(source, reason):
    assert reason in refusal(source, RemoveStatement(PATH, at(source, "HERE")))
