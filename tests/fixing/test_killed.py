"""``wslint fix`` killed at any moment: every file is old or new, and no other file is left over.

``-m kills`` does it 200 times.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.discovery.walk import find_files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL is POSIX's")

OLD = """\
from starlette.testclient import TestClient

from shop import app


def test_{number}():
    client = TestClient(app)
    with client.websocket_connect("/orders") as socket:
        client.post("/orders")  # {comment}
        assert socket.receive_json()
"""
# about as long as a file takes, in seconds
WRITING = 0.0012
LEFT = re.compile(r"\.wslint-\d+-[0-9a-f]{16}\.tmp")


def write_old(folder: Path, count: int) -> dict[Path, bytes]:
    """Write the files before the fix."""
    files = {
        folder / f"test_{number}.py": OLD.format(number=number, comment="x" * 500 * number).encode()
        for number in range(count)
    }
    for path, data in files.items():
        path.write_bytes(data)
    return files


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "wslint", "fix", "--unsafe-fixes", "."]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def left_over(folder: Path) -> set[Path]:
    return {path for path in folder.iterdir() if LEFT.fullmatch(path.name)}


def kill_runs(folder: Path, count: int, files: int) -> tuple[int, int]:
    """Kill runs and check what they leave.

    Returns how many were killed while writing, and how many left both old and new files.
    """
    folder.mkdir()
    (folder / "pytest.ini").touch()
    old = write_old(folder, files)
    began = time.monotonic()
    assert start(folder).wait() == 0
    whole = time.monotonic() - began
    new = {path: path.read_bytes() for path in old}
    assert all(new[path] != old[path] for path in old)
    writing = mixed = 0
    for number in range(count):
        chance = random.Random(number)
        write_old(folder, files)
        known, first = left_over(folder), min(old)
        with start(folder) as process:
            if number % 4 == 0:
                time.sleep(chance.uniform(0, whole))
            else:
                # most are killed during the short time of writing
                while process.poll() is None and first.read_bytes() == old[first]:
                    if not left_over(folder) <= known:
                        break
                    time.sleep(WRITING / 10)  # leaves the processor to it
                time.sleep(chance.uniform(0, WRITING * files))
            process.kill()
        now = {path: path.read_bytes() for path in old}
        for path, data in now.items():
            assert data in (old[path], new[path]), path
        temporary = left_over(folder)
        others = {path.name for path in folder.iterdir()} - {
            path.name for path in temporary | set(old)
        }
        assert others <= {"pytest.ini"}
        found = find_files([str(folder)], Settings(root=str(folder))).files
        assert {Path(each.path) for each in found} == set(old)
        changed = sum(now[path] == new[path] for path in old)
        mixed += 0 < changed < files
        writing += 0 < changed < files or not temporary <= known
        # the next run removes temporary files, as it has something to write
        assert temporary <= known or changed < files
    write_old(folder, files)
    assert start(folder).wait() == 0
    assert {path: path.read_bytes() for path in old} == new
    assert not left_over(folder)
    return writing, mixed


def test_a_few_kills(tmp_path: Path) -> None:
    writing, _ = kill_runs(tmp_path / "a", 6, files=20)
    assert writing


@pytest.mark.kills
def test_two_hundred_kills(tmp_path: Path) -> None:
    writing, mixed = kill_runs(tmp_path / "a", 200, files=50)
    sys.stderr.write(f"{writing} killed while they wrote, {mixed} left old and new files\n")
    assert mixed > 50
