"""Names of library objects: from existing imports, or a new one in the right place."""

# ruff: noqa: E501 - a case is easier to read on one line

from __future__ import annotations

import pytest
from fix_tools import MOCK, PATH, at, fix, name, refusal, text

from wslint.findings.actions import AddDecorator, Code, InsertStatement, ReplaceExpression, Symbol

PATCH = Symbol("unittest.mock.patch", module="unittest.mock", name="patch")
SYNC = Symbol("asgiref.sync.async_to_sync", module="asgiref.sync", name="async_to_sync")
MODULE = Symbol("channels.db.close", module="channels.db")


def said(source: str, *symbols: Symbol) -> str:
    """Replace HERE with symbols."""
    codes = Code(", ".join(["{a}", "{b}", "{c}"][: len(symbols)]), symbols)
    if len(symbols) > 1:
        codes = Code(f"[{codes.text}]", symbols)
    return fix(source, ReplaceExpression(PATH, at(source, "HERE"), codes))


REUSED = {
    "from unittest.mock import patch": "patch",
    "from unittest.mock import patch as p": "p",
    "from unittest import mock": "mock.patch",
    "from unittest import mock as m": "m.patch",
    "import unittest.mock": "unittest.mock.patch",
    "import unittest, unittest.mock": "unittest.mock.patch",
    "import unittest.mock as um": "um.patch",
    "from unittest import (\n    case,\n    mock,  # why\n)": "mock.patch",
    "from unittest import mock\nfrom unittest.mock import patch": "patch",
    "import os; from unittest import mock": "mock.patch",
}


@pytest.mark.parametrize(("imports", "name"), REUSED.items())
@pytest.mark.parametrize("symbol", [MOCK, PATCH], ids=["mock", "patch"])
def test_reused(imports, name, symbol):
    source = f"{imports}\nx = HERE\n"
    assert said(source, symbol) == f"{imports}\nx = {name}\n"


NOT_BINDINGS = {
    "import unittest": "import unittest\nfrom unittest import mock\nx = mock.patch\n",
    "from unittest import *": "from unittest import *\nfrom unittest import mock\nx = mock.patch\n",
    "if TYPE_CHECKING:\n    from unittest import mock": (
        "from unittest import mock\n\nif TYPE_CHECKING:\n    from unittest import mock\nx = mock.patch\n"
    ),
    "def f():\n    from unittest import mock": (
        "from unittest import mock\n\n\ndef f():\n    from unittest import mock\nx = mock.patch\n"
    ),
    "try:\n    from unittest import mock\nexcept ImportError:\n    import mock": (
        "from unittest import mock as unittest_mock\n\n"
        "try:\n    from unittest import mock\nexcept ImportError:\n    import mock\n"
        "x = unittest_mock.patch\n"
    ),
}


@pytest.mark.parametrize(("imports", "after"), NOT_BINDINGS.items())
def test_not_a_binding(imports, after):
    assert said(f"{imports}\nx = HERE\n", MOCK) == after


TAKEN = {
    "rebound": "from unittest import mock\nmock = 1\n",
    "deleted": "from unittest import mock\ndel mock\n",
    "rebound by global": "from unittest import mock\ndef f():\n    global mock\n    mock = 1\n",
    "rebound under if": "from unittest import mock\nif a:\n    import mock\n",
    "a fixture": "from unittest import mock\n@fixture\ndef mock(): ...\n",
    "a class": "from unittest import mock\nclass mock: ...\n",
    "bound by for": "from unittest import mock\nfor mock in a: ...\n",
    "bound by with": "from unittest import mock\nwith a as mock: ...\n",
    "bound by except": "from unittest import mock\ntry: ...\nexcept E as mock: ...\n",
    "bound by match": "from unittest import mock\nmatch a:\n    case [*mock]: ...\n",
    "another import": "from unittest import mock\nfrom app import mock\n",
}


@pytest.mark.parametrize("source", TAKEN.values(), ids=TAKEN)
def test_rebound(source):
    got = said(f"{source}x = HERE\n", MOCK)
    assert got.startswith("from unittest import mock, mock as unittest_mock\n")
    assert got.endswith("x = unittest_mock.patch\n")


SHADOWED = {
    "parameter": "def f(mock):\n    x = HERE\n",
    "local": "def f():\n    x = HERE\n    mock = 1\n",
    "local import": "def f():\n    x = HERE\n    from unittest import mock\n",
    "of the function around": "def f(*mock):\n    def g():\n        x = HERE\n",
    "class body": "class A:\n    mock = 1\n    x = HERE\n",
    "lambda": "f = lambda mock: HERE\n",
    "comprehension": "def f():\n    return [HERE for mock in a]\n",
}


