"""The processes of a run: started when there is enough to do for them, and kept until its end."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from wslint import disk
from wslint.recursion import room
from wslint.source import Unreadable
from wslint.visit import Outcome, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor

    from wslint.config import Settings
    from wslint.files import Candidate
    from wslint.gate import Leads
    from wslint.nearest import Nearest

    _Piece = Sequence[Candidate]
    _Task = tuple[Settings, Nearest, dict[str, bytes], bool]
    _Work = Callable[[Visitor, _Piece], "Done"]

# Files are handed out in pieces, so that a process that is done early gets more. Those that are
# likely tests come first and in small pieces, as they may take long.
LIKELY, OTHERS = 32, 256
PIECES_EACH = 8


class Done(NamedTuple):
    """What became of some files, which of them lead to a socket, and what was asked of the disk."""

    files: int
    outcomes: Sequence[Outcome] = ()
    led: Sequence[Candidate] = ()
    asked: Sequence[str] = ()
    listed: Sequence[str] = ()


class Workers:
    """At most ``count`` processes that look at files as a visitor does; none of them at first.

    Files come back a piece at a time, in no order. A process that dies takes no other file with
    it: its piece is tried again, in halves, down to the file that is to blame.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @property
    def are_running(self) -> bool:
        """Whether processes have been started."""
        return self._pool is not None

    def start(self) -> None:
        """Start the processes; they import what it takes to judge a file."""
        if self._pool is None and self.count > 1:
            self._pool = _pool(self.count)
            for _ in range(self.count):
                self._pool.submit(_nothing)

    def visit(self, files: _Piece, visitor: Visitor) -> Iterator[Done]:
        """Judge those of the files that pass the gate."""
        likely, others = by_likelihood(files)
        pieces = [*self._pieces(likely, LIKELY), *self._pieces(others, OTHERS)]
        return self._share(_visit, pieces, visitor)

    def search(self, files: _Piece, leads: Leads, visitor: Visitor) -> Iterator[Done]:
        """Tell which of the files name what ``leads`` knows of."""
        return self._share(partial(_search, leads), [*self._pieces(files, OTHERS)], visitor)

    def judge_led(self, files: _Piece, visitor: Visitor) -> Iterator[Done]:
        """Judge all of the files."""
        return self._share(_judge_led, [*self._pieces(files, LIKELY)], visitor)

    def _pieces(self, files: _Piece, most: int) -> Iterator[_Piece]:
        size = max(1, min(most, len(files) // (self.count * PIECES_EACH)))
        for at in range(0, len(files), size):
            yield files[at : at + size]

    def _share(self, work: _Work, pieces: list[_Piece], visitor: Visitor) -> Iterator[Done]:
        task = visitor.settings, visitor.nearest, visitor.overlay, visitor.watches_comments
        lost: list[_Piece] = []
        yield from self._run(work, pieces, task, lost)
        while lost:
            piece = lost.pop()
            again: list[_Piece] = []
            yield from self._run(work, [piece], task, again)
            if again and len(piece) == 1:
                path = piece[0].path
                reason = "the process that judged it died, maybe for lack of memory"
                dead = Unreadable(path, 1, 0, reason)
                yield Done(1, [Outcome(path, True, unreadable=(dead,))])
            elif again:
                half = len(piece) // 2
                lost += [piece[:half], piece[half:]]

    def _run(
        self, work: _Work, pieces: list[_Piece], task: _Task, lost: list[_Piece]
    ) -> Iterator[Done]:
        from concurrent.futures import as_completed
        from concurrent.futures.process import BrokenProcessPool

        if self._pool is None:
            self._pool = _pool(min(self.count, len(pieces)))
        futures: dict[Future[Done], _Piece] = {}
        try:
            for piece in pieces:
                futures[self._pool.submit(_work, work, task, piece)] = piece
        except BrokenProcessPool:  # by a piece that was handed out before
            lost += pieces[len(futures) :]
        for future in as_completed(futures):
            if isinstance(future.exception(), BrokenProcessPool):
                lost.append(futures[future])
            else:
                yield future.result()
        if lost:
            self._stop()

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def by_likelihood(files: _Piece) -> tuple[_Piece, _Piece]:
    """Part the likely tests from the other files."""
    likely = [candidate for candidate in files if "test" in candidate.path]
    return likely, [candidate for candidate in files if "test" not in candidate.path]


def _pool(count: int) -> ProcessPoolExecutor:
    """Make processes: by forking where that is safe, as they need not import anything then."""
    import multiprocessing
    import threading
    from concurrent.futures import ProcessPoolExecutor

    forks = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(count, context, _begin)


# What a process works with: it belongs to one run.
_known: list[Visitor] = []
# What it takes to judge a file.
_NEEDED = ("wslint.judge", "wslint.link.reach", "wslint.timeline.build")


def _begin() -> None:
    """Make a process ready; an interrupt is for the one that started it."""
    import signal
    from importlib import import_module

    from wslint.rules import all_rules

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    disk.newly_asked()  # a forked process knows what the one that started it does
    _known.clear()
    for name in _NEEDED:
        import_module(name)
    all_rules()


def _nothing() -> None:
    pass


def _work(work: _Work, task: _Task, piece: _Piece) -> Done:
    if not _known:
        settings, nearest, overlay, watches_comments = task
        visitor = Visitor(settings, nearest, overlay, watches_comments=watches_comments)
        _known.append(visitor)
    with room():
        done = work(_known[0], piece)
    asked, listed = disk.newly_asked()
    return done._replace(asked=asked, listed=listed)


def _visit(visitor: Visitor, piece: _Piece) -> Done:
    found = [outcome for one in piece if (outcome := visitor.visit(one)) is not None]
    return Done(len(piece), outcomes=found)


def _judge_led(visitor: Visitor, piece: _Piece) -> Done:
    return Done(len(piece), outcomes=[visitor.judge_led(one) for one in piece])


def _search(leads: Leads, visitor: Visitor, piece: _Piece) -> Done:
    from wslint.leads import is_led

    return Done(len(piece), led=[one for one in piece if is_led(one.path, leads, visitor.layout)])
