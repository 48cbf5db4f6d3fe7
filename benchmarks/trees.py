"""The trees to check: real archives and generated files."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from wslint.discovery.prefilter import Prefilter

# Source archives in which few files mention websockets: 12,412 files, 65 MB at these versions.
SPARSE = (
    "homeassistant==2025.1.4",
    "django==6.1.3",
    "fastapi==0.165.0",
    "starlette==1.10.0",
    "litestar==2.25.0",
    "channels==4.3.2",
    "django-waffle==5.0.0",
)
# With their websocket tests and those of these archives, COPIES times: 100,000 lines.
DENSE = (
    "fastapi==0.165.0",
    "starlette==1.10.0",
    "channels==4.3.2",
    "django-waffle==5.0.0",
    "daphne==4.2.3",
    "opentelemetry-instrumentation-asgi==0.66b2",
    "opentelemetry-instrumentation-fastapi==0.66b2",
    "opentelemetry-instrumentation-starlette==0.66b1",
)
# Whole projects whose archives have their websocket tests.
REAL = (
    "djangochannelsrestframework==1.3.0",
    "fastapi==0.165.0",
    "litestar==2.25.0",
    "openwisp-notifications==1.2",
    "tiled==0.2.0",
)
COPIES = 5
CLEAN = "import os\n\n\ndef name():\n    return os.name\n"
PREFILTER = Prefilter()


def archive(requirement: str, folder: Path) -> Path:
    """Download a source archive with pip, once, and unpack it."""
    place = folder / "archives" / requirement.replace("==", "-")
    if not place.is_dir():
        packed = _downloaded(requirement, folder / "downloads")
        if packed is None:
            pip = [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
            ]
            options = ["--no-deps", "--no-binary", ":all:", "--dest", str(folder / "downloads")]
            subprocess.run([*pip, *options, requirement], check=True, timeout=900)
            packed = _downloaded(requirement, folder / "downloads")
        assert packed is not None
        with tarfile.open(packed) as opened:
            opened.extractall(place, filter="data")
    return place


def _downloaded(requirement: str, folder: Path) -> Path | None:
    name, _, version = requirement.partition("==")
    stems = (f"{name}-{version}.", f"{name.replace('-', '_')}-{version}.")
    return next((p for p in folder.glob("*.tar.gz") if p.name.startswith(stems)), None)


def sparse(folder: Path) -> Path:
    """Create the tree of whole archives."""
    tree = folder / "sparse"
    if not tree.is_dir():
        for requirement in SPARSE:
            shutil.copytree(archive(requirement, folder), tree / requirement.partition("==")[0])
    return tree


def real(folder: Path) -> dict[str, Path]:
    """Return the trees of the real projects by their names."""
    trees = {}
    for requirement in REAL:
        name = requirement.partition("==")[0]
        trees[name] = folder / "real" / name
        if not trees[name].is_dir():
            shutil.copytree(archive(requirement, folder), trees[name])
    return trees


def dense(folder: Path, copies: int = COPIES) -> Path:
    """Create the tree of websocket tests; an extra line makes each copy unique."""
    tree = folder / f"dense-{copies}"
    if not tree.is_dir():
        for number in range(copies):
            for requirement in DENSE:
                top = archive(requirement, folder)
                for path in sorted(top.rglob("*.py")):
                    if "test" in path.relative_to(top).as_posix() and _is_wanted(path):
                        place = tree / f"copy{number}" / path.relative_to(top)
                        place.parent.mkdir(parents=True, exist_ok=True)
                        place.write_bytes(path.read_bytes() + b"\n# copy %d\n" % number)
    return tree


def _is_wanted(path: Path) -> bool:
    return path.name in ("conftest.py", "__init__.py") or PREFILTER.passes(path.read_bytes())


def generated(folder: Path, files: int) -> Path:
    """Create a tree of ``files`` generated files; one in 200 is a test."""
    tree = folder / f"generated-{files}"
    if not tree.is_dir():
        chance = random.Random(1)
        for number in range(files):
            place = tree / f"package{number % 97}" / f"sub{number % 7}"
            place.mkdir(parents=True, exist_ok=True)
            if number % 200 == 0:
                (place / f"test_{number}.py").write_text("".join(_test(number, chance)))
            else:
                (place / f"module_{number}.py").write_text("".join(_module(number, chance)))
    return tree


def _module(number: int, chance: random.Random) -> Iterator[str]:
    yield f'"""Module {number}."""\n\nimport os\n\n\n'
    for function in range(chance.randint(5, 25)):
        yield f"def function_{function}(first, second=None):\n"
        yield f'    """Say {chance.random()}."""\n'
        yield f"    found = [one for one in first if one != {chance.randint(0, 99)}]\n"
        yield "    if second is not None and os.path.exists(second):\n"
        yield "        return found, second.strip()\n    return found\n\n\n"


def _test(number: int, chance: random.Random) -> Iterator[str]:
    yield "from starlette.testclient import TestClient\n\nfrom app import application\n\n\n"
    for test in range(chance.randint(3, 12)):
        yield f"def test_{number}_{test}():\n    with TestClient(application) as client:\n"
        yield f"        with client.websocket_connect('/{test}') as socket:\n"
        yield f"            socket.send_text('{chance.random()}')\n"
        yield "            assert socket.receive_text()\n\n\n"


def websocket_tests(lines: int, *, hazards: bool) -> str:
    """Return a test file with ``lines`` lines; with hazards, clients are never entered (WS302)."""
    text = "from starlette.testclient import TestClient\n\nfrom app import app\n\n\n"
    made = "client = TestClient(app)" if hazards else "with TestClient(app) as client:"
    indent = "" if hazards else "    "
    number = 0
    while text.count("\n") < lines:
        number += 1
        text += (
            f"def test_{number}():\n    {made}\n"
            f'{indent}    with client.websocket_connect("/") as one:\n'
            f'{indent}        with client.websocket_connect("/") as two:\n'
            f'{indent}            one.send_json({{"number": {number}}})\n'
            f'{indent}            assert two.receive_json() == {{"number": {number}}}\n'
            f'{indent}            two.send_text("enough")\n\n\n'
        )
    return text


def a_test(tree: Path) -> Path:
    """Return a websocket test of a tree, always the same one."""
    tests = (
        path for path in sorted(tree.rglob("test_*.py")) if PREFILTER.passes(path.read_bytes())
    )
    return next(tests)


def many_tests(count: int) -> str:
    """Return a test file with ``count`` tests that open a websocket."""
    return "".join(
        [
            "from starlette.testclient import TestClient\n\nfrom app import app\n\n\n",
            *(
                f"def test_{number}():\n    with TestClient(app) as client:\n"
                f'        with client.websocket_connect("/") as socket:\n'
                f"            assert socket.receive_json() == {number}\n\n\n"
                for number in range(count)
            ),
        ]
    )


def many_sockets(count: int) -> str:
    """Return a test file with one test that opens ``count`` websockets."""
    lines = "".join(
        f'        with client.websocket_connect("/{number}") as socket:\n'
        f"            assert socket.receive_json() == {number}\n"
        for number in range(count)
    )
    return (
        "from starlette.testclient import TestClient\n\nfrom app import app\n\n\n"
        f"def test_all():\n    with TestClient(app) as client:\n{lines}"
    )


def many_fixtures(count: int) -> str:
    """Return a test file with ``count`` fixtures, each of which needs the one before it."""
    fixtures = "".join(
        f"@pytest.fixture\ndef fixture_{number}(fixture_{number - 1}):\n    return {number}\n\n\n"
        for number in range(1, count)
    )
    return (
        "import pytest\nfrom starlette.testclient import TestClient\n\nfrom app import app\n\n\n"
        f"@pytest.fixture\ndef fixture_0():\n    return 0\n\n\n{fixtures}"
        f"def test_it(fixture_{count - 1}):\n    with TestClient(app) as client:\n"
        f'        with client.websocket_connect("/") as socket:\n'
        f"            assert socket.receive_json()\n"
    )


GROWING = {
    "tests in a file": many_tests,
    "websockets in a test": many_sockets,
    "fixtures of a test": many_fixtures,
}


def grown(folder: Path, what: str, count: int) -> Path:
    """Create a file with ``count`` of what grows."""
    place = folder / "grown" / f"test_{what.replace(' ', '_')}_{count}.py"
    place.parent.mkdir(exist_ok=True)
    place.write_text(GROWING[what](count))
    return place


def single(folder: Path) -> Path:
    """Create the files that are checked one by one."""
    place = folder / "single"
    place.mkdir(exist_ok=True)
    (place / "clean.py").write_text(CLEAN)
    (place / "test_quiet.py").write_text(websocket_tests(300, hazards=False))
    (place / "test_hazards.py").write_text(websocket_tests(300, hazards=True))
    for count in (1000, 2000):
        (place / f"test_{count}.py").write_text(many_tests(count))
    return place
