"""wslint's findings through flake8."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from small_project import TOLD, TWO, write
from warm import WSLINT, warm_command

from wslint.integrations.flake8 import Plugin

IMPORTS = (
    *("flake8.main.cli", "flake8.main.application", "flake8.checker"),
    *("pycodestyle", "pyflakes.api", "mccabe"),
    *("wslint.integrations.flake8", *WSLINT),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def flake8(*options: str, stdin: str | None = None) -> list[str]:
    command = warm_command(IMPORTS, "flake8", "--isolated", "--max-line-length=200", *options)
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, text=True)
    assert done.stderr == ""
    return [line.partition(" HTTP")[0] for line in done.stdout.splitlines()]


def test_the_same_findings() -> None:
    write({"t/test_a.py": TWO, "t/test_b.py": "import os\n"})
    assert flake8("t") == [
        "t/test_a.py:8:9: WS301",
        "t/test_a.py:15:9: WS301",
        "t/test_b.py:1:1: F401 'os' imported but unused",
    ]


def test_noqa_and_select() -> None:
    noqa = TOLD.replace('post("/a")', 'post("/a")  # noqa: WS301')
    write({"test_a.py": noqa, "test_b.py": noqa.replace("WS301", "E501")})
    assert flake8() == ["./test_b.py:8:9: WS301"]
    assert flake8("--disable-noqa", "test_a.py") == []  # wslint itself knows the comment
    assert flake8("--select", "F", "test_b.py") == []
    assert flake8("--extend-ignore", "WS3", "test_b.py") == []


def test_settings_and_comments_of_wslint_hold() -> None:
    own = TOLD.replace('post("/a")', 'post("/a")  # wslint: ignore[WS301]')
    settings = 'extend-exclude = ["old/"]\n'
    write({"wslint.toml": settings, "test_a.py": own, "old/test_b.py": TOLD, "test_c.py": TOLD})
    assert flake8() == ["./test_c.py:8:9: WS301"]
    write({"wslint.toml": 'ignore = ["WS301"]\n'})
    assert flake8() == []


def test_standard_input() -> None:
    assert flake8("-", stdin=TOLD) == ["stdin:8:9: WS301"]
    named = flake8("--stdin-display-name", "t/test_x.py", "-", stdin=TOLD)
    assert named == ["t/test_x.py:8:9: WS301"]


def test_the_bundle_of_a_finding() -> None:
    lines = TOLD.splitlines(keepends=True)
    ((line, column, text, kind),) = Plugin(None, "nowhere/test_x.py", lines).run()  # type: ignore[arg-type]
    assert (line, column, kind) == (8, 8, Plugin)
    assert text.startswith("WS301 HTTP call while a websocket")
