"""Loops that get a number of rounds."""

from __future__ import annotations

import pytest
from fix_tools import PATH, at, fix, refusal

from wslint.findings.actions import BoundLoop, Code

CONDITIONS = {
    "a": "not a",
    "not a": "a",
    "a == b": "a != b",
    "a < b": "a >= b",
    "a >= b": "a < b",
    "a in b": "a not in b",
    "a is not b": "a is b",
    "a < b < c": "not a < b < c",
    "a and b > c": "not a or b <= c",
    "not (a and b)": "(a and b)",
    "a or b and c": "not a and (not b or not c)",
    "a and (b or c)": "not a or (not b and not c)",
    "(a := b()) != c": "(a := b()) == c",
    "a if b else c": "not (a if b else c)",
    "a.b(c)": "not a.b(c)",
}


def bound(source: str, loop: str) -> str:
    action = BoundLoop(PATH, at(source, loop), 9, Code("fail()"))
    return fix(source, action)


@pytest.mark.parametrize(("condition", "opposite"), CONDITIONS.items())
def test_a_condition_leaves_the_loop(condition: str, opposite: str) -> None:
    loop = f"while {condition}:\n  # 1\n  d()"
    assert bound(f"{loop}  # 2\n  # 3\ne()\n", loop) == (
        f"for _ in range(9):\n  if {opposite}:\n    break\n  # 1\n  d()  # 2\n  # 3\n"
        "else:\n  fail()\ne()\n"
    )


FAILS = "else:\n    fail()"
ENDLESS = {
    "no break": (
        "while True:\n    if a():\n        return b",
        "for _ in range(9):\n    if a():\n        return b\nfail()",
    ),
    "the break of another loop": (
        "while 1:\n    for a in b:\n        break",
        "for _ in range(9):\n    for a in b:\n        break\nfail()",
    ),
    "a break after another loop": (
        "while True:\n    for a in b:\n        c()\n    else:\n        break",
        f"for _ in range(9):\n    for a in b:\n        c()\n    else:\n        break\n{FAILS}",
    ),
    "count": (
        "for a in itertools.count():\n    if a > b():\n        break",
        "for a in range(9):\n    if a > b():\n        break\nelse:\n    fail()",
    ),
    "a name that nothing reads": (
        "while True:\n    a, _ = b()\n    if a:\n        break",
        f"for _ in range(9):\n    a, _ = b()\n    if a:\n        break\n{FAILS}",
    ),
    "a name that is taken": (
        "while _():\n    pass",
        "for number in range(9):\n    if not _():\n        break\n    pass\nelse:\n    fail()",
    ),
}


def indented(text: str) -> str:
    return "def f():\n    " + text.replace("\n", "\n    ") + "\n"


@pytest.mark.parametrize(("before", "after"), ENDLESS.values(), ids=ENDLESS)
def test_loops_without_an_end(before: str, after: str) -> None:
    source = indented(before)
    assert bound(source, before.replace("\n", "\n    ")) == indented(after)


REFUSED = {
    "an else": "while a():\n    b()\nelse:\n    c()",
    "an end": "for a in b:\n    c()",
    "a start": "for a in count(2):\n    c()",
    "one line": "while a(): b()",
    "no loop": "with a():\n    b()",
}


@pytest.mark.parametrize("source", REFUSED.values(), ids=REFUSED)
def test_other_loops(source: str) -> None:
    assert "loop" in refusal(source + "\n", BoundLoop(PATH, at(source, source), 9, Code("fail()")))
