"""Resolving names across files: imports, re-exports, layouts, modules with the same name."""

from __future__ import annotations

from pathlib import Path

import pytest

from wslint.filesystem import snapshot
from wslint.linking.program import MAX_LINKED, Program
from wslint.syntax.source import Source
from wslint.timeline.build import timelines
from wslint.timeline.model import Environment
from wslint.vocabulary import Vocabulary

CLIENT = "from starlette.testclient import TestClient\nclient = TestClient(None)\n"
OTHER = "client = object()\n"
USE = "def test_it():\n    client.get('/')\n"

# files by path; the test file is the first; is its `client` the one in the file with CLIENT?
LAYOUTS: dict[str, tuple[dict[str, str], bool]] = {
    "beside": ({"test_a.py": "from helpers import client\n" + USE, "helpers.py": CLIENT}, True),
    "relative": (
        {
            "tests/test_a.py": "from .helpers import client\n" + USE,
            "tests/__init__.py": "",
            "tests/helpers.py": CLIENT,
        },
        True,
    ),
    "relative from the package": (
        {
            "tests/test_a.py": "from . import client\n" + USE,
            "tests/__init__.py": "from .helpers import client\n",
            "tests/helpers.py": CLIENT,
        },
        True,
    ),
    "two levels up": (
        {
            "tests/api/v1/test_a.py": "from ...helpers import client\n" + USE,
            "tests/__init__.py": "",
            "tests/api/__init__.py": "",
            "tests/api/v1/__init__.py": "",
            "tests/helpers.py": CLIENT,
        },
        True,
    ),
    "a module by a relative import": (
        {
            "tests/test_a.py": "from . import helpers\nclient = helpers.client\n" + USE,
            "tests/__init__.py": "",
            "tests/helpers.py": CLIENT,
        },
        True,
    ),
    "absolute in a package": (
        {
            "tests/api/test_a.py": "from tests.helpers import client\n" + USE,
            "tests/__init__.py": "",
            "tests/api/__init__.py": "",
            "tests/helpers.py": CLIENT,
        },
        True,
    ),
    "dotted import": (
        {
            "test_a.py": "import pkg.sub.helpers\nclient = pkg.sub.helpers.client\n" + USE,
            "pkg/__init__.py": "",
            "pkg/sub/__init__.py": "",
            "pkg/sub/helpers.py": CLIENT,
        },
        True,
    ),
    "dotted import with an alias": (
        {
            "test_a.py": "import pkg.helpers as h\nclient = h.client\n" + USE,
            "pkg/__init__.py": "",
            "pkg/helpers.py": CLIENT,
        },
        True,
    ),
    "namespace package": (
        {
            "tests/test_a.py": "from support.clients.made import client\n" + USE,
            "support/clients/made.py": CLIENT,
        },
        True,
    ),
    "src layout": (
        {
            "tests/test_a.py": "from product.testing import client\n" + USE,
            "src/product/__init__.py": "",
            "src/product/testing.py": CLIENT,
        },
        True,
    ),
    "src layout with a folder of the same name at the top": (
        {
            "tests/test_a.py": "from product.testing import client\n" + USE,
            "product/readme.txt": "",
            "src/product/__init__.py": "",
            "src/product/testing.py": CLIENT,
        },
        True,
    ),
    "pythonpath": (
        {
            "tests/test_a.py": "from testing import client\n" + USE,
            "deep/er/testing.py": CLIENT,
            "pytest.ini": "[pytest]\npythonpath = deep/er\n",
        },
        True,
    ),
    "re-export over three files": (
        {
            "test_a.py": "from a import renamed as client\n" + USE,
            "a.py": "from b import other as renamed\n",
            "b/__init__.py": "from b.c import client as other\n",
            "b/c.py": CLIENT,
        },
        True,
    ),
    "star": ({"test_a.py": "from helpers import *\n" + USE, "helpers.py": CLIENT}, True),
    "star over a package": (
        {
            "test_a.py": "from helpers import *\n" + USE,
            "helpers/__init__.py": "from .clients import *\n",
            "helpers/clients.py": CLIENT,
        },
        True,
    ),
    "the later star wins": (
        {
            "test_a.py": "from one import *\nfrom two import *\n" + USE,
            "one.py": CLIENT,
            "two.py": OTHER,
        },
        False,
    ),
    "the later binding wins": (
        {
            "test_a.py": "from one import client\nfrom two import client\n" + USE,
            "one.py": OTHER,
            "two.py": CLIENT,
        },
        True,
    ),
    "a cycle": (
        {
            "test_a.py": "from one import client\n" + USE,
            "one.py": "import two\n" + CLIENT,
            "two.py": "from one import client\n",
        },
        True,
    ),
    "a cycle through which the name goes": (
        {
            "test_a.py": "from one import client\n" + USE,
            "one.py": "from two import client\n",
            "two.py": "from one import client\n",
        },
        False,
    ),
    "import error": (
        {
            "test_a.py": "try:\n    from fastapi.testclient import TestClient\n"
            "except ImportError:\n    from starlette.testclient import TestClient\n"
            "client = TestClient(None)\n" + USE,
        },
        True,
    ),
    "import error without the library": (
        {
            "test_a.py": "try:\n    from fastapi.testclient import TestClient\n"
            "except ImportError:\n    TestClient = None\nclient = TestClient(None)\n" + USE,
        },
        True,
    ),
    "type checking": (
        {
            "test_a.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
            "    from elsewhere import client\nfrom helpers import client\n" + USE,
            "helpers.py": CLIENT,
        },
        True,
    ),
    "in a function": (
        {
            "test_a.py": "def test_it():\n    from helpers import client\n    client.get('/')\n",
            "helpers.py": CLIENT,
        },
        True,
    ),
    "missing": ({"test_a.py": "from nowhere import client\n" + USE}, False),
    "a name that is not there": (
        {"test_a.py": "from helpers import client\n" + USE, "helpers.py": "other = 1\n"},
        False,
    ),
    "a broken file": (
        {"test_a.py": "from helpers import client\n" + USE, "helpers.py": "client = (\n"},
        False,
    ),
    "above the top": ({"test_a.py": "from ....helpers import client\n" + USE}, False),
    "one name twice in a monorepo": (
        {
            "one/tests/test_a.py": "from app.testing import client\n" + USE,
            "one/app/__init__.py": "",
            "one/app/testing.py": CLIENT,
            "one/pyproject.toml": "[tool.pytest.ini_options]\n",
            "two/app/__init__.py": "",
            "two/app/testing.py": OTHER,
            "two/pyproject.toml": "[tool.pytest.ini_options]\n",
        },
        True,
    ),
    "one name twice in a monorepo, the other way round": (
        {
            "two/tests/test_a.py": "from app.testing import client\n" + USE,
            "one/app/__init__.py": "",
            "one/app/testing.py": CLIENT,
            "two/app/__init__.py": "",
            "two/app/testing.py": OTHER,
        },
        False,
    ),
    "a module of the folder before one of the top": (
        {
            "tests/test_a.py": "from helpers import client\n" + USE,
            "tests/helpers.py": CLIENT,
            "helpers.py": OTHER,
        },
        True,
    ),
    "a module of the name of a library": (
        {
            "test_a.py": "from starlette.testclient import TestClient\n"
            "client = TestClient(None)\n" + USE,
            "starlette/__init__.py": "",
            "starlette/testclient.py": "class TestClient: pass\n",
        },
        True,
    ),
    "a package that has the name of a library": (
        {
            "test_a.py": "from channels.helpers import client\n" + USE,
            "channels/__init__.py": "",
            "channels/helpers.py": CLIENT,
            "channels/testing.py": "",
        },
        True,
    ),
    "the project of a library, which is not read": (
        {
            "test_a.py": "from starlette.helpers import client\n" + USE,
            "starlette/__init__.py": "",
            "starlette/testclient.py": "",
            "starlette/applications.py": "",
            "starlette/routing/__init__.py": "",
            "starlette/helpers.py": CLIENT,
        },
        False,
    ),
    "a module of a package that has the name of a library": (
        {
            "tests/test_a.py": "import pytest\n"
            "from starlette.testclient import TestClient\n"
            "@pytest.fixture(params=[1])\ndef client(request): return TestClient(None)\n"
            "@pytest.mark.parametrize('x', [pytest.param(1)])\n"
            "def test_it(x, client):\n    client.get('/')\n",
            "tests/__init__.py": "",
            "tests/pytest.py": "",
        },
        True,
    ),
    "a package hides the module of its name": (
        {
            "test_a.py": "from helpers import client\n" + USE,
            "helpers/__init__.py": CLIENT,
            "helpers.py": OTHER,
        },
        True,
    ),
    "__all__ and a submodule": (
        {
            "test_a.py": "from pkg import helpers\nclient = helpers.client\n" + USE,
            "pkg/__init__.py": "__all__ = ['helpers']\n",
            "pkg/helpers.py": CLIENT,
        },
        True,
    ),
}


