"""The cache of lowered statements: used when it fits, ignored when it doesn't."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from wslint.cache import FOLDER, ScriptCache
from wslint.config import Settings
from wslint.engine import check
from wslint.lower.lowering import lower_lines
from wslint.report import Report

HAZARD = """\
from starlette.testclient import TestClient


def test_two(app):
    client = TestClient(app)
    with client.websocket_connect("/") as one, client.websocket_connect("/") as two:
        one.send_text("x")
        two.receive_text()
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "test_two.py").write_text(HAZARD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(project: Path, *, cache: bool = True) -> Report:
    return check(["."], Settings(root=str(project), cache=cache))


def entries(project: Path) -> list[Path]:
    return sorted((project / FOLDER).rglob("*.json"))


def test_a_kept_script_is_the_same(tmp_path: Path) -> None:
    data = b"x = f(1)\n"
    kept = {0: lower_lines(data.decode(), 1)}
    cache = ScriptCache(str(tmp_path))
    assert cache.get(data) == {}
    cache.put(data, kept)
    assert cache.get(data) == kept
    assert cache.get(b"y = f(1)\n") == {}


def test_cold_and_warm_agree(project: Path) -> None:
    cold = run(project)
    assert [finding.code for finding in cold.findings] == ["WS302"]
    kept = entries(project)
    assert len(kept) == 1
    warm = run(project)
    assert warm.findings == cold.findings
    assert entries(project) == kept
    assert (project / FOLDER / ".gitignore").read_text() == "*\n"
    assert (project / FOLDER / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28")


def test_no_cache_leaves_nothing(project: Path) -> None:
    assert len(run(project, cache=False).findings) == 1
    assert not (project / FOLDER).exists()


def test_another_content_is_another_entry(project: Path) -> None:
    run(project)
    (project / "test_two.py").write_text(HAZARD.replace("/", "/ws"), encoding="utf-8")
    assert len(run(project).findings) == 1
    assert len(entries(project)) == 2


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"0": 1}', '{"x": []}', '{"0": {"Nope": []}}', '{"0": {"Ref": [1]}}'],
)
def test_a_corrupt_entry_is_as_good_as_none(project: Path, text: str) -> None:
    cold = run(project)
    entries(project)[0].write_text(text, encoding="utf-8")
    again = run(project)
    assert again.findings == cold.findings
    assert again.errors == ()


def test_a_file_in_the_place_of_the_folder(project: Path) -> None:
    (project / FOLDER).write_text("", encoding="utf-8")
    assert len(run(project).findings) == 1


def test_a_warm_run_does_not_import_libcst(project: Path) -> None:
    run(project)
    code = (
        "import sys; from wslint.config import Settings; from wslint.engine import check;"
        f"found = check(['.'], Settings(root={str(project)!r})).findings;"
        "print(len(found), 'libcst' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["1", "False"]
