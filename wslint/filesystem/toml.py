"""Reads TOML with the standard library, or with tomli before Python 3.11."""

from __future__ import annotations

import sys
from typing import Any

from wslint.filesystem import snapshot


def load_toml(path: str) -> dict[str, Any]:
    """Read a TOML file. Raises OSError, or ValueError with the parser's own message."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document: dict[str, Any] = tomllib.loads(snapshot.read(path).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: {error.reason}") from error
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return document


@snapshot.per_run
def toml_of(path: str) -> dict[str, Any]:
    """Return the content of a project's TOML file, cached for the run; empty if unreadable."""
    try:
        return load_toml(path)
    except (OSError, ValueError):
        return {}
