"""Paths with drives and backslashes make no difference to the findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from cases import all_cases
from paths import TESTS
from small_project import TOLD, run, write

CASES = {case.id: case for case in all_cases()}
# in a conftest.py, a helper, a base class, an application; with a nearer wslint.toml
ACROSS = ["WS401-conftest_fixture", "WS103-wrapper_in_another_file", "WS307-base_class",
          "WS304-dict_by_name", "WS301-conftest_fixture"]  # fmt: skip
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there it is so by itself")


FORMATS = ["full", "concise", "grouped", "json", "json-lines", "sarif", "github", "gitlab",
           "junit", "rdjson", "html"]  # fmt: skip


@dataclass(frozen=True)
class Runs:
    """The folders of all runs, and what they print as if on Windows."""

    folder: Path
    errors: str

    def project(self, case: str) -> Path:
        return self.folder / case / "project"

    def printed(self, name: str) -> str:
        """Return what the run with a case or with a format printed."""
        path = self.folder / f"{name}.txt"
        assert path.exists(), self.errors
        return path.read_bytes().decode()


@pytest.fixture(scope="module")
def as_on_windows(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Make all runs in one process: most of its time, it imports wslint."""
    folder = tmp_path_factory.mktemp("as-on-windows")
    for id_ in ACROSS:
        CASES[id_].copy_to(folder / id_ / "project")
    mixed = folder / "mixed"
    mixed.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(mixed)
        write({"a b/test_a.py": TOLD.replace("\n", "\r\n"), "a b/old/test_b.py": TOLD,
               "a b/wslint.toml": 'extend-exclude = ["old/"]\n'})  # fmt: skip
    runs = [(folder / id_ / "project", "json", folder / f"{id_}.txt") for id_ in ACROSS]
    runs += [(mixed, output, folder / f"{output}.txt") for output in FORMATS]
    command = [sys.executable, "-m", "windows_like", *(str(part) for run in runs for part in run)]
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return Runs(folder, done.stderr)


@pytest.mark.parametrize("case", ACROSS)
def test_findings_in_other_files(
    case: str, as_on_windows: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(as_on_windows.project(case))
    here = run("check", "--preview", "--no-cache", "--output-format", "json").stdout
    assert json.loads(here)["findings"]
    assert as_on_windows.printed(case) == here


@pytest.mark.parametrize("output", FORMATS)
def test_every_format_has_plain_slashes_and_newlines(
    output: str, as_on_windows: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(as_on_windows.folder / "mixed")
    here = run("check", "--preview", "--output-format", output).stdout
    there = as_on_windows.printed(output)
    assert there == here
    assert "\r" not in there
    assert (
        "\\" not in re.sub(r'\\[rntu"]', "", there) or output == "html"
    )  # JSON's and scripts' own
    assert "a b/test_a.py" in there.replace("%20", " ")
