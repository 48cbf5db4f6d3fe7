"""Lowering a file statement by statement equals lowering it as a whole."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from paths import TESTS

import wslint
from wslint.linking.module import Module
from wslint.syntax.lowering import lower
from wslint.syntax.source import Source

PACKAGE = Path(wslint.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py")) + [
    path
    for path in sorted(TESTS.rglob("*.py"))
    if "WS900" not in path.parts  # unreadable ones
]
ODD = {
    "semicolons": "a = 1; b = 2\nimport os; import sys\n",
    "a statement that ends where the next begins": "x = '''\n'''; y = 2; z = (\n 1)\nw = 3\n",
    "comments": "# one\n\n\ndef f():\n    pass\n    # two\n\n# three\nx = 1  # four\n",
    "decorators": "@a\n# why\n@b(\n    1\n)\ndef f(): yield 1\n",
    "crlf": "import os\r\n\r\nclass A:\r\n    x = 1\r\n",
    "no end of line": "def f():\n    return 1",
    "form feed": "x = 1\n\f\ny = 2\n",
    "tabs": "def f():\n\tif x:\n\t\treturn 1\n",
    "a docstring": '"""Text\nmore."""\nx = 1\n',
    "compound": "try:\n    import a\nexcept ImportError:\n    a = None\nelse:\n    b = 1\n",
    "wide characters": "x = 'äöü🎉'; y = f(x)\n",
    "wide names": "ｘ.ｙ = ｆ(ｘ)\n",
    "operators": "x = a and b and (c and d) or not e and -f + g * h\nassert 0 < x <= 1 != 2\n",
    "strings": "'a' 'b'\nx = 'a' f'{b}' 'c' if c else rb'd' b'e'\nf'{x!r:>{y}}' 'z'\n",
    "indices": "a[b, c], a[b,], a[1:2], a[1:2, ...], a[(b, c)] = x\n",
    "arguments": "f(*a, b=1, *c, **d)\nf(x for x in y)\nf(*(a, b))\n",
    "parameters": "def f(a, /, b=1, *c, d, e=2, **g) -> h: yield\nx = lambda a, *, b=1: (yield)\n",
    "names far away": "async \\\n def \\\n  f(): ...\nclass \\\n A: ...\n",
    "unpacking": "a, *b = *c, d\n[e, (f, g)] = {**h, 'i': j}\ndel a, (b, c)\n",
    "match": "match a, b:\n    case [1, *_]:\n        x\n    case y:\n        z\n",
    "comprehensions": "x = {a: b for a, b in c if d if e for f in g}\n",
}
ODD_SINCE_3_11 = {
    "stars": "def f(*args: *a): b[*c]\n",
    "groups": "try:\n    a\nexcept* (B, C) as e:\n    d\n",
}


if sys.version_info >= (3, 11):
    ODD |= ODD_SINCE_3_11


def source_of(path: str, data: bytes) -> Source:
    source = Source.from_bytes(path, data)
    assert isinstance(source, Source)
    return source


def module(path: str, data: bytes) -> Module:
    return Module(source_of(path, data), "")


def test_the_statements_are_the_file() -> None:
    for path in FILES[::5]:
        data = path.read_bytes()
        assert module(str(path), data).part(None) == lower(source_of(str(path), data)).body, path


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_odd_files(text: str) -> None:
    whole = lower(source_of("odd.py", text.encode())).body
    assert module("odd.py", text.encode()).part(None) == whole


@pytest.mark.parametrize(
    ("text", "name", "count", "conditional"),
    [
        ("a = 1\nb = 2\na = 3\n", "a", 2, False),
        ("if x:\n    a = 1\nelse:\n    a = 2\n", "a", 2, True),
        ("try:\n    import a\nexcept ImportError:\n    a = None\n", "a", 2, True),
        ("import a.b\n", "a", 1, False),
        ("import a.b as c\n", "c", 1, False),
        ("from a import b as c, d\n", "c", 1, False),
        ("(a, [b, *c]), d = x\n", "c", 1, False),
        ("def f():\n    a = 1\n", "a", 0, False),
    ],
)
def test_bindings(text: str, name: str, count: int, conditional: bool) -> None:
    found = module("names.py", text.encode())
    assert len(found.bindings(name)) == count
    assert (name in found) == bool(count)
    assert found.is_conditional(name) == conditional


def test_what_nests_too_deeply_is_left_out() -> None:
    deep = f"deep = {'-' * 400}1\n"
    found = module("deep.py", b"def good():\n    pass\n\n\n" + deep.encode())
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        assert [type(one).__name__ for one in found.bindings("good")] == ["Function"]
        assert found.problems == []
        assert found.bindings("deep") == []
    finally:
        sys.setrecursionlimit(limit)
    assert [(problem.line, problem.path) for problem in found.problems] == [(5, "deep.py")]


def test_fixtures_stars_and_effects() -> None:
    text = (
        "from a import *\nimport pytest\n\n\n@pytest.fixture(autouse=True)\ndef f(): ...\n\n\n"
        "def g(): ...\n\n\nclient.__enter__()\n"
    )
    found = module("conftest.py", text.encode())
    assert [function.name for function in found.fixture_functions] == ["f"]  # type: ignore[union-attr]
    assert [star.module for star in found.stars] == ["a"]
    assert len(found.effects("client")) == 1
    assert found.effects("pytest") == []
