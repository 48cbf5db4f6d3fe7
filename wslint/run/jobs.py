"""Says how many processes a run takes, and when it is worth starting them.

How much there is to do can't be told from the number of files: of most only the bytes are searched,
which takes 50 µs, while a suite of websocket tests takes 15 ms a file. So a run of a few thousand
files begins alone.
"""

from __future__ import annotations

import os

# Seconds after which the rest is shared; to start two processes takes 0.1.
ALONE = 0.2
# So many files are shared at once; so are those of a walk that takes longer than this.
MANY = 3000
LONG_WALK = 0.02
MOST = 16


def number_of(given: int | None, files: int) -> int:
    """Say how many processes to use at most: as many as asked for, or as there are processors.

    pre-commit runs hooks in processes of its own, so none are added to these unasked.
    """
    if given or "PRE_COMMIT" in os.environ:
        return max(1, min(given or 1, files))
    available = getattr(os, "sched_getaffinity", None)
    count = len(available(0)) if available is not None else os.cpu_count() or 1
    return max(1, min(count, MOST, files))
