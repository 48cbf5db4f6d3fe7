"""Paths as wslint writes them: absolute, with ``/`` on every system, so they can be compared."""

from __future__ import annotations

import os


def inside(folder: str, *names: str) -> str:
    """Join a folder and names."""
    return "/".join((folder.rstrip("/"), *names))


def plain(path: str) -> str:
    """Normalise a path: no ``..``, and ``/`` as the separator."""
    return os.path.normpath(path).replace(os.sep, "/")
