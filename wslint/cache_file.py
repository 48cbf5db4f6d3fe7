"""Writes a file of the cache: whole or not at all, in a folder that says what it is."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# so many kinds of runs are remembered
MOST = 32
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# Made by wslint; see https://bford.info/cachedir/\n"


def write(path: str, text: str) -> None:
    """Write a file of the cache, and take away the oldest. Raises OSError, UnicodeEncodeError."""
    folder = Path(path).parent
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / "CACHEDIR.TAG").write_text(_TAG, encoding="utf-8")
        (folder.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    descriptor, temporary = tempfile.mkstemp(dir=folder)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise
    by_age = sorted(folder.glob("*.json"), key=lambda kept: kept.stat().st_mtime_ns)
    for old in by_age[:-MOST]:
        old.unlink(missing_ok=True)
