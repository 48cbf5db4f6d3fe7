"""The file system around a run: caches that cannot be written, clocks that jump, huge folders, and
other runs at the same time.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from small_project import TOLD
from warm import warm_wslint

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
CHECK = ["check", "--isolated", "--output-format", "json"]
FIX = ["fix", "--isolated", "--unsafe-fixes"]
# a process of its own, which can be limited
COLD = [sys.executable, "-m", "wslint"]


def start(folder: Path, *command: str, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **options)  # fmt: skip


def wslint(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return start(folder, *warm_wslint(*arguments))


def ended(running: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = running.communicate(timeout=120)
    return running.returncode, out, err


def findings(out: str) -> list[str]:
    return [f"{one['path']} {one['code']}" for one in json.loads(out)["findings"]]


def lay_out(folder: Path, count: int) -> list[str]:
    for number in range(count):
        (folder / f"test_{number}.py").write_text(TOLD.replace("told", f"told_{number}"))
    time.sleep(0.1)  # nothing is kept of a run over files that are as young as the run
    return sorted(f"test_{number}.py WS301" for number in range(count))


def test_two_check_the_same_at_once(tmp_path: Path, cache_folder: Path) -> None:
    expected = lay_out(tmp_path, 12)
    for _ in range(2):  # with nothing kept, and with everything
        running = [wslint(tmp_path, *CHECK) for _ in range(3)]
        for one in running:
            code, out, err = ended(one)
            assert (code, err) == (1, "")
            assert sorted(findings(out)) == expected
    kept = sorted(path.suffix for path in cache_folder.glob("*/*"))
    assert kept == ["", ".json", ".json"]  # the project's name, and two files of one run


def test_two_fix_the_same_at_once(tmp_path: Path) -> None:
    """Each file is fixed once, by the first process; the other reports that or finds it fixed."""
    lay_out(tmp_path, 12)
    running = [wslint(tmp_path, *FIX) for _ in range(3)]
    for one in running:
        code, out, err = ended(one)
        assert code in (0, 1, 2)
        assert "internal error" not in err + out
        for line in err.splitlines():
            assert line.endswith("it has changed since it was read"), err
        assert (code == 2) == bool(err)
    for path in sorted(tmp_path.glob("test_*.py")):
        text = path.read_text()
        assert text.count("with TestClient(app) as client") == 1, text
        compile(text, path.name, "exec")
    assert not [*tmp_path.glob("*tmp*")]
    code, out, err = ended(wslint(tmp_path, *CHECK))
    assert (code, findings(out), err) == (0, [], "")


def test_one_checks_while_another_fixes(tmp_path: Path) -> None:
    expected = lay_out(tmp_path, 12)
    running = [wslint(tmp_path, *CHECK) for _ in range(2)]
    fixing = wslint(tmp_path, *FIX)
    assert ended(fixing)[0] == 0
    for one in running:
        code, out, err = ended(one)
        assert (code in (0, 1), err) == (True, "")
        assert set(findings(out)) <= set(expected)


def limited_disk() -> None:
    """Like a full disk: files cannot grow, and no signal is sent."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_disk_that_is_full(tmp_path: Path, cache_folder: Path) -> None:
    expected = lay_out(tmp_path, 2)
    code, out, err = ended(start(tmp_path, *COLD, *CHECK, preexec_fn=limited_disk))
    assert (code, err) == (1, "")
    assert findings(out) == expected
    assert not [*cache_folder.glob("*/*")]
    code, _, err = ended(start(tmp_path, *COLD, *FIX, preexec_fn=limited_disk))
    assert code == 2
    assert err.count("not fixed: File too large") == 2
    assert "told" in (tmp_path / "test_0.py").read_text()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == [
        "test_0.py",
        "test_1.py",
    ]
    code, _, err = ended(
        start(tmp_path, *COLD, *CHECK[:-2], "--write-baseline", "b.json", preexec_fn=limited_disk)
    )
    assert (code, err) == (2, "error: b.json: cannot be written: File too large\n")


