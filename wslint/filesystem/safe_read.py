"""Reads the small files of a project (settings, requirements, caches) without ever blocking."""

from __future__ import annotations

import errno
import os
import stat

LIMIT = 50_000_000
# O_NONBLOCK: between stat and open, the file may have been replaced by a FIFO.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_AT_ONCE = 1_000_000


def read_regular(path: str | os.PathLike[str], limit: int = LIMIT) -> bytes:
    """Read a regular file of at most ``limit`` bytes. Raises OSError for anything else."""
    if not stat.S_ISREG(os.stat(path).st_mode) and not os.path.isdir(path):
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
    descriptor = os.open(path, FLAGS)
    try:
        data = read_open(descriptor, os.fstat(descriptor).st_size, limit)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit:,} bytes", os.fspath(path))
    return data


def read_open(descriptor: int, size: int, limit: int) -> bytes:
    """Read at most ``limit + 1`` bytes of an open file of about ``size`` bytes. Raises OSError.

    The buffer has that size, not the limit's: allocating a megabyte takes longer than reading.
    """
    data = os.read(descriptor, min(size, limit) + 1)
    if len(data) == min(size, limit + 1):
        return data
    parts = [data]  # the size has changed, or one read returns only a part
    rest = limit + 1 - len(data)
    while rest > 0 and (data := os.read(descriptor, min(rest, _AT_ONCE))):
        parts.append(data)
        rest -= len(data)
    return b"".join(parts)
