"""What is above a limit of a file is named, and the rest is judged and fixed."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.findings.report import Report
from wslint.run import judge
from wslint.run.check import check

HEAD = "from starlette.testclient import TestClient\n\n\n"
TEST = """def test_{}(app):
    client = TestClient(app)
    with client.websocket_connect("/"):
        client.post("/")


"""


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """The report on six tests, of which three are judged in time, and two fixes made."""
    monkeypatch.setattr(judge, "monotonic", count().__next__)
    monkeypatch.setattr(judge, "process_time", count(step=100).__next__)
    monkeypatch.setattr(judge, "SECONDS", 3)
    monkeypatch.setattr("wslint.fixes.materialise._MOST_FIXES", 2)
    text = HEAD + "".join(TEST.format(number) for number in range(6))
    (tmp_path / "test_it.py").write_text(text, encoding="utf-8")
    return check([str(tmp_path)], Settings(root=str(tmp_path), cache=False))


def test_tests_that_are_too_late_are_named(report: Report) -> None:
    assert report.tests_judged == 3
    late = [finding for finding in report.findings if finding.code == "WS900"]
    assert [(finding.span.line, "more tests than" in finding.message) for finding in late] == [
        (22, True)
    ]


def test_fixes_that_are_too_many_are_not_offered(report: Report) -> None:
    found = [finding for finding in report.findings if finding.code == "WS301"]
    assert [finding.fix is not None for finding in found] == [True, True, False]
    assert all(finding.fix.edits for finding in found if finding.fix is not None)
    assert found[2].no_fix.startswith("this file has too many fixes")
