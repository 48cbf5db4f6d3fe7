"""Measures wslint and other tools.

    python -m benchmarks            # everything, about twenty minutes; writes docs/benchmarks.md
    python -m benchmarks --short    # half a minute, no network; fails if a ratio is too high

Single runs say little. Commands take turns in one run on one machine, and ratios of their medians
are compared.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import full, short
from benchmarks.report import write


def main() -> None:
    """Measure, and write or check the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--short", action="store_true", help="the form for CI")
    parser.add_argument("--folder", type=Path, default=Path(".benchmarks"), help="for the trees")
    parser.add_argument("--runs", type=int, help="how often each command runs")
    parser.add_argument(
        "--only", action="append", choices=full.PARTS, help="only this part of the full form"
    )
    options = parser.parse_args()
    folder = options.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if options.short:
        sys.exit(short.judge(folder, options.runs or 5))
    results = full.measure(folder, options.runs or 7, options.only)
    write(results, Path("docs"))


if __name__ == "__main__":
    main()