def write(folder: Path, files: dict[str, str]) -> str:
    (folder / ".git").mkdir()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder / next(iter(files)))


def calls(path: str, program: Program | None = None) -> int:
    made = timelines(program or Program(), Vocabulary(), path, Environment())
    return sum(len(timeline.events_of("Http")) for timeline in made)


@pytest.mark.parametrize(("files", "linked"), list(LAYOUTS.values()), ids=list(LAYOUTS))
def test_layouts(tmp_path: Path, files: dict[str, str], linked: bool) -> None:
    assert calls(write(tmp_path, files)) == int(linked)


def test_lookups_are_recorded(tmp_path: Path) -> None:
    path = write(tmp_path, {"test_a.py": "from helpers import client\n" + USE})
    snapshot.forget()
    assert calls(path, Program()) == 0
    assert str(tmp_path / "helpers.py") in snapshot.stamps()
    assert str(tmp_path / "helpers/__init__.py") in snapshot.stamps()


def test_an_overlay_overrides_the_disk(tmp_path: Path) -> None:
    path = write(tmp_path, {"test_a.py": "from helpers import client\n" + USE, "helpers.py": OTHER})
    overlay = {str(tmp_path / "helpers.py"): CLIENT.encode()}
    assert calls(path) == 0
    assert calls(path, Program(overlay)) == 1
    assert calls(path, Program({str(tmp_path / "helpers/__init__.py"): CLIENT.encode()})) == 1


