"""Thousands of comments, or one that is made to be slow, take little time."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from wslint.config.settings import Settings
from wslint.run.check import check
from wslint.syntax.source import Source, Unreadable

HAZARD = """\
from starlette.testclient import TestClient


def test_order(app):
    client = TestClient(app)
    with client.websocket_connect("/ws") as ws:
        client.post("/orders")
        ws.receive_json()
"""


@pytest.mark.any_python
@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("x=1  # noqa: WS301\n" * 2000, 2000),
        ("# wslint: ignore[WS301]\n" * 2000, 2000),
        ("# wslint: ignore[WS301]\nx=1\n" * 2000, 2000),
        ("x=(\n" + "# wslint: ignore[WS301]\n" * 2000 + "1)\n", 2000),
        ("# noqa :" + " " * 300_000 + " x\n", 0),
    ],
    ids=["noqa", "a block", "statements", "within a bracket", "blanks"],
)
def test_many_suppressions(tmp_path: Path, text: str, count: int) -> None:
    (tmp_path / "test_a.py").write_text(HAZARD + text, encoding="utf-8")
    began = process_time()
    report = check([str(tmp_path)], Settings(root=str(tmp_path), cache=False, preview=True))
    assert process_time() - began < 8
    assert [one.code for one in report.findings].count("WS901") == count
    assert [one.code for one in report.findings].count("WS301") == 1


@pytest.mark.parametrize(
    ("line", "is_template"),
    [
        ("{%" * 50_000, False),
        ("{{" + "a" * 100_000, False),
        ("{{ a " * 50_000, False),
        ("{% if x %}", True),
        ("x = {{ cookiecutter.name }}", True),
        ("# {% if x %}", False),
        ("'{{ x }}'", False),
        ("{%}", False),
    ],
    ids=range(8),
)
def test_templates(line: str, is_template: bool) -> None:
    began = process_time()
    source = Source.from_bytes("test_a.py", f"x = = 1\n{line}\n".encode())
    assert process_time() - began < 2
    assert isinstance(source, Unreadable)
    assert ("a template" in source.reason) is is_template
