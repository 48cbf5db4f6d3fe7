"""Random edits of a small project: a run with a cache reports what one without it does."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.output.json_format import render
from wslint.run.check import check

HEAD = "from starlette.testclient import TestClient\n"
TWICE = "    with client.websocket_connect('/') as a, client.websocket_connect('/') as b:\n"
RECEIVE = "        a.receive_text()\n        b.receive_text()\n"
BARE = "    client = TestClient(app)\n"
ENTERED = "    client = TestClient(app).__enter__()\n"
HELPER = "def make(app):\n{}    return client\n"
OPENER = "def open_two(app):\n{}" + TWICE + RECEIVE
FIXTURE = "import pytest\n" + HEAD + "@pytest.fixture\ndef client(app):\n{}    return client\n"
APP = (
    "from fastapi import FastAPI, WebSocket\napp = FastAPI()\n"
    "@app.websocket('/')\nasync def ws(socket: WebSocket):\n    await socket.accept()\n{}"
)
TESTS = (
    HEAD + "from app import app\ndef test_bare():\n" + BARE + TWICE + RECEIVE,
    HEAD + "from app import app\ndef test_entered():\n" + ENTERED + TWICE + RECEIVE,
    "from helpers import make\nfrom app import app\ndef test_made():\n"
    "    client = make(app)\n" + TWICE + RECEIVE,
    "from helpers import open_two\nfrom app import app\ndef test_opened():\n    open_two(app)\n",
    "from helpers import *\nfrom app import app\ndef test_star():\n    open_two(app)\n",
    "def test_fixture(client):\n" + TWICE + RECEIVE,
    "import pytest\n@pytest.mark.usefixtures('client')\ndef test_quiet():\n    pass\n",
    "def test_nothing():\n    pass\n",
    HEAD + "from app import app\ndef test_silenced():\n" + BARE
    + "    with client.websocket_connect('/') as a, client.websocket_connect('/'):  # noqa: WS302\n"
    + "        a.receive_text()\n",
    "def test_broken(:\n    websocket_connect\n",
)  # fmt: skip
CONTENTS: dict[str, tuple[str, ...]] = {
    **{
        f"{folder}/test_{name}.py": TESTS
        for folder in ("tests", "tests/deep")
        for name in ("one", "two", "three")
    },
    **{
        path: (*(FIXTURE.format(made) for made in (BARE, ENTERED)), "x = 1\n")
        for path in ("conftest.py", "tests/conftest.py", "tests/deep/conftest.py")
    },
    **{
        path: (
            *(HEAD + HELPER.format(made) + OPENER.format(made) for made in (BARE, ENTERED)),
            "from more import *\n",
            "x = 1\n",
        )
        for path in ("helpers.py", "tests/helpers.py", "tests/more.py", "helpers/__init__.py")
    },
    **{
        path: tuple(APP.format(end) for end in ("", "    await socket.send_text('x')\n"))
        for path in ("app.py", "tests/app.py", "app/__init__.py")
    },
    "tests/__init__.py": ("",),
    "pyproject.toml": ("", "[tool.wslint]\npreview = true\n", "[tool.wslint]\nignore = ['WS302']\n",
                       "[tool.pytest.ini_options]\npython_files = ['*_one.py']\n"),
    "tests/wslint.toml": ("select = ['ALL']\n", "extend-exclude = ['deep']\n"),
    "tests/pytest.ini": ("[pytest]\n", "[pytest]\npythonpath = deep\n"),
    "tests/.gitignore": ("test_two.py\n",),
    "requirements.txt": ("starlette==0.20\n", "starlette==1.0\n"),
}  # fmt: skip


def _edit(top: Path, chance: random.Random) -> str:
    """Write, change or remove one file."""
    name = chance.choice(sorted(CONTENTS))
    path = top / name
    if path.exists() and chance.random() < 0.4:
        path.unlink()
        return f"remove {name}"
    content = chance.choice(CONTENTS[name])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return f"write {name}: {content!r}"


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.chdir(tmp_path)
    # each edit changes the size, the inode or the time in nanoseconds
    monkeypatch.setattr("wslint.run.cache.MARGIN_NS", -(10**15))

    def run(path: str = ".", **settings: object) -> str:
        found = Settings(root=os.fspath(tmp_path), fixed=False, **settings)  # type: ignore[arg-type]
        return render(check([path], found))

    return run


@pytest.mark.any_python
@pytest.mark.parametrize("seed", range(8))
def test_warm_and_cold_reports_agree(tmp_path: Path, report: Callable[..., str], seed: int) -> None:
    chance = random.Random(seed)
    jobs = 2 if seed == 0 else 1
    (tmp_path / ".git").mkdir()
    done = [_edit(tmp_path, chance) for _ in range(20)]
    found = set()
    for _ in range(25):
        done.append(_edit(tmp_path, chance))
        places = [".", "tests", "tests/deep", "tests/test_one.py", "tests/deep/test_two.py"]
        for path in chance.sample(places, 2):
            if (tmp_path / path).exists():
                warm = report(path, jobs=jobs)
                assert warm == report(path, cache=False), "\n".join(done)
                found.add(warm)
    assert len(found) > 5
