"""The short form for CI: a generated tree, and upper limits for the ratios."""

from __future__ import annotations

from pathlib import Path

from benchmarks import trees
from benchmarks.full import Target
from benchmarks.measure import rounds
from benchmarks.tools import Tools

N = 1500
# Twice the measured ratios, as CI machines are noisy: only a large regression fails.
TARGETS = (
    Target("3,000 files, cold, beside ruff F", "wslint, 3,000 files", "ruff F, 3,000 files", 6.0),
    Target("twice the files", "wslint, 3,000 files, 1", "wslint, 1,500 files, 1", 3.0),
    Target("a file without websockets", "wslint, no websockets", "import click", 3.2),
    Target("a test of 300 lines", "wslint, 300 lines", "import libcst", 2.5),
    Target("one file edited, beside a cold run", "wslint, one edited", "wslint, 3,000 files", 1.5),
    Target(
        "2,000 tests in a file, beside 1,000", "wslint, 2,000 tests", "wslint, 1,000 tests", 3.0
    ),
)


def judge(folder: Path, runs: int) -> int:
    """Print the ratios; return 1 if one is above its limit."""
    tools = Tools(folder, others=False)
    small, large = trees.generated(folder, N), trees.generated(folder, 2 * N)
    place = trees.single(folder)
    found = rounds(
        {
            "wslint, 3,000 files": tools.wslint(large, cold=True),
            "wslint, one edited": tools.wslint(large, edited=trees.a_test(large)),
            "ruff F, 3,000 files": tools.ruff(large, cold=True),
            "wslint, 3,000 files, 1": tools.wslint(large, "--no-cache", "--jobs=1"),
            "wslint, 1,500 files, 1": tools.wslint(small, "--no-cache", "--jobs=1"),
            "import click": tools.python("import click", place),
            "import libcst": tools.python("import libcst", place),
            "wslint, no websockets": tools.wslint(place, "clean.py"),
            "wslint, 1,000 tests": tools.wslint(place, "--no-cache", "test_1000.py"),
            "wslint, 2,000 tests": tools.wslint(place, "--no-cache", "test_2000.py"),
            "wslint, 300 lines": tools.wslint(place, "--no-cache", "test_quiet.py"),
        },
        runs,
    )
    bad = 0
    for text, figure, by, most in TARGETS:
        ratio = found[figure].wall / found[by].wall
        bad += ratio > most
        print(f"{'TOO SLOW' if ratio > most else 'ok':8}  {text}: {ratio:.2f} (at most {most})")
    return int(bad > 0)
