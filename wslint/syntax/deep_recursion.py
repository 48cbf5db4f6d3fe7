"""Room for work on trees: deeper ones than Python's default recursion limit allows to follow.

And less of the garbage collector, which at its defaults takes a third of the time: syntax trees
and timelines are made by the hundred thousand, and are in no circles.
"""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Before 3.11 each level takes C stack: 8 MB have room for this many, 2 MB (Windows) have not.
LIMIT = 4000
_THRESHOLDS = (1_000_000, 50, 100)


@contextmanager
def room() -> Iterator[None]:
    """Raise the recursion limit for a while, where the stack surely has room for it."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        with _deeper():
            yield
    finally:
        gc.set_threshold(*thresholds)


@contextmanager
def _deeper() -> Iterator[None]:
    before = sys.getrecursionlimit()
    has_stack = sys.platform != "win32" or sys.version_info >= (3, 11)
    if (
        before >= LIMIT
        or not has_stack
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    sys.setrecursionlimit(LIMIT)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
