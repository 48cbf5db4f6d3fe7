"""Cyclic imports, and corrupt caches: a hazard beside them is still found."""

# ruff: noqa: E501 - a file is easier to read in few lines

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from fuzz.hostile import HAZARD, HEAD
from wslint.config.settings import Settings
from wslint.findings.report import Report
from wslint.run.check import check

TRUE = HAZARD.removeprefix(HEAD)

CYCLES: dict[str, dict[str, str]] = {
    "fixtures that request each other": {
        "test_it.py": HEAD
        + "import pytest\n@pytest.fixture\ndef a(b):\n    return b\n@pytest.fixture\ndef b(a):\n"
        "    return a\ndef test_cycle(a):\n    with a.websocket_connect('/'):\n        a.post('/')\n"
        + TRUE
    },
    "a fixture that requests itself": {
        "conftest.py": "import pytest\n@pytest.fixture\ndef a(a):\n    return a\n",
        "test_it.py": HEAD + "def test_cycle(a):\n    a.websocket_connect('/')\n" + TRUE,
    },
    "helpers that call each other": {
        "test_it.py": HEAD
        + "def one(c):\n    two(c)\ndef two(c):\n    with c.websocket_connect('/'):\n        one(c)\n"
        "def test_cycle():\n    one(TestClient(app))\n" + TRUE
    },
    "a lambda and a decorator of themselves": {
        "test_it.py": HEAD
        + "f = lambda c: f(c)\n@g\ndef g(x):\n    return g(g)\n@g\ndef test_cycle():\n"
        "    f(TestClient(app).websocket_connect('/'))\n" + TRUE
    },
    "classes that inherit from each other": {
        "test_it.py": HEAD
        + "class TestA(TestB):\n    def test_a(self):\n        self.c.websocket_connect('/')\n"
        "class TestB(TestA):\n    c = TestClient(app)\nclass TestC(TestC): ...\n" + TRUE
    },
    "classes that inherit across files": {
        "helpers.py": "from test_it import TestA\nclass Base(TestA):\n    def go(self, c): self.go(c)\n",
        "test_it.py": HEAD + "from helpers import Base\nclass TestA(Base):\n    def test_a(self):\n"
        "        self.go(TestClient(app).websocket_connect('/'))\n" + TRUE,
    },
    "files that import each other": {
        "a.py": "from b import *\nfrom b import x as y\n",
        "b.py": "from a import *\nfrom a import y as x\nimport test_it\n",
        "test_it.py": HEAD
        + "from a import x\nimport test_it\ndef test_cycle():\n    x.websocket_connect('/')\n"
        + TRUE,
    },
    "a package that imports itself": {
        "p/__init__.py": "from p import *\nfrom . import p\nfrom .p import p\n",
        "p/p.py": "from p import p\nfrom .p import p as q\n",
        "test_it.py": HEAD
        + "from p import p\ndef test_cycle():\n    p.websocket_connect('/')\n"
        + TRUE,
    },
    "names that stand for each other": {
        "test_it.py": HEAD + "a = b\nb = a\nc = c\n(d := d)\n"
        "def test_cycle():\n    a.websocket_connect(b, c, d)\n" + TRUE
    },
    "plugins that name each other": {
        "conftest.py": "pytest_plugins = ['one', 'conftest']\n",
        "one.py": "pytest_plugins = 'two'\n",
        "two.py": "pytest_plugins = ['one']\n",
        "test_it.py": HEAD + TRUE,
    },
    "attributes of themselves": {
        "test_it.py": HEAD + "class A:\n    def __getattr__(self, name):\n        return self.x\n"
        "    @property\n    def x(self):\n        return self.x\n    __call__ = x\n"
        "    def __enter__(self):\n        return self.__enter__()\n"
        "def test_cycle():\n    with A() as a:\n        a.x.websocket_connect(a())\n" + TRUE
    },
    "calls that lack what they need": {
        "test_it.py": HEAD
        + "def test_cycle():\n    a = [TestClient(app)]\n    a.append()\n    a.insert()\n"
        "    a.extend()\n    a[0].websocket_connect()\n    {}.get()\n    {}.update()\n" + TRUE
    },
    "generators of themselves": {
        "test_it.py": HEAD
        + "from contextlib import contextmanager\n@contextmanager\ndef g():\n    with g() as x:\n"
        "        yield x\ndef test_cycle():\n    with g() as c:\n        c.websocket_connect('/')\n"
        + TRUE
    },
}


