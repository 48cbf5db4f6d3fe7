"""Judges every file below some folders, without the prefilter: nothing may crash.

    PYTHONPATH=tests python -m fuzz.mass FOLDER... [--skip NAME] [--minutes 30]

Files of the same content count once. They are taken in pieces of neighbours, the pieces in random
order, until the time is up.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import time
import traceback
from collections import Counter
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from wslint.config.settings import Settings
from wslint.linking.program import Program
from wslint.run.judge import judge_file
from wslint.syntax.deep_recursion import deep_recursion
from wslint.syntax.source import Source, Unreadable, read_source

PIECE = 40
SETTINGS = Settings(preview=True, cache=False)


@dataclass(slots=True)
class Tally:
    """The outcome for some files; ``slow``: seconds of CPU time, and paths."""

    files: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    slow: list[tuple[float, str]] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add the outcome of other files."""
        self.files += other.files
        self.reasons += other.reasons
        self.slow += other.slow
        self.crashes += other.crashes


def judge(path: str, program: Program) -> list[Unreadable]:
    """Read, lower and judge a whole file; return what could not be read in it."""
    source = read_source(path)
    if not isinstance(source, Source):
        return [source]
    found = list(judge_file(source, SETTINGS, program).unreadable)
    module = program.module(path)
    if module is not None:
        assert isinstance(module.part(None), tuple)
        found += module.problems
    return found


def judge_all(paths: list[str], until: float) -> Tally:
    """Judge files in one folder like a run does: imported files are read once."""
    tally, program = Tally(), Program()
    for path in paths:
        if time.time() > until:
            break
        began = time.process_time()
        try:
            with deep_recursion():
                found = judge(path, program)
        except RecursionError:
            tally.reasons["is nested too deeply to be followed"] += 1
        except Exception:
            tally.crashes.append(f"{path}\n{traceback.format_exc(limit=-4)}")
        else:
            tally.reasons.update(re.sub(r"'.*'|\"|\d+", "…", one.reason) for one in found)
        tally.files += 1
        tally.slow.append((time.process_time() - began, path))
    tally.slow = sorted(tally.slow, reverse=True)[:5]
    return tally


def files_below(folders: list[str], skipped: list[str]) -> list[str]:
    """Return the Python files below some folders, without duplicates."""
    found: dict[bytes, str] = {}
    for folder in folders:
        for at, inner, names in os.walk(folder):
            inner[:] = sorted(name for name in inner if name not in skipped)
            for name in sorted(names):
                if not name.endswith((".py", ".pyi")):
                    continue
                path = os.path.join(at, name)
                try:
                    digest = sha256(Path(path).read_bytes()).digest()
                except OSError:
                    digest = os.fsencode(path)
                found.setdefault(digest, path)
    return list(found.values())


def run(paths: list[str], jobs: int, until: float) -> Tally:
    """Judge files in several processes until a deadline; a process that dies is a crash."""
    pieces = [paths[at : at + PIECE] for at in range(0, len(paths), PIECE)]
    random.Random(1).shuffle(pieces)
    total = Tally()
    told = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        futures: dict[Future[Tally], list[str]] = {
            pool.submit(judge_all, piece, until): piece for piece in pieces
        }
        for future in as_completed(futures):
            error = future.exception()
            if error is not None:
                total.crashes.append(f"{error!r} in one of {futures[future]}")
                continue
            total.add(future.result())
            if time.monotonic() > told + 60:
                told = time.monotonic()
                print(f"{total.files} files, {len(total.crashes)} crashes", file=sys.stderr)
    return total


def main() -> None:
    """Print the outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--skip", action="append", default=[], help="a folder's name")
    options = parser.parse_args()
    paths = files_below(options.folders, options.skip)
    until = time.time() + 60 * options.minutes
    total = run(paths, options.jobs, until)
    print(f"{total.files} of {len(paths)} files of different content")
    print(f"{len(total.crashes)} crashes")
    for crash in total.crashes:
        print(crash)
    for reason, count in total.reasons.most_common():
        print(f"{count:6} {reason}")
    for took, path in sorted(total.slow, reverse=True)[:10]:
        print(f"{took:6.1f} s {path}")
    sys.exit(bool(total.crashes))


if __name__ == "__main__":
    main()
