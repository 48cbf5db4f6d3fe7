"""Runs commands in turn and measures time and memory."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

# Caches don't rely on a file that is newer than the run.
SETTLED = 0.1


class Command(NamedTuple):
    """A command line, its folder, and what is done before each run.

    The ``cache`` is removed, and a line is added to the ``edited`` file.
    """

    words: tuple[str, ...]
    folder: Path
    cache: Path | None = None
    edited: Path | None = None


class Sample(NamedTuple):
    """One run: wall time, CPU time, and the peak memory of a process."""

    wall: float
    cpu: float
    megabytes: float


def run(command: Command) -> Sample:
    """Run a command once. Findings of a linter are not an error, a crash is."""
    if command.cache is not None:
        shutil.rmtree(command.cache, ignore_errors=True)
    if command.edited is not None:
        with command.edited.open("ab") as stream:
            stream.write(b"# edited\n")
        time.sleep(SETTLED)
    began = time.perf_counter()
    process = subprocess.Popen(
        command.words,
        cwd=command.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=_environment(),
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0 or b"Traceback" in said:
        raise RuntimeError(f"{' '.join(command.words)}: {said.decode(errors='replace')[-2000:]}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _environment() -> dict[str, str]:
    environment = {**os.environ, "RUFF_NO_CACHE": "false", "NO_COLOR": "1"}
    # otherwise an editable install compiles the package at every start
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def rounds(
    commands: Mapping[str, Command],
    count: int,
    tell: Callable[[str], None] = lambda _: None,
) -> dict[str, Sample]:
    """Run all commands in turn, ``count`` times; return the medians of each.

    Every round runs each command once, so a temporary load on the machine affects all of them.
    """
    samples: dict[str, list[Sample]] = {name: [] for name in commands}
    for name, command in commands.items():
        if command.cache is None:
            run(command)  # fills the caches
            tell(name)
    for _ in range(count):
        for name, command in commands.items():
            samples[name].append(run(command))
            tell(name)
    return {name: median(found) for name, found in samples.items()}


def median(samples: Sequence[Sample]) -> Sample:
    """Return the median of each figure."""
    return Sample(*(statistics.median(figures) for figures in zip(*samples, strict=True)))
