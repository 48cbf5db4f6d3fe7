"""A small project with hazards, and helpers to run the command line in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from click.testing import CliRunner, Result

from wslint.cli import main

HEAD = """\
from starlette.testclient import TestClient
from shop import app


"""
TEST = """\
def test_{0}():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        client.post("/a")
        socket.receive_text()
"""
TOLD = HEAD + TEST.format("told")
TWO = HEAD + TEST.format("told") + "\n\n" + TEST.format("heard")


def run(*args: str, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(main, args, input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(text.encode())
