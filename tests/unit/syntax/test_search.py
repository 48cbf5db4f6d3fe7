"""Names looked for in a piece of a script."""

from __future__ import annotations

import pytest

from wslint.syntax.lowering import lower
from wslint.syntax.search import attributes_read
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
