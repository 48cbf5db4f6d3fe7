"""Paths with drives and backslashes make no difference to the findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cases import Case, all_cases
from paths import TESTS
from small_project import TOLD, run, write

CASES = {case.id: case for case in all_cases()}
# in a conftest.py, a helper, a base class, an application; with a nearer wslint.toml
ACROSS = ["WS401-conftest_fixture", "WS103-wrapper_in_another_file", "WS307-base_class",
          "WS304-dict_by_name", "WS301-conftest_fixture"]  # fmt: skip
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there it is so by itself")


def as_on_windows(folder: Path, output: str) -> str:
    command = [sys.executable, "-m", "windows_like", str(folder), output]
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("case", [CASES[id_] for id_ in ACROSS], ids=ACROSS)
def test_findings_in_other_files(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path = tmp_path / "project"
    case.copy_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    args = ["check", "--preview", "--no-cache", "--output-format"]
    here = run(*args, "json").stdout
    assert json.loads(here)["findings"]
    assert as_on_windows(tmp_path, "json") == here


FORMATS = ["full", "concise", "grouped", "json", "json-lines", "sarif", "github", "gitlab",
           "junit", "rdjson", "html"]  # fmt: skip


@pytest.mark.parametrize("output", FORMATS)
def test_every_format_has_plain_slashes_and_newlines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write({"a b/test_a.py": TOLD.replace("\n", "\r\n"), "a b/old/test_b.py": TOLD,
           "a b/wslint.toml": 'extend-exclude = ["old/"]\n'})  # fmt: skip
    here = run("check", "--preview", "--output-format", output).stdout
    there = as_on_windows(tmp_path, output)
    assert there == here
    assert "\r" not in there
    assert (
        "\\" not in re.sub(r'\\[rntu"]', "", there) or output == "html"
    )  # JSON's and scripts' own
    assert "a b/test_a.py" in there.replace("%20", " ")
