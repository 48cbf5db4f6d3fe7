"""Files are replaced as a whole, or refused with a reason."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from wslint.fixes import write
from wslint.fixes.write import CannotWrite, Change, sweep, write_files

posix = pytest.mark.skipif(os.name != "posix", reason="of POSIX file systems")


def refused(*changes: Change) -> str:
    with pytest.raises(CannotWrite) as caught:
        write_files(changes)
    return caught.value.reason


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "test_a.py"
    path.write_bytes(b"old\r\n")
    return path


def left_over(directory: Path) -> list[str]:
    return [entry.name for entry in directory.iterdir() if entry.name.startswith(".wslint")]


def test_replaced(file):
    write_files([Change(str(file), b"old\r\n", b"new\r\n")])
    assert file.read_bytes() == b"new\r\n"
    assert not left_over(file.parent)


@posix
@pytest.mark.parametrize("mode", [0o644, 0o600, 0o755, 0o4755])
def test_mode_is_kept(file, mode):
    file.chmod(mode)
    write_files([Change(str(file), b"old\r\n", b"new")])
    assert stat.S_IMODE(file.stat().st_mode) == mode


@posix
def test_a_symlink_stays_one(file):
    link = file.with_name("link.py")
    link.symlink_to(file.name)
    write_files([Change(str(link), b"old\r\n", b"new")])
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_new_file(tmp_path):
    path = tmp_path / "conftest.py"
    write_files([Change(str(path), None, b"new")])
    assert path.read_bytes() == b"new"
    assert refused(Change(str(path), None, b"newer")) == "it was created meanwhile"


def test_a_changed_file_is_left_alone(file):
    assert refused(Change(str(file), b"older", b"new")) == "it has changed since it was read"
    assert file.read_bytes() == b"old\r\n"


def test_a_change_at_the_last_moment(file, monkeypatch):
    stage = write._stage

    def meddle(change, target):
        target.write_bytes(b"theirs")
        return stage(change, target)

    monkeypatch.setattr(write, "_stage", meddle)
    assert refused(Change(str(file), b"old\r\n", b"new")) == "it has changed since it was read"
    assert file.read_bytes() == b"theirs"
    assert not left_over(file.parent)


def test_all_or_none(file):
    other = file.with_name("other.py")
    assert refused(Change(str(file), b"old\r\n", b"new"), Change(str(other), b"x", b"y"))
    assert file.read_bytes() == b"old\r\n"
    assert not left_over(file.parent)


def test_a_hard_link(file):
    os.link(file, file.with_name("other.py"))
    assert refused(Change(str(file), b"old\r\n", b"new")).startswith("it has hard links")


def test_a_file_that_is_not_writable(file, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert refused(Change(str(file), b"old\r\n", b"new")) == "it is not writable"


def test_a_directory_and_a_missing_file(tmp_path):
    assert refused(Change(str(tmp_path), b"", b"new")) == "it is not a regular file"
    assert refused(Change(str(tmp_path / "x.py"), b"", b"new")) == os.strerror(2)


@posix
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.py")
    assert refused(Change(str(tmp_path / "x.py"), b"", b"new")) == "it is not a regular file"


@posix
def test_a_loop_of_links(tmp_path):
    (tmp_path / "x.py").symlink_to("x.py")
    assert refused(Change(str(tmp_path / "x.py"), b"", b"new"))


@pytest.mark.parametrize("name", ["fsync", "open"])
def test_a_failure_leaves_the_file_and_no_traces(file, monkeypatch, name):
    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, name, fail)
    assert refused(Change(str(file), b"old\r\n", b"new")) == "No space left on device"
    monkeypatch.undo()
    assert file.read_bytes() == b"old\r\n"
    assert not left_over(file.parent)


def test_an_interrupt_leaves_the_file_and_no_traces(file, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_files([Change(str(file), b"old\r\n", b"new")])
    assert file.read_bytes() == b"old\r\n"
    assert not left_over(file.parent)


@posix
def test_what_a_killed_run_left_is_swept(tmp_path):
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    dead = tmp_path / f".wslint-{done.pid}-{'a' * 16}.tmp"
    alive = tmp_path / f".wslint-{os.getpid()}-{'a' * 16}.tmp"
    theirs = tmp_path / ".wslint-1-x.tmp"
    for path in (dead, alive, theirs):
        path.touch()
    assert sweep(tmp_path) == 1
    assert not dead.exists()
    assert alive.exists()
    assert theirs.exists()


def test_what_is_older_than_a_day_is_swept(tmp_path):
    old = tmp_path / f".wslint-{os.getpid()}-{'a' * 16}.tmp"
    old.touch()
    os.utime(old, (0, 0))
    assert sweep(tmp_path) == 1
    assert sweep(tmp_path / "nowhere") == 0
