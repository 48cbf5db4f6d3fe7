"""The processes of a run: started when there is enough to do for them, and kept until its end."""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from wslint.discovery.walk import Candidate
from wslint.filesystem import snapshot as disk
from wslint.run.crew import Crew, Job, Piece
from wslint.run.file_checker import Outcome, Visitor
from wslint.syntax.deep_recursion import room
from wslint.syntax.source import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wslint.config.resolver import Nearest
    from wslint.config.settings import Settings
    from wslint.discovery.indirect_prefilter import Searches
    from wslint.discovery.prefilter import Leads

    _Piece = Sequence[Candidate]
    _Plain = Sequence[tuple[Any, ...]]
    _Work = Callable[[Visitor, _Plain], "Done"]
    _Order = tuple[_Work, Settings, Nearest, dict[str, bytes], bool]

# Files whose bytes are searched are handed out so many at once, which takes 5 ms; of those that are
# judged at most so many, and fewer where a process that is done early shall get more.
SEARCHED, JUDGED = 400, 32
PIECES_EACH = 8
# This process searches so many at once, before it looks after the others again.
HERE = 100


class Done(NamedTuple):
    """What became of some files, which of them were looked for, and what was asked of the disk."""

    files: int
    outcomes: Sequence[Outcome] = ()
    chosen: Sequence[Candidate] = ()
    asked: Sequence[str] = ()
    listed: Sequence[str] = ()


class Begun:
    """Work that was asked for: gives what comes of it, a piece at a time, in no order."""

    def __init__(self, crew: Crew, job: Job) -> None:
        self._crew = crew
        self._job = job

    def __iter__(self) -> Iterator[Done]:
        while True:
            yield from self.ready()
            if not self._job.left:
                return
            self._crew.help(HERE)

    @property
    def is_over(self) -> bool:
        """Whether all of it has been given."""
        return not (self._job.left or self._job.done)

    def ready(self) -> Iterator[Done]:
        """Give what is there by now, without waiting for more."""
        while self._job.done:
            yield self._job.done.popleft()


class Workers:
    """At most ``count`` processes that look at files as a visitor does; none of them at first.

    Work begins when it is asked for, and goes on while its outcome is taken, or with ``go_on``.
    This process helps to search, but judges none: a file that is the death of the process that
    judges it takes no other with it.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._crew = Crew(_begin, _work, _died)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._crew.stop()

    @property
    def are_running(self) -> bool:
        """Whether processes have been started."""
        return self._crew.is_at_work

    def start(self, most: int) -> None:
        """Start so many processes, if there may be as many; work starts one in any case."""
        self._crew.start(min(most, self.count))

    def go_on(self) -> None:
        """Take what is done, and give out more."""
        self._crew.go_on()

    def sift(self, files: _Piece, visitor: Visitor) -> Begun:
        """Choose the files that pass the gate."""
        return self._share(_sift, files, visitor, here=True)

    def search(self, searches: Searches, visitor: Visitor) -> Iterator[Done]:
        """Choose the files that name what the leads know of."""
        begun = [
            self._share(partial(_search, leads), files, visitor, here=True)
            for leads, files in searches
        ]
        return chain.from_iterable(begun)

    def visit(self, files: _Piece, visitor: Visitor) -> Begun:
        """Judge those of the files that pass the gate, and are not ignored."""
        return self._share(_visit, files, visitor)

    def judge_led(self, files: _Piece, visitor: Visitor) -> Begun:
        """Judge all of the files."""
        return self._share(_judge_led, files, visitor)

    def _share(self, work: _Work, files: _Piece, visitor: Visitor, *, here: bool = False) -> Begun:
        self._crew.start(1)
        judged = min(JUDGED, len(files) // (self.count * PIECES_EACH))
        size = SEARCHED if here else max(1, judged)
        order = work, visitor.settings, visitor.nearest, visitor.overlay, visitor.watches_comments
        job = Job(len(files), partial(work, visitor) if here else None)
        plain = list(map(tuple, files))  # which is packed in half the time
        pieces = [Piece(job, order, plain[at : at + size]) for at in range(0, len(plain), size)]
        self._crew.add(pieces)
        return Begun(self._crew, job)


# What a process works with: it belongs to one run, and to the settings that were met by then.
_known: dict[tuple[str, bool], Visitor] = {}
# What it takes to judge a file.
_NEEDED = ("wslint.run.judge", "wslint.linking.reachability", "wslint.timeline.build")


def _begin() -> None:
    """Make a process ready; an interrupt is for the one that started it."""
    import signal
    from importlib import import_module

    from wslint.rules import all_rules

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    disk.newly_asked()  # a forked process knows what the one that started it does
    for name in _NEEDED:
        import_module(name)
    all_rules()


def _work(order: _Order, piece: _Plain) -> Done:
    work, settings, nearest, overlay, watches_comments = order
    met = repr(nearest.roles()), nearest.several
    if met not in _known:
        _known.clear()
        _known[met] = Visitor(settings, nearest, overlay, watches_comments=watches_comments)
    with room():
        done = work(_known[met], piece)
    asked, listed = disk.newly_asked()
    return done._replace(asked=asked, listed=listed)


def _died(plain: tuple[Any, ...]) -> Done:
    path = Candidate._make(plain).path
    reason = "the process that judged it died, maybe for lack of memory"
    return Done(1, [Outcome(path, True, unreadable=(Unreadable(path, 1, 0, reason),))])


def _sift(visitor: Visitor, piece: _Plain) -> Done:
    chosen = [one for one in map(Candidate._make, piece) if visitor.passes(one)]
    return Done(len(piece) - len(chosen), chosen=chosen)


def _visit(visitor: Visitor, piece: _Plain) -> Done:
    found = map(visitor.visit, map(Candidate._make, piece))
    return Done(len(piece), outcomes=[outcome for outcome in found if outcome is not None])


def _judge_led(visitor: Visitor, piece: _Plain) -> Done:
    return Done(0, outcomes=list(map(visitor.judge_led, map(Candidate._make, piece))))


def _search(leads: Leads, visitor: Visitor, piece: _Plain) -> Done:
    from wslint.discovery.indirect_prefilter import is_led

    files = map(Candidate._make, piece)
    return Done(0, chosen=[one for one in files if is_led(one, leads, visitor.layout)])
