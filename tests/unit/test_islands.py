"""Lowering a file statement by statement gives what lowering it whole gives."""

from __future__ import annotations

import json
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import wslint
from wslint.linking.module import Module
from wslint.linking.toplevel import islands
from wslint.syntax.codec import decode, encode
from wslint.syntax.cst_lowering import lower
from wslint.syntax.nodes import Script
from wslint.syntax.source import Source

PACKAGE = Path(wslint.__file__).parent
TESTS = Path(__file__).parents[1]
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


def module(path: str, data: bytes, *, with_libcst: bool = False) -> Module:
    source = Source.from_bytes(path, data)
    assert isinstance(source, Source)
    return Module(source, "", with_libcst=with_libcst)


def without_brackets(node: Any) -> Any:
    """Leave out the spans of what may stand in brackets of its own: there `ast` has them in."""
    if type(node) is tuple:
        return tuple(without_brackets(item) for item in node)
    if not is_dataclass(node):
        return node
    shown = {field.name: without_brackets(getattr(node, field.name)) for field in fields(node)}
    if getattr(node, "kind", "") in ("tuple", "generator", "star"):
        shown["span"] = None
    return type(node).__name__, shown


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_islands_are_the_file(path: Path) -> None:
    data = path.read_bytes()
    assert module(str(path), data, with_libcst=True).body == lower(data).body


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_ast_and_libcst_agree(path: Path) -> None:
    data = path.read_bytes()
    assert without_brackets(module(str(path), data).body) == without_brackets(lower(data).body)


if sys.version_info >= (3, 11):
    ODD |= ODD_SINCE_3_11


@pytest.mark.parametrize("text", ODD.values(), ids=list(ODD))
def test_odd_files(text: str) -> None:
    whole = lower(text.encode()).body
    assert module("odd.py", text.encode(), with_libcst=True).body == whole
    assert without_brackets(module("odd.py", text.encode()).body) == without_brackets(whole)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_script_survives_json(path: Path) -> None:
    script = lower(path.read_bytes())
    again = decode(json.loads(json.dumps(encode(script))))
    assert isinstance(again, Script)
    assert again == script


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


def test_only_what_is_asked_for_is_lowered() -> None:
    text = "def good():\n    pass\n\n\nclass B(C, metaclass=D, *e):\n    pass\n"
    found = module("partly.py", text.encode(), with_libcst=True)
    assert [type(statement).__name__ for statement in found.bindings("good")] == ["Function"]
    assert found.problems == []
    assert found.bindings("B") == []
    assert [(problem.line, problem.path) for problem in found.problems] == [(5, "partly.py")]
    assert [type(one).__name__ for one in module("partly.py", text.encode()).body] == [
        "Function",
        "Class",
    ]


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
    tree = Source.from_bytes("x.py", text.encode())
    assert isinstance(tree, Source)
    assert [island.start for island in islands(tree.tree)] == [1, 2, 5, 9, 12]
