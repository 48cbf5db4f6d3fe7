"""``find_fixes`` with several findings and files, and with errors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.fixes.loop import FilesOutcome, fix_files
from wslint.fixes.write import Change
from wslint.run import fix as fixing
from wslint.run.fix import find_fixes, write_fixes

TWO_TIMEOUTS = """\
from starlette.testclient import TestClient
from app import app


def test_one():
    with TestClient(app) as client:
        with client.websocket_connect("/ws") as ws:
            ws.receive_json(timeout=1)
            ws.receive_json(timeout=2)
"""


def lay_out(folder: Path, *names: str) -> Settings:
    (folder / "requirements.txt").write_text("starlette==0.37.0\n")
    for name in names:
        (folder / name).write_text(TWO_TIMEOUTS)
    return Settings(root=str(folder), unsafe_fixes=True)


def test_two_findings_of_one_rule_in_one_file(tmp_path: Path) -> None:
    settings = lay_out(tmp_path, "test_a.py")
    fixes = find_fixes([str(tmp_path)], settings)
    assert not write_fixes(fixes)
    assert not fixes.refused
    assert fixes.count == 2
    assert "timeout" not in (tmp_path / "test_a.py").read_text()


def test_an_error_costs_only_its_own_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = lay_out(tmp_path, "test_a.py", "test_b.py")

    def failing(files: dict[str, bytes], *args: object) -> FilesOutcome:
        if any(path.endswith("test_a.py") for path in files):
            raise AttributeError("no such attribute")
        return fix_files(files, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(fixing, "fix_files", failing)
    fixes = find_fixes([str(tmp_path)], settings)
    (problem,) = fixes.report.errors
    assert problem.path.endswith("test_a.py")
    assert "no such attribute" in problem.message
    assert changed(fixes.changes) == ["test_b.py"]


def changed(changes: Sequence[Change]) -> list[str]:
    return [Path(change.path).name for change in changes]
