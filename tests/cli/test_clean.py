"""``wslint clean``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from wslint.cli import main

HAZARD = """\
from starlette.testclient import TestClient


def test_it(app):
    client = TestClient(app)
    with client.websocket_connect("/"):
        client.get("/")
"""


def invoke(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, words)
    return result.exit_code, result.output


def test_caches_are_removed(
    tmp_path: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wslint.run.cache.MARGIN_NS", -(10**15))
    for name in ("one", "two/three"):
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "test_it.py").write_text(HAZARD)
        (folder / "wslint.toml").touch()
        monkeypatch.chdir(folder)
        assert invoke("check", "-q")[0] == 1
    assert len([*cache_folder.glob("*/results-*.json")]) == 2
    monkeypatch.chdir(tmp_path)
    assert invoke("clean", "two") == (0, "Removed the cache of two/three\n")
    assert invoke("clean") == (0, "Removed the cache of one\n")
    assert invoke("clean") == (0, "")
    assert not [*cache_folder.iterdir()]


def test_foreign_folders_stay(tmp_path: Path, cache_folder: Path) -> None:
    (cache_folder / "other").mkdir()
    (cache_folder / "other/file").touch()
    assert invoke("clean", str(tmp_path)) == (0, "")
    assert (cache_folder / "other/file").exists()


def test_a_missing_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["clean", "nowhere"])
    assert result.exit_code == 2
    assert "no such directory" in result.stderr
