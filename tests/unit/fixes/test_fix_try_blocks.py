"""``try`` statements: statements that move to the ``else``, handlers that go."""

from __future__ import annotations

import pytest
from fix_tools import PATH, at, fix, refusal

from wslint.findings.actions import (
    Code,
    InsertStatement,
    MoveToElse,
    RemoveHandlers,
    ReplaceExpression,
)

END = "    c()\n    # 4\n"
BODY = f"    # 1\n    a()  # 2\n\n    # 3\n    b()\n{END}"
HANDLER = "except E:  # five\n    # six\n    pass\n"
MOVED = {
    "comments": (
        f"try:  # 0\n{BODY}{HANDLER}d()\n",
        f"try:  # 0\n    # 1\n    a()  # 2\n{HANDLER}else:\n    # 3\n    b()\n{END}d()\n",
    ),
    "before a finally": (
        "try:\n  a()\n  b()\nexcept E: pass\nfinally:\n  f()\n",
        "try:\n  a()\nexcept E: pass\nelse:\n  b()\nfinally:\n  f()\n",
    ),
    "a compound statement": (
        "try:\n\ta()\n\tif b():\n\t\tc()\nexcept E:\n\tpass\n",
        "try:\n\ta()\nexcept E:\n\tpass\nelse:\n\tif b():\n\t\tc()\n",
    ),
}


def whole(source: str) -> str:
    """Return the ``try`` of a source, from its first line to the end of its last block."""
    return source.removesuffix("d()\n").rstrip()


@pytest.mark.parametrize(("before", "after"), MOVED.values(), ids=MOVED)
def test_move_to_else(before: str, after: str) -> None:
    first = "if b():\n\t\tc()" if "if" in before else "b()"
    action = MoveToElse(PATH, at(before, whole(before)), at(before, first))
    assert fix(before, action) == after


def test_the_receive_of_an_assert_stays() -> None:
    source = "try:\n    assert a(1) == 2  # why\nexcept E:\n    pass\n"
    test, call = at(source, "assert a(1) == 2"), at(source, "a(1)")
    actions = (
        InsertStatement(PATH, test, Code("b = {0}"), after=False, sources=(call,)),
        ReplaceExpression(PATH, call, Code("b")),
        MoveToElse(PATH, at(source, whole(source)), test),
    )
    expected = "try:\n    b = a(1)\nexcept E:\n    pass\nelse:\n    assert b == 2  # why\n"
    assert fix(source, *actions) == expected


REFUSED = {
    "an else": ("try:\n    a()\n    b()\nexcept E:\n    pass\nelse:\n    c()\n", "has an else"),
    "one line": ("try: b()\nexcept E:\n    pass\n", "on lines of its own"),
    "several on a line": ("try:\n    a(); b()\nexcept E:\n    pass\n", "on lines of its own"),
    "all of it": ("try:\n    b()\nexcept E:\n    pass\n", "nothing would be left"),
    "elsewhere": ("try:\n    if a:\n        b()\nexcept E:\n    pass\n", "on lines of its own"),
    "no try": ("with a:\n    b()\n", "there is no try"),
}


@pytest.mark.parametrize(("source", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_move(source: str, reason: str) -> None:
    action = MoveToElse(PATH, at(source, whole(source)), at(source, "b()"))
    assert reason in refusal(source, action)


REMOVED = {
    "a comment of the handler": (
        "try:\n    a()\nexcept E:\n    # it may fail\n    pass\n",
        "# it may fail\na()\n",
    ),
    "comments": (f"try:\n{BODY}except E:\n    pass\nd()\n", BODY.replace("    ", "") + "d()\n"),
    "a finally": (
        "try:\n    a()\nexcept E:\n    pass\nfinally:\n    b()\n",
        "try:\n    a()\nfinally:\n    b()\n",
    ),
    "an else": (
        "try:\n    a()\nexcept E:\n    pass\nelse:\n    # it worked\n    b()\nd()\n",
        "a()\n# it worked\nb()\nd()\n",
    ),
    "an else and a finally": (
        "try:\n    a()\nexcept E:\n    pass\nelse:\n    b()\nfinally:\n    c()\n",
        "try:\n    a()\n    b()\nfinally:\n    c()\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), REMOVED.values(), ids=REMOVED)
def test_remove_handlers(before: str, after: str) -> None:
    assert fix(before, RemoveHandlers(PATH, at(before, whole(before)))) == after


KEPT = {
    "one line": (REFUSED["one line"][0], "on the same line"),
    "an else on one line": ("try:\n    a()\nexcept E:\n    pass\nelse: b()\n", "on the same line"),
}


@pytest.mark.parametrize(("source", "reason"), KEPT.values(), ids=KEPT)
def test_handlers_that_stay(source: str, reason: str) -> None:
    assert reason in refusal(source, RemoveHandlers(PATH, at(source, whole(source))))
