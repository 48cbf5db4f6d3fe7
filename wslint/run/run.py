"""One run over files: which of them are judged, and by whom."""

from __future__ import annotations

import os
from functools import partial
from itertools import chain
from time import monotonic
from typing import TYPE_CHECKING

from wslint.discovery import walk as files
from wslint.filesystem import snapshot as disk
from wslint.run import jobs
from wslint.run.file_checker import Visitor
from wslint.run.results import Gathering
from wslint.run.sifting import Sifting
from wslint.run.workers import Done, Workers
from wslint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.indirect_prefilter import Searches
    from wslint.discovery.walk import Candidate

# So many files are looked at sooner than anything is made ready for more.
FEW = 50


class Run:
    """One call: its files are found when it is made.

    ``may_be_known``: a cache may have the report, once the files are known.
    """

    def __init__(
        self,
        paths: Sequence[str],
        settings: Settings,
        overlay: Mapping[str, bytes],
        workers: Workers,
        *,
        may_be_known: bool = False,
    ) -> None:
        self.settings = settings
        self.workers = workers
        make_visitor = partial(Visitor, settings, overlay=dict(overlay), watches_comments=True)
        self._sifting = Sifting(workers, make_visitor, waits=may_be_known, judges=len(paths) == 1)
        self.found = files.find_files(paths, settings, self._sifting.on_folder)
        self.visitor = make_visitor(self.found.nearest)
        folders = tuple(files.absolute_path(path) for path in paths if os.path.isdir(path))
        self.gathering = Gathering(settings, self.found, folders, overlay)
        self.passed: set[str] = set()
        self._progress: Callable[[int, int], None] | None = None
        self._done = 0

    def is_worth_keeping(self) -> bool:
        """Tell whether to ask, and keep, what is known of this run.

        A few files are looked at sooner than a cache is opened, unless some are about websockets.
        """
        found = self.found
        if found.missing or found.unreadable:
            return False
        return len(found.files) > FEW or any(map(self.visitor.passes, found.files))

    def judge(
        self,
        stdin: tuple[str, bytes] | None,
        progress: Callable[[int, int], None] | None,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        """Judge the files that pass the gate, and the tests that lead to a socket elsewhere.

        ``meanwhile`` is done while the processes are at work.
        """
        self._progress = progress
        begun: list[Iterable[Done]] = []
        if chosen := self._sifted(self._visit_alone()):
            self.workers.start(len(chosen))
            begun.append(self.workers.visit(chosen, self.visitor))
        begun += self._sifting.visits
        if stdin is not None:
            self.visit_stdin(*stdin)
        led = [one for one in self._led_files() if not self.found.ignores(one)]
        begun.append(self._judged(led))
        if meanwhile is not None:
            meanwhile()
        for done in chain.from_iterable(begun):
            self._take(done)

    def _visit_alone(self) -> Sequence[Candidate]:
        """Judge files as long as it is not worth to share them; give those that are left."""
        found = self.found.files
        if jobs.number_of(self.settings.jobs, len(found)) == 1:
            until = float("inf")
        elif self.settings.jobs or self.workers.are_running or len(found) >= jobs.MANY:
            until = 0
        else:
            until = monotonic() + jobs.ALONE
        for number, candidate in enumerate(found):
            if monotonic() >= until and len(found) - number > self.workers.count:
                return found[number:]
            outcome = self.visitor.visit(candidate)
            self._take(Done(1, (outcome,) if outcome is not None else ()))
        return ()

    def _sifted(self, rest: Sequence[Candidate]) -> list[Candidate]:
        """Have the processes choose which of the rest are still to be judged."""
        if not rest:
            return []
        passed: set[str] = set()
        for done in self._sifting.finish(rest, self.visitor):
            self._take(done)
            passed.update(candidate.path for candidate in done.chosen)
        chosen = [one for one in rest if one.named or one.path in passed]
        self.passed.update(one.path for one in chosen if one.path in passed)
        return [one for one in chosen if one.path not in self._sifting.visited]

    def visit_stdin(self, name: str, data: bytes) -> None:
        """Judge standard input under the name that was given for it."""
        path = files.absolute_path(name)
        visitor, settings = self.visitor, self.settings
        if settings.force_exclude and files.is_excluded(path, self.found.nearest):
            return
        visitor.overlay[path] = data
        self.found.files.append(files.Candidate(path, named=True))
        source = Source.from_bytes(path, data, max_size=settings.max_file_size)
        self.gathering.add_stdin(path, data, source)
        passes = visitor.gate.passes(data)
        outcome = visitor.judge(source, path) if passes else visitor.look_at(source, path)
        if outcome is not None:
            self._take(Done(1, (outcome,)))

    def _led_files(self) -> list[Candidate]:
        """Give the tests that reach a socket only through what another file holds."""
        found, visitor = self.found.files, self.visitor
        if not self.passed and not any(candidate.named for candidate in found):
            return []
        from wslint.discovery.indirect_prefilter import led_files

        return list(led_files(self.passed, found, visitor.layout, visitor.gate, self._search))

    def _search(self, searches: Searches) -> Iterator[Candidate]:
        if self.workers.are_running and sum(len(files) for _, files in searches) > FEW:
            for done in self.workers.search(searches, self.visitor):
                self._take(done)
                yield from done.chosen
            return
        from wslint.discovery.indirect_prefilter import is_led

        for leads, candidates in searches:
            for candidate in candidates:
                if is_led(candidate, leads, self.visitor.layout):
                    yield candidate

    def _judged(self, led: Sequence[Candidate]) -> Iterable[Done]:
        if self.workers.are_running:
            return self.workers.judge_led(led, self.visitor)
        return (Done(0, (self.visitor.judge_led(candidate),)) for candidate in led)

    def _take(self, done: Done) -> None:
        disk.learn(done.asked, done.listed)
        for outcome in done.outcomes:
            self.gathering.take(outcome)
            if outcome.passed:
                self.passed.add(outcome.path)
        if self._progress is not None:
            self._progress(self._done, len(self.found.files))
        self._done += done.files
