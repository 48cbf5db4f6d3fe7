"""Checks random test files for a given time; prints each that breaks a law, minimised.

PYTHONPATH=tests python -m fuzz --minutes 60
"""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from fuzz.grammar import mutants, sources
from fuzz.laws import check

FIXTURES = Path(__file__).parents[1] / "fixtures"


def all_sources() -> st.SearchStrategy[bytes]:
    """Return synthetic files, and the cases of the rules to break."""
    cases = tuple(path.read_bytes() for path in sorted(FIXTURES.glob("*/*/before/**/*.py")))
    return st.one_of(sources(), mutants(tuple(data for data in cases if len(data) < 8000)))


def run(seconds: float, first_seed: int, most: int = 100) -> tuple[Counter[str], list[str]]:
    """Try files for some seconds of processor time; return counts and failures."""
    counts: Counter[str] = Counter()
    failures: dict[str, str] = {}
    end = time.process_time() + seconds
    number = first_seed
    last = [b""]
    while time.process_time() < end and len(failures) < most:

        @seed(number)
        @settings(
            max_examples=50,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        )
        @given(all_sources())
        def attempt(data: bytes) -> None:
            if time.process_time() > end:
                return
            last[0] = data
            found, fixed = check(data)
            counts.update(files=1, problems=found, fixes=fixed, fixed_files=bool(fixed))

        number += 1
        try:
            attempt()
        except (Exception, HypothesisException) as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            key = f"{type(error).__name__} {where.name} {str(error)[-160:]}"
            failures.setdefault(
                key, f"seed {number - 1}: {error}\n{last[0].decode('utf-8', 'replace')}"
            )
    return counts, list(failures.values())


def main() -> None:
    """Run, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    options = parser.parse_args()
    print(f"--seed {options.seed}", flush=True)
    counts, failures = run(60 * options.minutes, options.seed)
    print(", ".join(f"{name}: {count}" for name, count in counts.items()))
    for failure in failures:
        print(f"\n== {failure}")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
