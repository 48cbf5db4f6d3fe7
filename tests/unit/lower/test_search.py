"""Names looked for in a piece of a script."""

from __future__ import annotations

import pytest

from wslint.syntax.cst_lowering import lower_lines
from wslint.syntax.search import attributes_read


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
    assert attributes_read(lower_lines(text, 1), "a") == expected
