"""Writes a file of the cache: whole or not at all, in a folder that says what it is."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import suppress

# so many kinds of runs are remembered
MOST = 32
_LONGEST_TICK_NS = 2_000_000_000
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by wslint; see https://bford.info/cachedir/\n"


def device_with_times(folder: str) -> int | None:
    """Give the device of a folder of the cache; None where new names leave its times alone.

    Some file systems of other machines and of clouds give folders any time. Raises OSError.
    """
    _make(folder)
    before = os.stat(folder).st_mtime_ns
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    os.close(descriptor)
    after = os.stat(folder)
    os.unlink(temporary)
    # within one tick of the clock it may be the time at which the folder was made
    changed = after.st_mtime_ns != before or time.time_ns() - before < _LONGEST_TICK_NS
    return after.st_dev if changed else None


def _make(folder: str) -> None:
    if not os.path.isdir(folder):
        os.makedirs(folder, exist_ok=True)
        top = os.path.dirname(folder)
        for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
            with open(os.path.join(top, name), "w", encoding="utf-8") as stream:
                stream.write(text)


def write(path: str, text: str) -> None:
    """Write a file of the cache, and take away the oldest. Raises OSError, UnicodeEncodeError."""
    folder = os.path.dirname(path)
    _make(folder)
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if entry.name.endswith(".json")]
    for old in sorted(kept, key=lambda entry: entry.stat().st_mtime_ns)[:-MOST]:
        with suppress(FileNotFoundError):  # another process does the same
            os.unlink(old.path)
