"""A higher recursion limit for work on syntax trees.

Garbage collection runs less often, too. By default it takes a third of the time: hundreds of
thousands of syntax nodes are created, without reference cycles.
"""

from __future__ import annotations

import gc
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# Before 3.11 each level uses C stack: 8 MB are enough for this many, 2 MB (Windows) are not.
LIMIT = 4000
_THRESHOLDS = (1_000_000, 50, 100)


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Raise the recursion limit within the block, if the stack is known to be large enough."""
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
