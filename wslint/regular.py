"""Reads the small files of a project: settings, requirements, caches; never waits for one."""

from __future__ import annotations

import errno
import os
import stat

LIMIT = 50_000_000


def read_regular(path: str | os.PathLike[str], limit: int = LIMIT) -> bytes:
    """Read a file, or raise OSError: also for a FIFO or a device, and for one that is huge."""
    if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
    # O_NONBLOCK: between a stat and an open, the file could have become a FIFO.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as stream:
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit:,} bytes", os.fspath(path))
    return data
