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
    from concurrent.futures import ThreadPoolExecutor

# Before 3.11 each level uses C stack: 8 MB are enough for this many, 2 MB (Windows) are not.
LIMIT = 4000
_THRESHOLDS = (1_000_000, 50, 100)
_STACK = 64 * 1024 * 1024


class _Thread(threading.local):
    has_deep_stack = False


_thread = _Thread()


def deep_executor() -> ThreadPoolExecutor:
    """Return an executor with a single thread, whose stack is large enough."""
    from concurrent.futures import ThreadPoolExecutor

    def mark() -> None:
        _thread.has_deep_stack = True

    before = threading.stack_size(_STACK)
    try:
        executor = ThreadPoolExecutor(1, "wslint", mark)
        executor.submit(int).result()  # its thread starts with this stack
    finally:
        threading.stack_size(before)
    return executor


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
    is_main = threading.current_thread() is threading.main_thread()
    has_stack = is_main and (sys.platform != "win32" or sys.version_info >= (3, 11))
    if before >= LIMIT or not (has_stack or _thread.has_deep_stack):
        yield
        return
    sys.setrecursionlimit(LIMIT)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
