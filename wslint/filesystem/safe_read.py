"""Reads the small files of a project: settings, requirements, caches; never waits for one."""

from __future__ import annotations

import errno
import os
import stat

LIMIT = 50_000_000
# O_NONBLOCK: between a stat and an open, the file could have become a FIFO.
FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_AT_ONCE = 1_000_000


def read_regular(path: str | os.PathLike[str], limit: int = LIMIT) -> bytes:
    """Read a file, or raise OSError: also for a FIFO or a device, and for one that is huge."""
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
    """Read an open file of about ``size`` bytes, of a longer one ``limit + 1``. Raises OSError.

    A buffer is made for that size, not for the limit: to get a megabyte takes longer than to read.
    """
    data = os.read(descriptor, min(size, limit) + 1)
    if len(data) == min(size, limit + 1):
        return data
    parts = [data]  # it has another size by now, or gives no more at once
    rest = limit + 1 - len(data)
    while rest > 0 and (data := os.read(descriptor, min(rest, _AT_ONCE))):
        parts.append(data)
        rest -= len(data)
    return b"".join(parts)
