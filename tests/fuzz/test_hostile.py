"""A real hazard beside each hostile file must still be found."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from warm import warm_wslint

from fuzz.hostile import FAST, HAZARD, HEAVY

OK = "test_zz_hazard.py:7:9: WS301"
MEMORY = 500_000  # in kB
COLD = (sys.executable, "-m", "wslint")


def wslint(
    folder: Path, *options: str, output: str = "concise", command: Sequence[str] = ()
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*(command or COLD), "check", "--no-cache", "--output-format", output, *options, "."],
        cwd=folder,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=300,
        check=False,
    )


def beside_hazard(folder: Path) -> Path:
    (folder / "test_zz_hazard.py").write_text(HAZARD)
    return folder


def names(cases: dict[str, tuple[bytes, str]]) -> dict[str, str]:
    return {name: f"test_{number:03}.py" for number, name in enumerate(cases)}


def test_hostile_files(tmp_path: Path) -> None:
    """All in one run, and in one test: else each worker would make the run."""
    beside_hazard(tmp_path)
    for name, file in names(FAST).items():
        (tmp_path / file).write_bytes(FAST[name][0])
    run = wslint(tmp_path)
    assert run.returncode == 1, run.stderr
    assert not run.stderr
    assert OK in run.stdout
    assert "\x1b" not in run.stdout
    rows = run.stdout.splitlines()
    said = {
        name: "\n".join(row for row in rows if row.startswith(file))
        for name, file in names(FAST).items()
    }
    wrong = {name: rows for name, rows in said.items() if FAST[name][1] not in rows}
    assert not wrong


@pytest.mark.heavy
@pytest.mark.parametrize("name", [*FAST, *HEAVY])
def test_time_and_memory(name: str, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    (beside_hazard(tmp_path) / "test_it.py").write_bytes({**FAST, **HEAVY}[name][0])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    run = wslint(tmp_path, "--preview")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = min(time.monotonic() - began, after.ru_utime - before.ru_utime)  # a busy machine
    assert OK in run.stdout
    assert run.returncode == 1
    assert took < 10
    # the peak of all children so far, including this one
    assert after.ru_maxrss < MEMORY


@pytest.fixture
def odd_tree(tmp_path: Path) -> Iterator[Path]:
    beside_hazard(tmp_path)
    os.mkfifo(tmp_path / "test_fifo.py")
    listening = socket.socket(socket.AF_UNIX)
    here = Path.cwd()
    os.chdir(tmp_path)  # the path of a socket must be short
    listening.bind("test_socket.py")
    os.chdir(here)
    (tmp_path / "test_zero.py").symlink_to("/dev/zero")
    (tmp_path / "test_nowhere.py").symlink_to("nowhere.py")
    (tmp_path / "test_loop.py").symlink_to("test_loop.py")
    (tmp_path / "loop").symlink_to(".")
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "folder.py" / "test_in.py").write_text(HAZARD)
    (tmp_path / "conftest.py").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "test_it.py").write_text(HAZARD)
    os.mkfifo(tmp_path / "sub" / "conftest.py")
    os.mkfifo(tmp_path / "sub" / "app.py")
    os.mkfifo(tmp_path / "pytest.ini")
    (tmp_path / ".gitignore").mkdir()
    (tmp_path / "closed").mkdir(mode=0)
    (tmp_path / "test_closed.py").write_text(HAZARD)
    (tmp_path / "test_closed.py").chmod(0)
    yield tmp_path
    listening.close()
    (tmp_path / "closed").chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
@pytest.mark.parametrize("named", [False, True])
def test_odd_trees(odd_tree: Path, named: bool) -> None:
    given = sorted(path.name for path in odd_tree.glob("test_*")) if named else []
    run = wslint(odd_tree, *given, command=warm_wslint())
    assert OK in run.stdout
    assert "sub/test_it.py:7:9: WS301" in run.stdout
    assert "folder.py/test_in.py:7:9: WS301" in run.stdout
    assert "loop/" not in run.stdout
    assert not run.stderr
    if named:
        for name in ("fifo", "socket", "zero", "nowhere", "loop"):
            assert f"test_{name}.py:1:1: WS900" in run.stdout


FORMATS = ["full", "concise", "grouped", "json", "json-lines", "sarif", "github", "gitlab",
           "junit", "rdjson", "html"]  # fmt: skip
EVIL = b"test_\x1b[2J\xff\x07<script>alert(1)&\"'\n::error::]]>%0A\xe2\x80\xae.py"


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names of any bytes")
@pytest.mark.parametrize("output", FORMATS)
def test_names_and_source_cannot_inject_into_the_output(tmp_path: Path, output: str) -> None:
    source = HAZARD.replace('"/orders"', '"\x1b]0;owned\x07</script><script>\u202e", b"\x9b2J"')
    (tmp_path / os.fsdecode(EVIL)).write_text(source, encoding="utf-8")
    (tmp_path / "test_broken.py").write_bytes(
        b"# websocket_connect\nx = '\x1b[2J\x07' = </script>\n"
    )
    run = wslint(beside_hazard(tmp_path), output=output, command=warm_wslint())
    assert run.returncode == 1, run.stderr
    assert not run.stderr
    for steering in "\x1b\x07\u202e\x9b":
        assert steering not in run.stdout
    assert "<script>alert" not in run.stdout or output not in ("junit", "html")
    assert not any(row.startswith("::error::") for row in run.stdout.splitlines())
    if output == "junit":
        ET.fromstring(run.stdout.encode("utf-8", "backslashreplace"))


def test_a_file_that_vanishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wslint.config.settings import Settings
    from wslint.discovery.walk import FoundFiles, find_files
    from wslint.run.check import check

    beside_hazard(tmp_path)
    gone = tmp_path / "test_gone.py"
    gone.write_text(HAZARD)

    def find_and_remove(paths: Sequence[str], settings: Settings) -> FoundFiles:
        found = find_files(paths, settings)
        gone.unlink()
        return found

    monkeypatch.setattr("wslint.run.check.find_files", find_and_remove)
    report = check([str(tmp_path)], Settings(root=str(tmp_path), cache=False))
    assert [finding.code for finding in report.findings] == ["WS900", "WS301"]
    assert "no such file" in report.findings[0].message
