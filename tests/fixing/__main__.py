"""Fixes every case in every variation, which takes minutes; prints broken laws.

PYTHONPATH=tests python -m fixing [--only VARIATION] [CASE …]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from cases import all_cases

from fixing.laws import has
from fixing.test_variations import pythons, rejected, run
from fixing.variations import VARIATIONS


def main() -> None:
    """Run, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="VARIATION", choices=VARIATIONS)
    parser.add_argument("cases", nargs="*")
    options = parser.parse_args()
    kinds = ["", *VARIATIONS] if options.only is None else [options.only]
    chosen = [
        (case, [kind for kind in kinds if not kind or has(case, kind)])
        for case in all_cases()
        if not options.cases or case.id in options.cases
    ]
    with tempfile.TemporaryDirectory() as folder:
        tried, failures = run(chosen)
        failures += rejected(tried.changes, Path(folder, "outputs"))
    for kind in tried.kinds:
        print(f"{kind or 'as it is':20} {tried.fixed[kind]:4} fixed of {tried.kinds[kind]}")
    for why, count in tried.refused.most_common():
        print(f"{count:4} not made: {why}")
    for failure in failures:
        print(f"\n== {failure}")
    print(f"\n{len(tried.changes)} files made by git apply and compiled by", *pythons())
    print(f"{tried.kinds.total()} tried, {len(failures)} break a law")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
