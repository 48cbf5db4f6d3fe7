"""Judges every file below some folders, with the gate switched off: nothing may crash.

    PYTHONPATH=tests python -m fuzz.mass FOLDER... [--minutes 30] [--seed 1] [--libcst]

Files of the same content count once. They are taken in random order until the time is up. With
``--libcst``, each is also read with libcst, as tests with findings are, which takes ten times as
long.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import time
import traceback
from collections import Counter
from hashlib import sha256
from pathlib import Path

from wslint.config import Settings
from wslint.judge import judge_file
from wslint.link.program import Program
from wslint.source import Source, Unreadable, read_source

SETTINGS = Settings(preview=True, cache=False)


def judge(path: str, *, with_libcst: bool) -> list[Unreadable]:
    """Read, lower and judge a whole file; give what could not be read in it."""
    source = read_source(path)
    if not isinstance(source, Source):
        return [source]
    program = Program()
    found = list(judge_file(source, SETTINGS, program).unreadable)
    for each in (program, program.with_libcst)[: 1 + with_libcst]:
        module = each.module(path)
        if module is not None:
            assert isinstance(module.body, tuple)
            found += module.problems
    return found


def files_below(folders: list[str]) -> list[str]:
    """List the Python files below some folders."""
    return sorted(
        os.path.join(at, name)
        for folder in folders
        for at, _, names in os.walk(folder)
        for name in names
        if name.endswith((".py", ".pyi"))
    )


def main() -> None:
    """Print what became of the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--libcst", action="store_true")
    options = parser.parse_args()
    paths = files_below(options.folders)
    random.Random(options.seed).shuffle(paths)
    end = time.monotonic() + 60 * options.minutes
    seen: set[bytes] = set()
    reasons: Counter[str] = Counter()
    slow: list[tuple[float, str]] = []
    crashed = done = 0
    for path in paths:
        if time.monotonic() > end:
            break
        done += 1
        try:
            digest = sha256(Path(path).read_bytes()).digest()
        except OSError:
            digest = path.encode("utf-8", "surrogateescape")
        if digest in seen:
            continue
        seen.add(digest)
        began = time.process_time()
        try:
            for one in judge(path, with_libcst=options.libcst):
                reasons[re.sub(r"'.*'|\"|\d+", "…", one.reason.partition(" (")[0])] += 1
        except Exception:
            crashed += 1
            print(f"crash: {path}", traceback.format_exc(limit=-4), sep="\n", flush=True)
        took = time.process_time() - began
        if took > 5:
            slow.append((took, path))
    print(f"{done} of {len(paths)} files, {len(seen)} of different content: {crashed} crashes")
    for reason, count in reasons.most_common():
        print(f"{count:6} {reason}")
    for took, path in sorted(slow, reverse=True)[:10]:
        print(f"{took:6.1f} s {path}")


if __name__ == "__main__":
    main()
