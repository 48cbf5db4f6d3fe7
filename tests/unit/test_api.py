"""The public API, as described in docs/api.md."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from paths import ROOT
from small_project import TOLD, write
from started_processes import count_processes

import wslint

PAGE = (ROOT / "docs" / "api.md").read_text("utf-8")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    write({"tests/test_a.py": TOLD})
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(compile(block, "api.md", "exec"), names)
    out = capsys.readouterr().out
    assert re.fullmatch(r".*/tests/test_a.py:8: WS301 HTTP call .*\n", out)


def test_the_page_names_all_there_is() -> None:
    told = {"check_paths", "check_source", "fix_source", "ConfigError", "Report", "Finding"}
    assert told <= set(wslint.__all__)
    for name in told:
        assert name in PAGE
    assert set(wslint.__all__) <= set(dir(wslint))
    assert all(hasattr(wslint, name) for name in wslint.__all__)
    with pytest.raises(AttributeError, match="no attribute 'check_path'"):
        wslint.check_path  # noqa: B018


def test_import_is_cheap() -> None:
    script = (
        "import sys; before = set(sys.modules); import wslint; "
        "print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-I", "-c", script]
    new = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split()
    assert set(new) <= {"wslint", "wslint._version"}


def test_processes_are_started_only_where_asked_for(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        (here / f"test_{number}.py").write_text("websocket_connect = 1\n")
    monkeypatch.setattr("wslint.run.pool.MIN_BYTES", 1)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(2), raising=False)
    pids = count_processes(monkeypatch)
    report = wslint.check_paths(isolated=True)
    assert not pids
    assert wslint.check_paths(isolated=True, jobs=2) == report
    assert len(pids) == 2


def test_check_paths(here: Path, cache_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the files are not older than the run
    monkeypatch.setattr("wslint.run.cache.MARGIN_NS", -(10**15))
    write({"tests/test_a.py": TOLD, "pyproject.toml": '[tool.wslint]\nignore = ["WS301"]\n'})
    assert wslint.check_paths().findings == ()
    assert wslint.check_paths([here / "tests"]).files_checked == 1
    for report in (
        wslint.check_paths(["tests"], isolated=True),
        wslint.check_paths(["tests"], select=["WS3"]),
    ):
        assert [finding.code for finding in report.findings] == ["WS301"]
        assert report.exit_code == 1
    assert not [*cache_folder.iterdir()]
    wslint.check_paths(isolated=True, cache=True)
    assert [*cache_folder.glob("*/*.json")]


def test_errors() -> None:
    with pytest.raises(wslint.ConfigError, match="unknown rule 'WS999'"):
        wslint.check_source("", select=["WS999"])
    with pytest.raises(wslint.ConfigError, match="no such configuration file"):
        wslint.check_paths(config="nope.toml")
    with pytest.raises(TypeError, match="select must be a list"):
        wslint.check_source("", select="WS301")
    (error,) = wslint.check_paths(["nope"]).errors
    assert error.message == "no such file or directory"
    assert [finding.code for finding in wslint.check_source("x = (").findings] == ["WS900"]


def test_a_source_is_read_in_its_place() -> None:
    helper = (
        "from starlette.testclient import TestClient\n\ndef bare():\n    return TestClient(0)\n"
    )
    write({"tests/helper.py": helper, "tests/wslint.toml": 'ignore = ["WS301"]\n'})
    source = TOLD.replace("TestClient(app)", "bare()").replace(
        "from starlette.testclient import TestClient", "from helper import bare"
    )
    assert wslint.check_source(source, "tests/test_a.py").findings == ()
    found = wslint.check_source(source, "tests/test_a.py", isolated=True).findings
    assert [finding.code for finding in found] == ["WS301"]
    assert wslint.check_source(source, "other/test_a.py", isolated=True).findings == ()


def test_fix_source() -> None:
    kept = wslint.fix_source(TOLD, isolated=True)
    assert (kept.source, kept.applied) == (TOLD, ())
    assert [finding.code for finding in kept.report.findings] == ["WS301"]
    fixed = wslint.fix_source(TOLD, unsafe=True)
    assert fixed.applied == ("WS301",)
    assert fixed.report.findings == ()
    text = f"# coding: latin-1\n# é\n{TOLD}".encode("latin-1")
    in_bytes = wslint.fix_source(text, unsafe=True)
    assert in_bytes.source.startswith("# coding: latin-1\n# é\n".encode("latin-1"))
    assert in_bytes.source.endswith(fixed.source.partition("\n\n\n")[2].encode())


def test_a_fix_in_another_file_is_refused() -> None:
    conftest = """\
import pytest
from starlette.testclient import TestClient

@pytest.fixture
def client():
    return TestClient(0)
"""
    write({"conftest.py": conftest})
    source = TOLD.replace("test_told()", "test_told(client)").replace(
        "    client = TestClient(app)\n", ""
    )
    fixed = wslint.fix_source(source, "test_a.py", unsafe=True)
    assert fixed.source == source
    ((finding, reason),) = fixed.refused
    assert finding.code == "WS301"
    assert "not among the files to change" in reason
    assert Path("conftest.py").read_text() == conftest
