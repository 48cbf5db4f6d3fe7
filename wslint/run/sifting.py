"""Has processes look at files while a long walk still goes on.

They search them for the words of the gate, and begin to judge those that pass.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from wslint.run import jobs
from wslint.run.workers import SEARCHED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from wslint.config.resolver import Nearest
    from wslint.discovery.walk import Candidate, Found
    from wslint.run.file_checker import Visitor
    from wslint.run.workers import Begun, Done, Workers

# So many files are handed out at once meanwhile: one piece.
AT_ONCE = SEARCHED
# After so many more, a process may be done with what it was given.
OFTEN = 50


class Sifting:
    """The search of one run; with ``waits`` it begins after the walk only.

    ``judges``: whether files are what they are found to be, not named as well. ``visits`` have been
    begun by then, of the files that are ``visited``.
    """

    def __init__(
        self,
        workers: Workers,
        make_visitor: Callable[[Nearest], Visitor],
        *,
        waits: bool,
        judges: bool,
    ) -> None:
        self.visits: list[Begun] = []
        self.visited: set[str] = set()
        self._workers = workers
        self._make_visitor = make_visitor
        self._judges = judges
        self._until = float("inf") if waits else monotonic() + jobs.LONG_WALK
        self._begun: list[Begun] = []
        self._done: list[Done] = []
        self._handed_out = 0
        self._looked_after = 0
        self._searched: set[str] = set()
        self._words: set[tuple[bytes, ...]] = set()

    def on_folder(self, found: Found) -> None:
        """Go on with what has been found so far."""
        if not self._workers.are_running:
            if self._workers.count == 1 or monotonic() < self._until:
                return
            self._workers.start(self._workers.count)
        count = len(found.files)
        if count < self._looked_after + OFTEN:
            return
        self._looked_after = count
        if count < self._handed_out + AT_ONCE:
            self._workers.go_on()
            return
        new = found.files[self._handed_out :]
        self._handed_out = count
        # other settings may be met while these are on their way to a process
        visitor = self._make_visitor(found.nearest.copy())
        self._words.add(visitor.gate.words)
        self._searched.update(candidate.path for candidate in new)
        self._begun.append(self._workers.sift(new, visitor))
        if self._judges:
            self._visit(visitor)

    def _visit(self, visitor: Visitor) -> None:
        """Begin to judge what has passed by now."""
        ready = [done for begun in self._begun for done in begun.ready()]
        self._begun = [begun for begun in self._begun if not begun.is_over]
        self._done += ready
        chosen = [candidate for done in ready for candidate in done.chosen]
        if chosen:
            self.visited.update(candidate.path for candidate in chosen)
            self.visits.append(self._workers.visit(chosen, visitor))

    def finish(self, files: Sequence[Candidate], visitor: Visitor) -> Iterator[Done]:
        """Choose those of the files that pass the gate; of others, some may be chosen too."""
        if self._words != {visitor.gate.words}:  # settings further down have words of their own
            self._begun, self._done, self._searched = [], [], set()
            self.visits, self.visited = [], set()
        rest = [candidate for candidate in files if candidate.path not in self._searched]
        if rest:
            self._begun.append(self._workers.sift(rest, visitor))
        yield from self._done
        for begun in self._begun:
            yield from begun