@pytest.mark.parametrize("kind", ["closed", "a file", "closed above"])
def test_a_cache_that_cannot_be_written(
    tmp_path: Path, cache_folder: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    expected = lay_out(tmp_path, 2)
    closed = cache_folder
    if kind == "a file":
        cache_folder.rmdir()
        cache_folder.touch()
    elif kind == "closed":
        ended(wslint(tmp_path, *CHECK))
        (closed,) = cache_folder.iterdir()
        for path in closed.glob("*.json"):
            path.unlink()
    command = warm_wslint(*CHECK)
    if kind != "a file":
        closed.chmod(0o555)
        request.addfinalizer(lambda: closed.chmod(0o755))
    if os.geteuid() == 0:  # whom no mode keeps out
        command = unprivileged(closed / "x", "w", "wslint", *CHECK)
    code, out, err = ended(start(tmp_path, *command))
    assert (code, err) == (1, "")
    assert findings(out) == expected
    assert not [*cache_folder.glob("*/*.json")]


# File modes do not restrict root: this drops the privilege and runs the given module.
_AS_NOBODY = """
import ctypes, runpy, sys
libc = ctypes.CDLL(None, use_errno=True)
class Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
data = (ctypes.c_uint32 * 6)()
assert libc.capset(ctypes.byref(Header(0x20080522, 0)), data) == 0
try:
    open(*sys.argv[1:3])
except OSError:
    pass
else:
    sys.exit("the file can be opened")
sys.argv = ["wslint", *sys.argv[4:]]
runpy.run_module("wslint", run_name="__main__")
"""


def unprivileged(closed: Path | str, mode: str, *command: str) -> list[str]:
    """Return a command that runs without root's privilege to open any file."""
    return [sys.executable, "-c", _AS_NOBODY, str(closed), mode, *command]


@pytest.mark.parametrize("clock", [0, 1, 2**33], ids=["1970", "back", "ahead"])
def test_a_clock_that_jumps(tmp_path: Path, cache_folder: Path, clock: int) -> None:
    """For a file with the same size and time, its content decides, not the cache."""
    path = tmp_path / "test_it.py"
    path.write_text(TOLD)
    os.utime(path, (clock, clock))
    assert findings(ended(wslint(tmp_path, *CHECK))[1]) == ["test_it.py WS301"]
    quiet = TOLD.replace("client.post(", "print      (")
    assert len(quiet) == len(TOLD)
    path.write_text(quiet)
    os.utime(path, (clock, clock))
    assert findings(ended(wslint(tmp_path, *CHECK))[1]) == []
    path.write_text(TOLD)
    os.utime(path, (clock, clock))
    kept = [*cache_folder.glob("*/*.json")]
    assert not (clock == 2**33 and kept)  # of a file newer than the run nothing is kept
    for entry in kept:
        os.utime(entry, (2**33, 2**33))
    assert findings(ended(wslint(tmp_path, *CHECK))[1]) == ["test_it.py WS301"]


@pytest.mark.heavy
@pytest.mark.parametrize("deep", [False, True])
def test_a_hundred_thousand_files(tmp_path: Path, deep: bool) -> None:
    for number in range(100_000):
        folder = tmp_path / (f"{number // 1000}/{number % 1000 // 20}" if deep else "all")
        if number % (20 if deep else 100_000) == 0:
            folder.mkdir(parents=True)
        (folder / f"test_{number}.py").write_text("def test():\n    assert 1\n")
    (folder / "test_hazard.py").write_text(TOLD)
    code, out, err = ended(wslint(tmp_path, *CHECK, "--no-cache"))
    assert (code, err) == (1, "")
    assert findings(out) == [f"{folder.relative_to(tmp_path).as_posix()}/test_hazard.py WS301"]
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 600_000  # kB


@pytest.mark.parametrize("named", [False, True])
def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path, named: bool) -> None:
    lay_out(tmp_path, 1)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)
    command = warm_wslint(*CHECK)
    if os.geteuid() == 0:
        command = unprivileged("closed/x", "w", "wslint", *CHECK)
    paths = ["closed", "test_0.py"] if named else []
    code, out, err = ended(start(tmp_path, *command, *paths))
    closed.chmod(0o755)
    assert (code, err) == (1, "")
    assert findings(out) == ["closed WS900", "test_0.py WS301"]
    assert "a directory that cannot be listed: permission denied" in out.lower()


@pytest.mark.parametrize("name", ["pyproject.toml", "wslint.toml", "below/pyproject.toml"])
def test_settings_that_cannot_be_read_are_reported(tmp_path: Path, name: str) -> None:
    lay_out(tmp_path, 1)
    (tmp_path / "below").mkdir()
    settings = tmp_path / name
    settings.write_text("[tool.wslint]\n")
    settings.chmod(0o000)
    command = warm_wslint("check", ".")
    if os.geteuid() == 0:
        command = unprivileged(name, "r", "wslint", "check", ".")
    code, _, err = ended(start(tmp_path, *command))
    assert (code, err) == (2, f"error: {name}: cannot be read: Permission denied\n")


def test_links_out_of_the_tree(tmp_path: Path) -> None:
    """A linked file is judged under the name of the link; linked folders are not entered."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    lay_out(outside, 1)
    (inside / "folder").symlink_to(outside)
    (inside / "test_link.py").symlink_to(outside / "test_0.py")
    (inside / "up").symlink_to("..")
    assert findings(ended(wslint(inside, *CHECK))[1]) == ["test_link.py WS301"]
    assert findings(ended(wslint(inside, *CHECK, "folder"))[1]) == ["folder/test_0.py WS301"]
    assert ended(wslint(inside, *FIX, "test_link.py"))[0] == 0
    assert (inside / "test_link.py").is_symlink()
    assert "with TestClient" in (outside / "test_0.py").read_text()
