"""Imports that a fix leaves unused."""

from __future__ import annotations

import pytest
from fix_tools import PATH, at, text

from wslint.findings.actions import Code, ReplaceExpression
from wslint.fixes.apply import apply_fix

# before and after the call of gone() has become 0
UNUSED = {
    "alone": ("from a import gone\n\n\nx = gone()\n", "x = 0\n"),
    "first of the file": (
        "from a import gone\nimport b\n\nx = gone(), b\n",
        "import b\n\nx = 0, b\n",
    ),
    "below a docstring": (
        '"""Doc."""\n\nfrom a import gone\n\nimport b\n\nx = gone(), b\n',
        '"""Doc."""\n\nimport b\n\nx = 0, b\n',
    ),
    "a group of its own": (
        "import a\n\nfrom b import gone\n\nimport c\n\nx = gone(), a, c\n",
        "import a\n\nimport c\n\nx = 0, a, c\n",
    ),
    "first of a group": (
        "import a\n\nfrom b import gone\nimport c\n\nx = gone(), a, c\n",
        "import a\n\nimport c\n\nx = 0, a, c\n",
    ),
    "in full names and paths": (
        'from a import gone\nx = gone(), "b.gone", "/gone/1"\n',
        'x = 0, "b.gone", "/gone/1"\n',
    ),
    "one of several": (
        "from a import b, gone, c\nx = gone(), b, c\n",
        "from a import b, c\nx = 0, b, c\n",
    ),
    "the last of several": (
        "from a import b, gone\nx = gone(), b\n",
        "from a import b\nx = 0, b\n",
    ),
    "the last of lines": (
        "from a import (\n    b,\n    gone,\n)\nx = gone(), b\n",
        "from a import (\n    b,\n)\nx = 0, b\n",
    ),
    "the first of lines": (
        "from a import (\n    gone,\n    b,\n)\nx = gone(), b\n",
        "from a import (\n    b,\n)\nx = 0, b\n",
    ),
    "under another name": ("from a import b as gone\nx = gone()\n", "x = 0\n"),
    "a module under another name": ("import a.b as gone\nx = gone()\n", "x = 0\n"),
    "a module": ("import gone\nx = gone()\n", "x = 0\n"),
}
KEPT = {
    "used elsewhere": "from a import gone\nx = gone()\ny = gone\n",
    "unused before": "from a import gone, other\nx = gone()\ngone\n",
    "a comment on it": "from a import gone  # noqa: F401\nx = gone()\n",
    "a comment among the names": "from a import (\n    gone,  # why\n    b,\n)\nx = gone(), b\n",
    "said in a string": "from a import gone\n__all__ = ['gone']\nx = gone()\n",
    "said in an annotation": "from a import gone\ndef f(x: 'list[gone]'): ...\nx = gone()\n",
    "said in a type comment": "from a import gone\ny = []  # type: list[gone]\nx = gone()\n",
    "a parameter": "from a import gone\ndef f(gone): ...\nx = gone()\n",
    "the first part of a dotted name": "import gone.b\nx = gone()\n",
    "a star": "from a import *\nx = gone()\n",
    "under a condition": "try:\n    from a import gone\nexcept ImportError: ...\nx = gone()\n",
    "one of two on a line": "import b; import gone\nx = gone()\n",
    "of the future": "from __future__ import annotations\nx = gone()\nannotations = 1\n",
}


def without_call(source: str, path: str = PATH) -> str:
    action = ReplaceExpression(path, at(source, "gone()"), Code("0"))
    return apply_fix(source.encode(), path, [action]).decode()


@pytest.mark.parametrize(("before", "after"), UNUSED.values(), ids=UNUSED)
def test_imports_go_with_their_last_use(before: str, after: str) -> None:
    assert without_call(text(before)) == after


@pytest.mark.parametrize("source", KEPT.values(), ids=KEPT)
def test_imports_that_stay(source: str) -> None:
    assert without_call(source) == source.replace("gone()", "0")


def test_what_a_package_imports_is_for_others() -> None:
    source = "from a import gone\nx = gone()\n"
    assert without_call(source, "/p/__init__.py") == "from a import gone\nx = 0\n"