@pytest.mark.parametrize("source", SHADOWED.values(), ids=SHADOWED)
def test_shadowed(source):
    got = said(f"from unittest import mock\n{source}", MOCK)
    assert "unittest_mock.patch" in got


@pytest.mark.parametrize(
    "source",
    [
        "def g(mock): ...\ndef f():\n    x = HERE\n",
        "class A:\n    mock = 1\n    def f(self):\n        x = HERE\n",
        "def f(mock=HERE): ...\n",
        "@HERE\ndef f(mock): ...\n",
    ],
)
def test_names_of_other_scopes_do_not_matter(source):
    got = said(f"from unittest import mock\n{source}", MOCK)
    assert got == f"from unittest import mock\n{source.replace('HERE', 'mock.patch')}"


def test_a_decorator_is_outside_its_function():
    source = "from unittest import mock\n\n\ndef f(mock): ...\n"
    got = fix(source, AddDecorator(PATH, name(source, "f"), Code("{a}", (MOCK,))))
    assert got == source.replace("def", "@mock.patch\ndef")


def test_an_import_below_the_place_does_not_help():
    source = "import os\nx = HERE\nfrom unittest import mock\n"
    assert said(source, MOCK).startswith("import os\nfrom unittest import mock\nx = mock.patch\n")


@pytest.mark.parametrize("used", ["mock.patch", "unittest_mock"])
def test_a_name_from_nowhere_is_left_alone(used):
    got = said(f"from helpers import *\n{used}\nx = HERE\n", MOCK)
    want = "import mock as unittest_mock\n" if used == "mock.patch" else "import mock\n"
    assert want in got


