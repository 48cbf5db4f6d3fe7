"""``wslint clean``."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from wslint.cli import main
from wslint.run.cache_folder import FOLDER


def cache_in(folder: Path) -> Path:
    made = folder / FOLDER
    made.mkdir(parents=True)
    (made / "CACHEDIR.TAG").write_text("Signature: 8a\n# Made by wslint; see …\n", encoding="utf-8")
    return made


def test_caches_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here, below = cache_in(tmp_path), cache_in(tmp_path / "a/b")
    foreign = tmp_path / "c" / FOLDER
    foreign.mkdir(parents=True)
    linked = tmp_path / "d" / FOLDER
    linked.parent.mkdir()
    elsewhere = cache_in(tmp_path / "a/b/e")
    linked.symlink_to(elsewhere, target_is_directory=True)
    result = CliRunner().invoke(main, ["clean", "a/b/e"])
    assert (result.exit_code, result.output) == (0, f"Removed a/b/e/{FOLDER}\n")
    result = CliRunner().invoke(main, ["clean"])
    assert (result.exit_code, sorted(result.output.splitlines())) == (
        0,
        [f"Removed {FOLDER}", f"Removed a/b/{FOLDER}"],
    )
    assert not here.exists()
    assert not below.exists()
    assert foreign.exists()
    assert linked.is_symlink()


def test_a_missing_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["clean", "nowhere"])
    assert result.exit_code == 2
    assert "no such directory" in result.stderr
