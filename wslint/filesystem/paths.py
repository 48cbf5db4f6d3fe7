"""Paths as wslint holds them: absolute, with ``/`` on every system, so equal ones look equal."""

from __future__ import annotations

import os


def inside(folder: str, *names: str) -> str:
    """Return the path of something in a folder."""
    return "/".join((folder.rstrip("/"), *names))


def plain(path: str) -> str:
    """Return a path without ``..`` and without the system's own separators."""
    return os.path.normpath(path).replace(os.sep, "/")
