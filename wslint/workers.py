"""The processes of a run: started when there is enough to do for them, and kept until its end."""

from __future__ import annotations

import sys
from contextlib import suppress
from functools import partial
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from wslint import disk
from wslint.files import Candidate
from wslint.recursion import room
from wslint.source import Unreadable
from wslint.visit import Outcome, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor

    from wslint.config import Settings
    from wslint.gate import Leads
    from wslint.leads import Searches
    from wslint.nearest import Nearest

    _Piece = Sequence[Candidate]
    _Task = tuple[Settings, Nearest, dict[str, bytes], bool]
    _Work = Callable[[Visitor, _Piece], "Done"]
    _Begun = list[tuple[_Piece, "Future[Done] | None"]]

# Files are handed out in pieces, so that a process that is done early gets more: of so many at
# least and at most, where each file is judged, and where only its bytes are searched.
JUDGED, SEARCHED = (1, 32), (50, 1000)
PIECES_EACH = 8


class Done(NamedTuple):
    """What became of some files, which of them were looked for, and what was asked of the disk."""

    files: int
    outcomes: Sequence[Outcome] = ()
    chosen: Sequence[Candidate] = ()
    asked: Sequence[str] = ()
    listed: Sequence[str] = ()


class Workers:
    """At most ``count`` processes that look at files as a visitor does; none of them at first.

    Work begins when it is asked for. Files come back a piece at a time, in no order. A process that
    dies takes no other file with it: its piece is tried again, in halves, down to the file that is
    to blame.
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

    def sift(self, files: _Piece, visitor: Visitor) -> Iterator[Done]:
        """Choose the files that pass the gate."""
        return self._share(_sift, self._pieces(files, SEARCHED), visitor)

    def search(self, searches: Searches, visitor: Visitor) -> Iterator[Done]:
        """Choose the files that name what the leads know of."""
        begun = [
            self._share(partial(_search, leads), self._pieces(files, SEARCHED), visitor)
            for leads, files in searches
        ]
        return chain.from_iterable(begun)

    def visit(self, files: _Piece, visitor: Visitor) -> Iterator[Done]:
        """Judge those of the files that pass the gate, and are not ignored."""
        return self._share(_visit, self._pieces(files, JUDGED), visitor)

    def judge_led(self, files: _Piece, visitor: Visitor) -> Iterator[Done]:
        """Judge all of the files."""
        return self._share(_judge_led, self._pieces(files, JUDGED), visitor)

    def _pieces(self, files: _Piece, sizes: tuple[int, int]) -> list[_Piece]:
        least, most = sizes
        size = max(least, min(most, len(files) // (self.count * PIECES_EACH)))
        return [files[at : at + size] for at in range(0, len(files), size)]

    def _share(self, work: _Work, pieces: list[_Piece], visitor: Visitor) -> Iterator[Done]:
        task = visitor.settings, visitor.nearest, visitor.overlay, visitor.watches_comments
        return self._results(work, task, self._hand_out(work, task, pieces))

    def _hand_out(self, work: _Work, task: _Task, pieces: list[_Piece]) -> _Begun:
        from concurrent.futures.process import BrokenProcessPool

        if self._pool is None:
            self._pool = _pool(max(1, min(self.count, sum(map(len, pieces)))))
        futures: list[Future[Done] | None] = []
        with suppress(BrokenProcessPool):  # by a piece that was handed out before
            for piece in pieces:
                plain = list(map(tuple, piece))  # which is packed in half the time
                futures.append(self._pool.submit(_work, work, task, plain))
        return list(zip_longest(pieces, futures))

    def _results(self, work: _Work, task: _Task, begun: _Begun) -> Iterator[Done]:
        lost: list[_Piece] = []
        yield from self._finished(begun, lost)
        while lost:
            piece = lost.pop()
            again: list[_Piece] = []
            yield from self._finished(self._hand_out(work, task, [piece]), again)
            if again and len(piece) == 1:
                path = piece[0].path
                reason = "the process that judged it died, maybe for lack of memory"
                dead = Unreadable(path, 1, 0, reason)
                yield Done(1, [Outcome(path, True, unreadable=(dead,))])
            elif again:
                half = len(piece) // 2
                lost += [piece[:half], piece[half:]]

    def _finished(self, begun: _Begun, lost: list[_Piece]) -> Iterator[Done]:
        """Give what comes back; what doesn't is added to ``lost``."""
        from concurrent.futures import as_completed
        from concurrent.futures.process import BrokenProcessPool

        lost += [piece for piece, future in begun if future is None]
        pieces = {future: piece for piece, future in begun if future is not None}
        for future in as_completed(pieces):
            if future.cancelled() or isinstance(future.exception(), BrokenProcessPool):
                lost.append(pieces[future])
            else:
                yield future.result()
        if lost:
            self._stop()

    def _stop(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def _pool(count: int) -> ProcessPoolExecutor:
    """Make processes: by forking where that is safe, as they need not import anything then."""
    import multiprocessing
    import threading
    from concurrent.futures import ProcessPoolExecutor

    forks = sys.platform == "linux" and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forks else "spawn")
    return ProcessPoolExecutor(count, context, _begin)


# What a process works with: it belongs to one run, and to the settings that were met by then.
_known: dict[tuple[str, bool], Visitor] = {}
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


def _work(work: _Work, task: _Task, piece: list[tuple[Any, ...]]) -> Done:
    settings, nearest, overlay, watches_comments = task
    met = repr(nearest.roles()), nearest.several
    if met not in _known:
        _known.clear()
        _known[met] = Visitor(settings, nearest, overlay, watches_comments=watches_comments)
    with room():
        done = work(_known[met], [Candidate._make(one) for one in piece])
    asked, listed = disk.newly_asked()
    return done._replace(asked=asked, listed=listed)


def _sift(visitor: Visitor, piece: _Piece) -> Done:
    chosen = [one for one in piece if visitor.passes(one)]
    return Done(len(piece) - len(chosen), chosen=chosen)


def _visit(visitor: Visitor, piece: _Piece) -> Done:
    found = [outcome for one in piece if (outcome := visitor.visit(one)) is not None]
    return Done(len(piece), outcomes=found)


def _judge_led(visitor: Visitor, piece: _Piece) -> Done:
    return Done(0, outcomes=[visitor.judge_led(one) for one in piece])


def _search(leads: Leads, visitor: Visitor, piece: _Piece) -> Done:
    from wslint.leads import is_led

    return Done(0, chosen=[one for one in piece if is_led(one.path, leads, visitor.layout)])
