"""Processes that each do one piece of work at a time, and are looked after without a thread.

A thread that hands out work waits for the interpreter's lock while another one walks through
folders, up to 5 ms each time. So whoever has work done calls ``go_on`` now and then.
"""

from __future__ import annotations

import sys
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess


# A process has so many pieces at most, so that it has something to do while nobody asks after it.
_AHEAD = 4
# A pipe takes so many bytes in any case, though nobody reads them yet.
_ROOM = 4000
# Of pieces with more items none is given ahead, or to a process that is still being made.
_FEW = 10


class Piece(NamedTuple):
    """Some of what is to be done: ``order`` says what to do, ``items`` with what of the ``job``."""

    job: Job
    order: Any
    items: Sequence[Any]
    died: bool = False


class Job:
    """What belongs together: ``left`` items of it are to be done, ``done`` is what came of others.

    ``here`` does some items in this process; None: they are left to the others.
    """

    def __init__(self, left: int, here: Callable[[Sequence[Any]], Any] | None = None) -> None:
        self.left = left
        self.here = here
        self.done: deque[Any] = deque()

    def take(self, count: int, result: Any) -> None:
        """Take up what became of so many items."""
        self.left -= count
        self.done.append(result)


class _Member:
    """One process; ``pieces`` is what it was given, and how many bytes that took, in order."""

    def __init__(self, process: BaseProcess, connection: Connection[Any, Any]) -> None:
        self.process = process
        self.connection = connection
        self.pieces: deque[tuple[Piece, int]] = deque()
        self.has_answered = False

    def has_room_for(self, size: int) -> bool:
        """Tell whether to give it a further piece; one that it waits for is always welcome.

        Else it may be about to answer, and neither would read what the other one writes.
        """
        given = sum(size for _, size in self.pieces)
        return not self.pieces or given + size <= _ROOM


class Crew:
    """At most as many processes as asked for; none of them at first.

    Each calls ``begin`` once, and then ``do`` with the order and the items of each piece. A process
    that dies takes no other piece with it: its own is tried again, in halves, down to the item that
    is to blame, of which ``died`` says what becomes of it.
    """

    def __init__(
        self,
        begin: Callable[[], None],
        do: Callable[[Any, Sequence[Any]], Any],
        died: Callable[[Any], Any],
    ) -> None:
        self._begin, self._do, self._died = begin, do, died
        self._members: list[_Member] = []
        self._pieces: deque[Piece] = deque()

    @property
    def is_at_work(self) -> bool:
        """Whether processes have been started."""
        return bool(self._members)

    def start(self, count: int) -> None:
        """Start as many processes as are missing."""
        while len(self._members) < count:
            self._members.append(self._new())

    def add(self, pieces: Sequence[Piece]) -> None:
        """Have more done."""
        self._pieces.extend(pieces)
        self.go_on()

    def go_on(self) -> None:
        """Take what is done, and give out more, without waiting."""
        self._collect(0)
        self._give_out()

    def help(self, most: int) -> None:
        """Do so many items here, if there are any; else wait until something is done."""
        self.go_on()
        for at in range(len(self._pieces) - 1, -1, -1):
            piece = self._pieces[at]
            if piece.job.here is not None:
                kept, mine = piece.items[:-most], piece.items[-most:]
                if kept:
                    self._pieces[at] = piece._replace(items=kept)
                else:
                    del self._pieces[at]
                piece.job.take(len(mine), piece.job.here(mine))
                return
        self._collect(None)
        self._give_out()

    def stop(self) -> None:
        """End the processes, whatever they are doing."""
        for member in self._members:
            member.connection.close()
            member.process.terminate()
        for member in self._members:
            member.process.join()
        self._members.clear()
        self._pieces.clear()

    def _collect(self, timeout: float | None) -> None:
        from multiprocessing.connection import wait

        busy = {one.connection: one for one in self._members if one.pieces}
        for connection in wait([*busy], timeout) if busy else ():
            member = busy[connection]  # type: ignore[index]
            piece, _ = member.pieces[0]
            try:
                problem, result = member.connection.recv()
            except (EOFError, OSError):
                self._lose(member)
                continue
            member.pieces.popleft()
            member.has_answered = True
            if problem is not None:
                raise problem
            piece.job.take(len(piece.items), result)

    def _give_out(self) -> None:
        for depth in range(_AHEAD):
            for member in [one for one in self._members if len(one.pieces) == depth]:
                if not self._may_give(depth):
                    return
                self._give(member, self._next_for(member))

    def _may_give(self, depth: int) -> bool:
        """Tell whether to give another piece to a process that has so many."""
        if not depth or not self._pieces:
            return bool(self._pieces)
        # near the end whoever is done first takes what is left
        enough = len(self._pieces) >= _AHEAD * len(self._members)
        return enough and len(self._pieces[0].items) <= _FEW

    def _next_for(self, member: _Member) -> Piece:
        piece = self._pieces.popleft()
        if len(piece.items) > _FEW and not member.has_answered:
            self._pieces.appendleft(piece._replace(items=piece.items[_FEW:]))
            piece = piece._replace(items=piece.items[:_FEW])
        return piece

    def _give(self, member: _Member, piece: Piece) -> None:
        from multiprocessing.reduction import ForkingPickler

        data = ForkingPickler.dumps((piece.order, piece.items))
        if not member.has_room_for(len(data)):
            self._pieces.appendleft(piece)
            return
        try:
            member.connection.send_bytes(data)
        except OSError:  # it has died before
            self._pieces.appendleft(piece)
            self._lose(member)
        else:
            member.pieces.append((piece, len(data)))

    def _lose(self, member: _Member) -> None:
        """Have another process do what one has not done, and try again what it died of."""
        member.connection.close()
        member.process.join()
        self._members[self._members.index(member)] = self._new()
        if not member.pieces:
            return
        (piece, _), *others = member.pieces
        self._pieces.extendleft(other for other, _ in reversed(others))
        half = len(piece.items) // 2
        if half:
            parts = piece.items[:half], piece.items[half:]
            self._pieces.extendleft(piece._replace(items=part) for part in reversed(parts))
        elif not piece.died:  # it may have been one that the system chose for lack of memory
            self._pieces.appendleft(piece._replace(died=True))
        else:
            piece.job.take(1, self._died(piece.items[0]))

    def _new(self) -> _Member:
        """Make a process: by forking where that is safe, as it need not import anything then."""
        import multiprocessing
        import threading

        forks = sys.platform == "linux" and threading.active_count() == 1
        context: Any = multiprocessing.get_context("fork" if forks else "spawn")
        ours, theirs = context.Pipe()
        # else they would stay open as long as it lives, though this process has ended
        copied = [ours, *(member.connection for member in self._members)] if forks else []
        process = context.Process(
            target=_serve, args=(theirs, copied, self._begin, self._do), daemon=True
        )
        process.start()
        theirs.close()
        return _Member(process, ours)


def _serve(
    connection: Connection[Any, Any],
    copied: Sequence[Connection[Any, Any]],
    begin: Callable[[], None],
    do: Callable[[Any, Sequence[Any]], Any],
) -> None:
    """Do pieces of work until there are no more."""
    for other in copied:
        other.close()
    begin()
    with suppress(EOFError, OSError):  # the process that asks has ended
        while True:
            order, items = connection.recv()
            answer: tuple[Exception | None, Any]
            try:
                answer = None, do(order, items)
            except Exception as error:  # raised again where the work was asked for
                answer = error, None
            connection.send(answer)
