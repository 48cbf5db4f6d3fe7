"""Searching names in nodes of a script."""

from __future__ import annotations

import pytest

from wslint.syntax import nodes as s
from wslint.syntax.lowering import lower
from wslint.syntax.search import attributes_read, walk
from wslint.syntax.source import Source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b\nx.c(a.d)\na\n", {"b", "d"}),
        ("def f():\n    a.b\n", {"b"}),
        ("def f(a):\n    a.b\n", set()),
        ("def f():\n    a = x\n    a.b\n", set()),
        ("def f():\n    with x as a:\n        a.b\n", set()),
        ("def f():\n    if x:\n        a = x\n    a.b\na.c\n", {"c"}),
        ("def f():\n    def g(a):\n        a.b\n    a.c\n", {"c"}),
    ],
)
def test_attributes_read(text: str, expected: set[str]) -> None:
    source = Source.from_bytes("file.py", text.encode())
    assert isinstance(source, Source)
    assert attributes_read(lower(source).body, "a") == expected


@pytest.mark.parametrize(
    ("skip", "names"),
    [((), ["a", "b", "c", "d"]), ((s.Lambda,), ["a", "b", "d"]), ((s.Call,), ["d"])],
)
def test_walk_goes_in_order(skip: tuple[type, ...], names: list[str]) -> None:
    source = Source.from_bytes("file.py", b"a(b, lambda: c)\nd\n")
    assert isinstance(source, Source)
    found = walk(lower(source).body, skip)
    assert [node.parts[0] for node in found if isinstance(node, s.Ref)] == names