def test_a_name_of_the_users_own_roles_is_a_trigger_word(tmp_path: Path) -> None:
    files = {"test_a.py": "", "rooms.py": "from acme import OpenRoom\nroom = OpenRoom()\n"}
    write(tmp_path, files)
    path = str(tmp_path / "rooms.py")
    for words, supports in (((), False), ((b"OpenRoom",), True)):
        module = Program(words=words).module(path)
        assert module is not None
        assert module.supports_tests is supports


def test_each_file_is_loaded_once(tmp_path: Path) -> None:
    files = {
        "test_a.py": "from helpers import client\nfrom other import x\n" + USE,
        "other.py": "from helpers import client as x\n",
        "helpers.py": CLIENT,
    }
    program = Program()
    path = write(tmp_path, files)
    assert calls(path, program) == 1
    assert program.module(str(tmp_path / "helpers.py")) is program.module(
        str(tmp_path / "helpers.py")
    )


def test_the_number_of_followed_files_is_limited(tmp_path: Path) -> None:
    path = write(tmp_path, {"test_a.py": "x = 1\n"})
    program = Program()
    for number in range(MAX_LINKED):
        program.module(str(tmp_path / f"missing_{number}.py"))
    assert program.module(path) is None


def test_the_next_file_is_followed_as_the_first_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wslint.linking.program.MAX_LINKED", 3)
    files = {f"helpers_{number}.py": CLIENT for number in range(9)}
    write(tmp_path, {"test_a.py": "", **files})
    program = Program()
    kept = []
    for number in range(9):
        path = str(tmp_path / f"test_{number}.py")
        data = f"from helpers_{number} import client\n{USE}".encode()
        source = Source.from_bytes(path, data)
        assert isinstance(source, Source)
        program.adopt(source)
        assert calls(path, program) == 1
        kept.append(len(program._modules))
    assert max(kept) <= 5


def test_the_words_of_a_file(tmp_path: Path) -> None:
    path = write(tmp_path, {"test_a.py": "autouse = True\n"})
    program = Program({str(tmp_path / "b.py"): b"fixture"})
    assert program.mentions(path, b"autouse")
    assert not program.mentions(path, b"fixture")
    assert program.mentions(str(tmp_path / "b.py"), b"fixture")
    assert not program.mentions(str(tmp_path / "c.py"), b"fixture")
