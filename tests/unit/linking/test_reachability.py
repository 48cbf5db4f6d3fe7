"""Relevant tests are never skipped."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from cases import all_cases, laid_out

from wslint.config.settings import Settings
from wslint.discovery.prefilter import Prefilter
from wslint.linking.program import Program
from wslint.linking.reachability import Reachability, RelevantTests
from wslint.run.judge import judge_file
from wslint.syntax.source import Source, read_source

OPENS = "client.websocket_connect('/')"

# files by path, the test file first; the tests of it that matter
LAYOUTS: dict[str, tuple[dict[str, str], set[str]]] = {
    "the test itself": (
        {"test_a.py": f"def test_one():\n    {OPENS}\ndef test_two():\n    pass\n"},
        {"test_one"},
    ),
    "a decorator": (
        {
            "test_a.py": "from waffle.testutils import override_flag as on\n"
            "@on('x')\ndef test_one():\n    pass\ndef test_two():\n    pass\n"
        },
        {"test_one"},
    ),
    "a helper of the file, through another": (
        {
            "test_a.py": f"def low():\n    {OPENS}\ndef high():\n    low()\n"
            "def test_one():\n    high()\ndef test_two():\n    other()\n"
        },
        {"test_one"},
    ),
    "an imported helper under another name": (
        {
            "test_a.py": "from helpers import come_in as enter\n"
            "def test_one():\n    enter()\ndef test_two():\n    come()\n",
            "helpers.py": f"def come_in():\n    {OPENS}\n",
        },
        {"test_one"},
    ),
    "a module of helpers": (
        {
            "test_a.py": "from tests import helpers as h\n"
            "def test_one():\n    h.come_in()\ndef test_two():\n    h.other()\n",
            "tests/__init__.py": "",
            "tests/helpers.py": f"def come_in():\n    {OPENS}\ndef other():\n    pass\n",
        },
        {"test_one"},
    ),
    "a re-export with a new name, by application code": (
        {
            "test_a.py": "from app.api import enter\ndef test_one():\n    enter()\n"
            "def test_two():\n    pass\n",
            "app/__init__.py": "",
            "app/api.py": "from app.sockets import come_in as enter\n",
            "app/sockets.py": f"def come_in():\n    {OPENS}\n",
        },
        {"test_one"},
    ),
    "a fixture of conftest.py with a name of its own": (
        {
            "tests/test_a.py": "def test_one(socket):\n    pass\ndef test_two(other):\n    pass\n",
            "conftest.py": "import pytest\n@pytest.fixture(name='socket')\n"
            f"def _socket():\n    {OPENS}\n",
        },
        {"test_one"},
    ),
    "a fixture by its name in a mark": (
        {
            "test_a.py": "import pytest\n@pytest.mark.usefixtures('socket')\n"
            "def test_one():\n    pass\ndef test_two(request):\n"
            "    request.getfixturevalue('socket')\ndef test_three():\n    pass\n",
            "conftest.py": f"@pytest.fixture\ndef socket():\n    {OPENS}\n",
        },
        {"test_one", "test_two"},
    ),
    "a fixture of a plugin": (
        {
            "test_a.py": "def test_one(socket):\n    pass\ndef test_two():\n    pass\n",
            "conftest.py": "pytest_plugins = [\n    'plugins.sockets',\n]\n",
            "plugins/sockets.py": f"@pytest.fixture\ndef socket():\n    {OPENS}\n",
        },
        {"test_one"},
    ),
    "an autouse fixture": (
        {
            "test_a.py": "def test_one():\n    pass\n",
            "conftest.py": f"@pytest.fixture(autouse=True)\ndef socket():\n    {OPENS}\n",
        },
        {"test_one"},
    ),
    "an autouse fixture that asks for one": (
        {
            "test_a.py": "def test_one():\n    pass\n",
            "conftest.py": f"@pytest.fixture\ndef socket():\n    {OPENS}\n"
            "@pytest.fixture(autouse=True)\ndef always(socket):\n    pass\n",
        },
        {"test_one"},
    ),
    "a mark on the module": (
        {
            "test_a.py": "pytestmark = pytest.mark.usefixtures('socket')\n"
            "def test_one():\n    pass\n",
            "conftest.py": f"@pytest.fixture\ndef socket():\n    {OPENS}\n",
        },
        {"test_one"},
    ),
    "the settings of pytest": (
        {
            "test_a.py": "def test_one():\n    pass\n",
            "conftest.py": f"@pytest.fixture\ndef socket():\n    {OPENS}\n",
            "pytest.ini": "[pytest]\nusefixtures = socket\n",
        },
        {"test_one"},
    ),
    "setup_function": (
        {"test_a.py": f"def setup_function():\n    {OPENS}\ndef test_one():\n    pass\n"},
        {"test_one"},
    ),
    "one method of a class": (
        {
            "test_a.py": "class TestIt:\n"
            f"    def test_one(self):\n        {OPENS}\n    def test_two(self):\n        pass\n"
        },
        {"TestIt.test_one"},
    ),
    "a helper method": (
        {
            "test_a.py": f"class TestIt:\n    def come_in(self):\n        {OPENS}\n"
            "    def test_one(self):\n        self.come_in()\n"
            "    def test_two(self):\n        pass\n"
        },
        {"TestIt.test_one"},
    ),
    "setUp": (
        {
            "test_a.py": f"class TestIt:\n    def setUp(self):\n        {OPENS}\n"
            "    def test_one(self):\n        pass\nclass TestOther:\n"
            "    def test_two(self):\n        pass\n"
        },
        {"TestIt.test_one"},
    ),
    "a fixture of the class": (
        {
            "test_a.py": "class TestIt:\n    @pytest.fixture(autouse=True)\n"
            f"    def socket(self):\n        {OPENS}\n    def test_one(self):\n        pass\n"
        },
        {"TestIt.test_one"},
    ),
    "an attribute of the class": (
        {
            "test_a.py": "class TestIt:\n    flag = override_flag('x')\n"
            "    def test_one(self):\n        pass\n"
        },
        {"TestIt.test_one"},
    ),
    "a decorator of the class": (
        {
            "test_a.py": "@override_flag('x')\nclass TestIt:\n"
            "    def test_one(self):\n        pass\n"
        },
        {"TestIt.test_one"},
    ),
    "a class around": (
        {
            "test_a.py": f"class TestIt:\n    @pytest.fixture\n    def socket(self):\n"
            f"        {OPENS}\n    class TestInner:\n"
            "        def test_one(self):\n            pass\n"
        },
        {"TestIt.TestInner.test_one"},
    ),
    "setUp of a base class elsewhere": (
        {
            "test_a.py": "from base import Base as B\nclass TestIt(B):\n"
            "    def test_one(self):\n        pass\nclass TestOther:\n"
            "    def test_two(self):\n        pass\n",
            "base.py": f"class Base:\n    def setUp(self):\n        {OPENS}\n",
        },
        {"TestIt.test_one"},
    ),
    "a test of a base class of the file": (
        {
            "test_a.py": f"class Base:\n    def test_one(self):\n        {OPENS}\n"
            "class TestIt(Base):\n    def test_two(self):\n        pass\n"
        },
        {"TestIt.test_one"},
    ),
    "a test of a base class elsewhere, that a factory makes": (
        {
            "test_a.py": "from base import Base\ndef made(): return Base\n"
            "class TestIt(made()):\n    def test_two(self):\n        pass\n",
            "base.py": f"class Base:\n    def test_one(self):\n        {OPENS}\n",
        },
        {"TestIt.test_one", "TestIt.test_two"},
    ),
    "a class of helpers": (
        {
            "test_a.py": "from door import Door\nmake = Door\n"
            "def test_one():\n    with make():\n        pass\ndef test_two():\n    pass\n",
            "door.py": f"class Door:\n    def __enter__(self):\n        {OPENS}\n",
        },
        {"test_one"},
    ),
    "a patch at the top": (
        {
            "test_a.py": "import app\napp.client = override_flag('x')\n"
            "def test_one():\n    app.client\ndef test_two():\n    pass\n"
        },
        {"test_one"},
    ),
    "under an if": (
        {
            "test_a.py": "try:\n    import x\nexcept ImportError:\n"
            f"    def enter():\n        {OPENS}\n"
            "def test_one():\n    enter()\n"
        },
        {"test_one"},
    ),
}


def write(folder: Path, files: dict[str, str]) -> str:
    (folder / ".git").mkdir()
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return str(folder / next(iter(files)))


@pytest.mark.parametrize(("files", "expected"), list(LAYOUTS.values()), ids=list(LAYOUTS))
def test_layouts(tmp_path: Path, files: dict[str, str], expected: set[str]) -> None:
    path = write(tmp_path, files)
    reaching = Reachability(Program(), Prefilter()).of(path)
    if reaching is None:
        assert len(expected) == 1  # where all tests matter, there is but one
        return
    defined = set(names_of(ast.parse(Path(path).read_text()).body, ()))
    found = {name for name in defined | expected if reaches(reaching, name)}
    assert found == expected
    assert {name.partition(".")[0] for name in expected} <= reaching.tops


def names_of(body: list[ast.stmt], owners: tuple[str, ...]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from names_of(node.body, (*owners, node.name))
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            yield ".".join((*owners, node.name))


def reaches(reaching: RelevantTests, qualname: str) -> bool:
    *owners, name = qualname.split(".")
    return reaching.includes(tuple(owners), name)


def test_too_many_files_are_not_looked_through(tmp_path: Path) -> None:
    files = {"test_a.py": "import m0\ndef test_one():\n    pass\n"}
    files |= {f"m{n}.py": f"import m{n + 1}\n" for n in range(6)}
    files |= {f"test_m{n}.py": f"import test_m{n + 1}\n" for n in range(420)}
    path = write(tmp_path, files)
    assert Reachability(Program(), Prefilter()).of(path) is not None
    (tmp_path / "test_a.py").write_text("import test_m0\n")
    assert Reachability(Program(), Prefilter()).of(path) is None


@pytest.mark.any_python
@pytest.mark.parametrize("code", sorted({case.code for case in all_cases()}))
def test_what_is_left_out_says_nothing(code: str) -> None:
    """For all cases, the findings are the same as without skipping tests."""
    for case in all_cases():
        if case.code == code:
            with laid_out(case) as project:
                for path in sorted(map(str, project.rglob("test*.py"))):
                    check_that_the_rest_says_nothing(path)


def check_that_the_rest_says_nothing(path: str) -> None:
    source = read_source(path)
    if not isinstance(source, Source):
        return
    settings = Settings(preview=True)
    program = Program()
    reachability = Reachability(program, Prefilter())
    relevant = reachability.of(path)
    if relevant is None or relevant.own <= relevant.parts:
        return  # nothing is left out
    whole = judge_file(source, settings, program)
    part = judge_file(source, settings, program, reachability)
    assert part._replace(resolved=()) == whole._replace(resolved=()), path
    assert set(part.resolved) <= set(whole.resolved), path