def laid_out(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def judged(folder: Path, *, cache: bool = False) -> Report:
    return check([str(folder)], Settings(root=str(folder), cache=cache, preview=True))


def found(report: Report) -> set[str]:
    assert not report.errors, report.errors[0].detail
    return {f"{finding.code} {finding.test}" for finding in report.findings}


@pytest.mark.parametrize("name", CYCLES)
def test_cycles_end(name: str, tmp_path: Path) -> None:
    assert "WS301 test_true_hazard" in found(judged(laid_out(tmp_path, CYCLES[name])))


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # the files are not older than the run
    monkeypatch.setattr("wslint.run.cache.MARGIN_NS", -(10**15))
    laid_out(tmp_path, {"test_it.py": HAZARD})
    found(judged(tmp_path, cache=True))
    return tmp_path


def entries() -> list[Path]:
    return [*Path(os.environ["WSLINT_CACHE_DIR"]).glob("*/*.json")]


def replaced(value: object, old: str, new: object) -> object:
    """Replace each node of a kind."""
    if isinstance(value, dict):
        return {k: new if k == old else replaced(v, old, new) for k, v in value.items()}
    return [replaced(item, old, new) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "kind",
    [
        *("FileResult", "Finding", "Place", "Span", "Label", "Fix"),
        *("entries", "rows", "folders", "passed", "rounds", "definitions"),
    ],
)
@pytest.mark.parametrize("new", [[], [1, 2, 3], [[], [], {}], ["x", None, "y", 1, 1, 1], 7])
def test_an_entry_with_wrong_nodes_is_not_an_error(kept: Path, kind: str, new: object) -> None:
    for entry in entries():
        entry.write_text(json.dumps(replaced(json.loads(entry.read_text()), kind, new)))
    assert not judged(kept, cache=True).errors


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b'{"0": ' * 5000, b"\xff", b"{}", b"null", b"1e999"]
)
def test_an_entry_that_is_not_a_report(kept: Path, data: bytes) -> None:
    for entry in entries():
        entry.write_bytes(data)
    assert "WS301 test_true_hazard" in found(judged(kept, cache=True))


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX files")
@pytest.mark.parametrize("kind", ["fifo", "zero", "loop", "folder"])
def test_an_entry_that_is_not_a_file(kept: Path, kind: str) -> None:
    for entry in entries():
        entry.unlink()
        if kind == "fifo":
            os.mkfifo(entry)
        elif kind == "zero":
            entry.symlink_to("/dev/zero")
        elif kind == "loop":
            entry.symlink_to(entry.name)
        else:
            entry.mkdir()
    assert "WS301 test_true_hazard" in found(judged(kept, cache=True))


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    laid_out(tmp_path, {"test_it.py": HAZARD})
    monkeypatch.setattr("wslint.run.cache.os.replace", full)
    assert "WS301 test_true_hazard" in found(judged(tmp_path, cache=True))
    assert not entries()
    monkeypatch.setattr("tempfile.mkstemp", full)
    assert "WS301 test_true_hazard" in found(judged(tmp_path, cache=True))


def test_runs_at_once(tmp_path: Path) -> None:
    laid_out(tmp_path, {f"test_{n}.py": HAZARD for n in range(8)})
    reports: list[Report] = []
    threads = [
        threading.Thread(target=lambda: reports.append(judged(tmp_path, cache=True)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(report.findings) for report in reports] == [8] * 4
    assert not [report for report in reports if report.errors]
    assert not [*Path(os.environ["WSLINT_CACHE_DIR"]).glob("*/tmp*")]


NOTEBOOK = '{"cells": [{"cell_type": "code", "source": ["client.websocket_connect()"]}]}'


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("test_it.pyi", HAZARD.replace("    client.post", "    client.post"), ""),
        ("notes.ipynb", NOTEBOOK, "notebooks are not judged"),
        ("test_it.py.j2", HAZARD.replace("app", "{{ app }}"), "a template"),
        ("data.json", '{"a": true}', ""),
    ],
)
def test_odd_sources_that_are_named(tmp_path: Path, name: str, text: str, words: str) -> None:
    laid_out(tmp_path, {name: text, "test_it.py": HAZARD})
    paths = [str(tmp_path), str(tmp_path / name)]
    report = check(paths, Settings(root=str(tmp_path), cache=False))
    assert "WS301 test_true_hazard" in found(report)
    said = [finding.message for finding in report.findings if finding.path.endswith(name)]
    assert not words or words in said[0]


def test_a_fan_of_star_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of 12 levels of four modules imports all of the next one: 16 million ways down."""
    monkeypatch.chdir(tmp_path)
    for level in range(12):
        below = "".join(f"from m{level + 1}_{n} import *\n" for n in range(4))
        for number in range(4):
            Path(f"m{level}_{number}.py").write_text(below if level < 11 else "x = 1\n")
    Path("test_it.py").write_text(
        HEAD + "from m0_0 import *\n\n" + TRUE.replace("client.post", "y(client.post)")
        + TRUE.replace("hazard", "second").replace("client.post", "x, client.post")
    )  # fmt: skip
    found = check(["."], Settings(cache=False)).findings
    assert [finding.code for finding in found][-1] == "WS301"