PLACES = {
    "no imports, a docstring": (
        '"""Doc."""\nx = HERE\n',
        '"""Doc."""\n\nfrom unittest import mock\n\nx = mock.patch\n',
    ),
    "docstring with more on its line": (
        '"""Doc."""; x = 1\ny = HERE\n',
        '"""Doc."""; x = 1\n\nfrom unittest import mock\n\ny = mock.patch\n',
    ),
    "docstring in two parts": (
        '"a" "b"\nx = HERE\n',
        '"a" "b"\n\nfrom unittest import mock\n\nx = mock.patch\n',
    ),
    "future with more on its line": (
        "from __future__ import annotations; x = 1\ny = HERE\n",
        "from __future__ import annotations; x = 1\n\nfrom unittest import mock\n\ny = mock.patch\n",
    ),
    "docstring and future": (
        '"""D."""\nfrom __future__ import annotations\n\nimport pytest\n\nx = HERE\n',
        '"""D."""\nfrom __future__ import annotations\n\nfrom unittest import mock\n\nimport pytest\n\nx = mock.patch\n',
    ),
    "comment above the first statement": (
        "# about x\nx = HERE\n",
        "from unittest import mock\n\n# about x\nx = mock.patch\n",
    ),
    "shebang, cookie and licence": (
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# Licence: MIT\n\n# about x\nx = HERE\n",
        "#!/usr/bin/python\n# -*- coding: utf-8 -*-\n# Licence: MIT\n\nfrom unittest import mock\n\n# about x\nx = mock.patch\n",
    ),
    "shebang directly above": (
        "#!/usr/bin/python\n# about x\nx = HERE\n",
        "#!/usr/bin/python\nfrom unittest import mock\n\n# about x\nx = mock.patch\n",
    ),
    "path changed before imports": (
        "import sys\nsys.path.insert(0, 'x')\nimport app\nx = HERE\n",
        "import sys\nfrom unittest import mock\nsys.path.insert(0, 'x')\nimport app\nx = mock.patch\n",
    ),
    "crlf": (
        "import os\r\n\r\nx = HERE\r\n",
        "import os\r\nfrom unittest import mock\r\n\r\nx = mock.patch\r\n",
    ),
    "no newline at the end": ("x = HERE", "from unittest import mock\n\nx = mock.patch"),
    "after a variable": (
        "__author__ = 'x'\nimport os\n\nx = HERE\n",
        "__author__ = 'x'\nimport os\nfrom unittest import mock\n\nx = mock.patch\n",
    ),
    "sorted within the standard library": (
        "import asyncio\nfrom abc import ABC\nfrom uuid import uuid4\n\nimport pytest\nHERE\n",
        "import asyncio\nfrom abc import ABC\nfrom unittest import mock\nfrom uuid import uuid4\n\nimport pytest\nmock.patch\n",
    ),
    "before the first of the section, below its comment-free gap": (
        "import pytest\n\n# ours\nimport app\nHERE\n",
        "from unittest import mock\n\nimport pytest\n\n# ours\nimport app\nmock.patch\n",
    ),
    "joined on a line": (
        "from unittest import IsolatedAsyncioTestCase, main, skip\nHERE\n",
        "from unittest import IsolatedAsyncioTestCase, main, mock, skip\nmock.patch\n",
    ),
    "not joined to a commented line": (
        "from unittest import case  # noqa\nHERE\n",
        "from unittest import case  # noqa\nfrom unittest import mock\nmock.patch\n",
    ),
    "joined in parentheses": (
        "from unittest import (\n    case,  # c\n    # about skip\n    skip,  # s\n)\nHERE\n",
        "from unittest import (\n    case,  # c\n    mock,\n    # about skip\n    skip,  # s\n)\nmock.patch\n",
    ),
    "joined at the end of parentheses": (
        "from unittest import (\n    case,\n    main,  # m\n)\nHERE\n",
        "from unittest import (\n    case,\n    main,  # m\n    mock,\n)\nmock.patch\n",
    ),
    "joined at the end without a last comma": (
        "from unittest import (\n    case,\n    main  # m\n)\nHERE\n",
        "from unittest import (\n    case,\n    mock,\n    main  # m\n)\nmock.patch\n",
    ),
    "joined at the front": (
        "from unittest import (  # noqa\n    skip,\n)\nHERE\n",
        "from unittest import (  # noqa\n    mock,\n    skip,\n)\nmock.patch\n",
    ),
    "a full line is wrapped": (
        "from unittest import IsolatedAsyncioTestCase, TestCase, TestLoader, addModuleCleanup, skipIf\nHERE\n",
        "from unittest import (\n    IsolatedAsyncioTestCase,\n    TestCase,\n    TestLoader,\n    addModuleCleanup,\n    mock,\n    skipIf,\n)\nmock.patch\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), PLACES.values(), ids=PLACES)
def test_place(before, after):
    assert said(before, MOCK) == after


def test_third_party_goes_with_its_like():
    source = "import os\n\nimport django\nfrom channels.testing import X\nfrom waffle import Y\n\nfrom app import a\n\nHERE\n"
    assert said(source, SYNC) == text("""
        import os

        import django
        from asgiref.sync import async_to_sync
        from channels.testing import X
        from waffle import Y

        from app import a

        async_to_sync
    """)


def test_a_new_section_between_others():
    source = "import os\n\nfrom .app import a\n\nHERE\n"
    assert said(source, SYNC) == text("""
        import os

        from asgiref.sync import async_to_sync

        from .app import a

        async_to_sync
    """)


def test_a_module_is_imported_before_names():
    source = "import pytest\nfrom asgiref import sync\n\nHERE\n"
    assert said(source, MODULE) == text("""
        import channels.db
        import pytest
        from asgiref import sync

        channels.db.close
    """)


def test_several_symbols_and_one_twice():
    source = "import os\n\nHERE\n"
    assert said(source, MOCK, SYNC, MOCK) == text("""
        import os
        from unittest import mock

        from asgiref.sync import async_to_sync

        [mock.patch, async_to_sync, mock.patch]
    """)


def test_taken_alias():
    source = "mock = unittest_mock = 1\nx = HERE\n"
    assert said(source, MOCK) == (
        "from unittest import mock as unittest_mock_\n\nmock = unittest_mock = 1\nx = unittest_mock_.patch\n"
    )


def test_imports_below_the_new_code():
    source = "x = HERE\nimport os\n"
    action = ReplaceExpression(PATH, at(source, "HERE"), Code("{a}", (MOCK,)))
    assert refusal(source, action) == "the file's imports are below the new code"


def test_new_code_in_a_function():
    source = "import os\n\n\ndef f():\n    a()\n"
    action = InsertStatement(PATH, at(source, "a()"), Code("{a}()", (SYNC,)))
    assert fix(source, action) == (
        "import os\n\nfrom asgiref.sync import async_to_sync\n\n\ndef f():\n    a()\n    async_to_sync()\n"
    )


@pytest.mark.parametrize("source", [f"{case}x = HERE\n" for case in TAKEN.values()] + list(REUSED))
def test_a_second_run_reuses_what_the_first_added(source):
    source = source if "HERE" in source else f"{source}\nx = HERE\n"
    once = said(source, MOCK)
    again = said(f"{once}y = HERE\n", MOCK)
    assert again.splitlines()[:-1] == once.splitlines()
    assert again.splitlines()[-1].partition("=")[2] == once.splitlines()[-1].partition("=")[2]
