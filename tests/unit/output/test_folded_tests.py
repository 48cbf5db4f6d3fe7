"""A finding in a fixture that many tests use."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from small_project import run, write

CONFTEST = """\
import pytest
from starlette.testclient import TestClient
from shop import app


@pytest.fixture
def socket():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        client.post("/a")
        yield socket
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def shared_by(count: int) -> None:
    tests = (f"def test_{n}(socket):\n    assert socket.receive_text()\n" for n in range(count))
    write({"conftest.py": CONFTEST, "test_a.py": "\n\n".join(tests)})


@pytest.mark.parametrize(
    ("tests", "shown", "text"),
    [
        (6, 5, None),
        (7, 5, "... and 1 more test"),
        (41, 5, "... and 35 more tests"),
    ],
)
def test_full_shows_five_other_tests(tests: int, shown: int, text: str | None) -> None:
    shared_by(tests)
    output = run("check").stdout
    assert output.count("this test does it too") == shown
    assert re.findall(r"\.\.\. and .*", output) == [text] * bool(text)


def test_html_folds_the_others() -> None:
    shared_by(41)
    page = run("check", "--output-format", "html").stdout
    folded = re.findall(
        r"<details><summary>… and 35 more tests</summary>(.*?)</details>", page, re.S
    )
    assert len(folded) == 1
    assert folded[0].count("<li><code>test_a.py:") == 35
    assert page.count("this test does it too") == 5


def test_formats_for_programs_have_all() -> None:
    shared_by(41)
    (finding,) = json.loads(run("check", "--output-format", "json").stdout)["findings"]
    labels = [label["message"] for label in finding["labels"]]
    assert labels.count("this test does it too") == 40
    sarif = run("check", "--output-format", "sarif").stdout
    assert sarif.count("this test does it too") == 40
