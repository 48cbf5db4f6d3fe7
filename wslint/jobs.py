"""Shares the files of a run among processes, where there is enough to do to be worth it.

How much there is to do can't be told from the number of files: of most only the bytes are searched,
which takes 50 µs, while a suite of websocket tests takes 15 ms a file. So a run begins alone.
"""

from __future__ import annotations

import os
import sys
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from wslint import disk
from wslint.recursion import room
from wslint.source import Unreadable
from wslint.visit import Outcome, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import ProcessPoolExecutor

    from wslint.config import Settings
    from wslint.files import Candidate
    from wslint.nearest import Nearest

    _Piece = Sequence[Candidate]
    _Job = tuple[Settings, Nearest, dict[str, bytes], bool]

# Seconds after which the rest is shared; to start two processes takes 0.1.
ALONE = 0.2
# Files are handed out in pieces, so that a process that is done early gets more. Those that are
# likely tests come first and in small pieces, as they may take long.
LIKELY, OTHERS = 32, 256
PIECES_EACH = 8
MOST = 16


class Done(NamedTuple):
    """What a process found in some files, how many they were, and what it asked of the disk."""

    outcomes: Sequence[Outcome]
    files: int
    asked: Sequence[str] = ()
    listed: Sequence[str] = ()


def number_of(given: int | None, files: int) -> int:
    """Say how many processes to use at most: as many as asked for, or as there are processors.

    pre-commit runs hooks in processes of its own, so none are added to these unasked.
    """
    if given or "PRE_COMMIT" in os.environ:
        return max(1, min(given or 1, files))
    available = getattr(os, "sched_getaffinity", None)
    count = len(available(0)) if available is not None else os.cpu_count() or 1
    return max(1, min(count, MOST, files))


def visit(
    files: Sequence[Candidate], visitor: Visitor, jobs: int, *, alone: float = ALONE
) -> Iterator[Done]:
    """Judge the files, the likely tests first, and after ``alone`` seconds in several processes."""
    likely, others = _by_likelihood(files)
    ordered = [*likely, *others]
    until = monotonic() + alone
    for number, candidate in enumerate(ordered):
        if jobs > 1 and len(ordered) - number > jobs and monotonic() >= until:
            yield from visit_all(ordered[number:], visitor, jobs)
            return
        outcome = visitor.visit(candidate)
        yield Done((outcome,) if outcome is not None else (), 1)


def visit_all(files: Sequence[Candidate], visitor: Visitor, jobs: int) -> Iterator[Done]:
    """Judge the files in several processes, each with a visitor like this one.

    They come a piece at a time, in no order. A process that dies takes no other file with it: its
    piece is tried again, in halves, down to the file that is to blame.
    """
    job = visitor.settings, visitor.nearest, visitor.overlay, visitor.watches_comments
    lost: list[_Piece] = []
    likely, others = _by_likelihood(files)
    pieces = [*_pieces(likely, LIKELY, jobs), *_pieces(others, OTHERS, jobs)]
    yield from _run(pieces, job, jobs, lost)
    while lost:
        piece = lost.pop()
        again: list[_Piece] = []
        yield from _run([piece], job, 1, again)
        if again and len(piece) == 1:
            path = piece[0].path
            reason = "the process that judged it died, maybe for lack of memory"
            dead = Unreadable(path, 1, 0, reason)
            yield Done([Outcome(path, True, unreadable=(dead,))], 1)
        elif again:
            half = len(piece) // 2
            lost += [piece[:half], piece[half:]]


def _by_likelihood(files: Sequence[Candidate]) -> tuple[_Piece, _Piece]:
    """Part the likely tests from the other files."""
    likely = [candidate for candidate in files if "test" in candidate.path]
    return likely, [candidate for candidate in files if "test" not in candidate.path]


def _pieces(files: Sequence[Candidate], most: int, jobs: int) -> Iterator[_Piece]:
    size = max(1, min(most, len(files) // (jobs * PIECES_EACH)))
    for at in range(0, len(files), size):
        yield files[at : at + size]


def _run(pieces: list[_Piece], job: _Job, jobs: int, lost: list[_Piece]) -> Iterator[Done]:
    from concurrent.futures import as_completed
    from concurrent.futures.process import BrokenProcessPool

    pool = _pool(jobs, job)
    try:
        futures = {pool.submit(_visit, piece): piece for piece in pieces}
        for future in as_completed(futures):
            if isinstance(future.exception(), BrokenProcessPool):
                lost.append(futures[future])
            else:
                yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _pool(jobs: int, job: _Job) -> ProcessPoolExecutor:
    """Start processes: by forking where that is safe, as they need not import anything then."""
    import multiprocessing
    import threading
    from concurrent.futures import ProcessPoolExecutor

    forks = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(jobs, context, _begin, job)


_visitors: list[Visitor] = []


def _begin(
    settings: Settings, nearest: Nearest, overlay: dict[str, bytes], watches_comments: bool
) -> None:
    """Make a process ready; an interrupt is for the one that started it."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    disk.newly_asked()  # a forked process knows what the one that started it does
    _visitors[:] = [Visitor(settings, nearest, overlay, watches_comments=watches_comments)]


def _visit(piece: _Piece) -> Done:
    (visitor,) = _visitors
    with room():
        outcomes = [outcome for one in piece if (outcome := visitor.visit(one)) is not None]
    return Done(outcomes, len(piece), *disk.newly_asked())
