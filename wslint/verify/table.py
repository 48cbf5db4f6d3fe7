"""A table that compares the two runs of ``--verify``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from wslint.output.text import path_from_here, plural, printable
from wslint.verify.verified import Verified

_MISSING = "not run"


def table(result: Verified) -> Iterator[str]:
    """Yield the lines: each test whose outcome changed, and the number of those that did not."""
    before, after = result.before.outcomes, result.after.outcomes
    tests = list(dict.fromkeys((*before, *after)))
    pairs = {test: (before.get(test, _MISSING), after.get(test, _MISSING)) for test in tests}
    changed = {test: pair for test, pair in pairs.items() if pair[0] != pair[1]}
    same = Counter(pair[0] for test, pair in pairs.items() if test not in changed)
    if changed:
        width = max(map(len, ("test", *changed)))
        yield f"  {'test':{width}}  before   after"
        for test, (old, new) in changed.items():
            yield f"  {printable(test):{width}}  {old:7}  {new}"
    if same:
        what = ", ".join(f"{count} {outcome}" for outcome, count in same.most_common())
        yield f"  {plural(sum(same.values()), 'test')} unchanged: {what}"
    for path, reasons in result.reverted.items():
        yield f"Reverted {printable(path_from_here(path))}: {_got_worse(reasons)}"
    for path, error in result.unverified.items():
        why = f": {printable(error)}" if error else ""
        yield f"Reverted {printable(path_from_here(path))}: none of its tests was run{why}"
    for (path, code), reasons in result.left_out.items():
        yield f"Reverted {code} in {printable(path_from_here(path))}: {_got_worse(reasons)} with it"


def _got_worse(tests: list[str]) -> str:
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    return f"{printable(tests[0])}{more} got worse"
