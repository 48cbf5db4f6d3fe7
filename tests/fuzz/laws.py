"""The laws: invariants for every file, whatever it contains."""

from __future__ import annotations

import os
import warnings

from wslint.config.settings import Settings
from wslint.output import concise, full, sarif
from wslint.run.fix import find_fixes

HERE = os.path.abspath("nowhere").replace(os.sep, "/")
SETTINGS = Settings(preview=True, cache=False, unsafe_fixes=True, root=HERE)


def compiles(data: bytes) -> bool:
    """Return whether Python compiles a file, which requires more than correct syntax."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "source", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def check(data: bytes) -> tuple[int, int]:
    """Judge and fix a file; return how many problems it has, and how many fixes were made.

    There is no internal error, every output can be written, what compiled still does, and fixing
     that again changes nothing.
    """
    name = f"{HERE}/test_source.py"
    fixes = find_fixes([], SETTINGS, stdin=(name, data))
    assert not fixes.report.errors, fixes.report.errors[0].detail
    for output in (full, concise, sarif):
        assert output.render(fixes.report).encode("utf-8", "backslashreplace")
    for change in fixes.changes:
        assert change.path == name
        assert compiles(change.after) or not compiles(data), change.after.decode()
        again = find_fixes([], SETTINGS, stdin=(name, change.after))
        assert not again.report.errors, again.report.errors[0].detail
        assert not again.changes, (
            f"a second fix changes something:\n{change.after.decode()}\n"
            f"becomes\n{again.changes[0].after.decode()}"
        )
    return len(fixes.report.findings), fixes.count
