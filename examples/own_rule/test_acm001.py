"""The rule, tried with wslint's Python API."""

from __future__ import annotations

from pathlib import Path

import wslint

TEST = """\
import time
from starlette.testclient import TestClient
from acme.shop import app


def test_told():
    with TestClient(app) as client:
        with client.websocket_connect("/orders") as socket:
            {first}
            socket.receive_json()
        {last}
"""


def found(tmp_path: Path, first: str, last: str) -> list[tuple[str, int]]:
    (tmp_path / "wslint.toml").write_text('plugins = ["acme-wslint"]\nselect = ["ACM"]\n')
    report = wslint.check_source(TEST.format(first=first, last=last), tmp_path / "test_shop.py")
    return [(finding.code, finding.span.line) for finding in report.findings]


def test_a_sleep_while_a_websocket_is_open_is_reported(tmp_path: Path) -> None:
    assert found(tmp_path, "time.sleep(1)", "pass") == [("ACM001", 9)]


def test_a_sleep_after_it_is_not(tmp_path: Path) -> None:
    assert found(tmp_path, "pass", "time.sleep(1)") == []
