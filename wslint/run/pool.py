"""A process pool that searches and checks chunks of files; a few are left to this process."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from wslint.config.own_rules import learn_rules
from wslint.config.rule_names import rule_names
from wslint.filesystem import snapshot
from wslint.run.file_checker import FileChecker, FileResult, internal_error
from wslint.syntax.deep_recursion import deep_recursion
from wslint.syntax.source import Unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor
    from multiprocessing.context import BaseContext

    from wslint.config.resolver import SettingsResolver
    from wslint.config.settings import Settings
    from wslint.discovery.walk import Candidate
    from wslint.filesystem.snapshot import Stamp

T = TypeVar("T")
MAX_JOBS = 16
# Starting two processes takes 0.1 s, checking this many bytes in this process 0.3 s.
MIN_BYTES = 300_000
# Files in a chunk; small chunks let all processes finish at about the same time.
CHUNK = 4
# Searching so many bytes for the words of the prefilter takes 0.1 s.
MIN_SEARCHED_BYTES = 20_000_000
SEARCHED_CHUNK = 400
_SAFE_PATH = "PYTHONSAFEPATH"


class ChunkResult(NamedTuple):
    """The results of a chunk, and the stamps of the paths that were looked up for them."""

    results: list[FileResult]
    stamps: dict[str, Stamp | None]


def number_of_jobs(requested: int | None) -> int:
    """Return the maximum number of processes: as requested, or one per processor.

    pre-commit runs hooks in parallel, so there the default is one.
    """
    if requested or "PRE_COMMIT" in os.environ:
        return max(1, requested or 1)
    affinity = getattr(os, "sched_getaffinity", None)
    count = len(affinity(0)) if affinity is not None else os.cpu_count() or 1
    return max(1, min(count, MAX_JOBS))


class Pool:
    """Checks files as ``checker`` does; ``results`` yields the outcome in no fixed order.

    A file that crashes its process is reported (WS900); no other file is affected.
    """

    def __init__(self, checker: FileChecker) -> None:
        self._checker = checker
        self._jobs = number_of_jobs(checker.settings.jobs) if _forks() or _is_safe_to_spawn() else 1
        self._waiting: list[Candidate] = []
        self._waiting_bytes = 0
        self._futures: dict[Future[ChunkResult], Sequence[Candidate]] = {}
        self._executor: ProcessPoolExecutor | None = None
        # files whose process died, or whose result could not be sent
        self._failed: list[Candidate] = []

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._executor is not None:
            _shut_down(self._executor, at_once=kind is not None)

    def search(self, candidates: Sequence[Candidate]) -> Iterator[bool]:
        """Yield for each file whether it passes the prefilter; much is searched by all processes.

        Files may be submitted meanwhile: they are checked when the search is over.
        """
        if self._jobs > 1 and _size(candidates) >= MIN_SEARCHED_BYTES:
            self._start()
        if self._executor is None:
            yield from map(self._checker.passes, candidates)
            return
        starts = range(0, len(candidates), SEARCHED_CHUNK)
        chunks = [candidates[start : start + SEARCHED_CHUNK] for start in starts]
        searched = [_submitted(self._executor, _search_chunk, chunk) for chunk in chunks]
        for chunk, future in zip(chunks, searched, strict=True):
            try:
                found = future.result() if future is not None else None
            except Exception:  # the process has died
                found = None
            yield from map(self._checker.passes, chunk) if found is None else found

    def submit(self, candidate: Candidate) -> None:
        """Submit a file; other processes start once there is enough work for several."""
        self._waiting.append(candidate)
        self._waiting_bytes += _size([candidate])
        if self._executor is None and self._is_worth_it():
            self._start()
        if self._executor is not None and len(self._waiting) >= CHUNK:
            self._flush(self._executor)

    def _start(self) -> None:
        self._executor = self._started_executor(self._jobs)
        if self._executor is None:
            self._jobs = 1

    def _flush(self, executor: ProcessPoolExecutor) -> None:
        for start in range(0, len(self._waiting), CHUNK):
            chunk = self._waiting[start : start + CHUNK]
            future = _submitted(executor, _check_chunk, chunk)
            if future is None:
                self._failed += chunk
            else:
                self._futures[future] = chunk
        self._waiting = []

    def results(self) -> Iterator[FileResult]:
        """Yield the result of every file that was submitted."""
        if self._executor is None:
            for candidate in self._waiting:
                yield self._checker.check(candidate)
            return
        self._flush(self._executor)
        from concurrent.futures import as_completed

        for future in as_completed(self._futures):
            try:
                done = future.result()
            except Exception:
                self._failed += self._futures[future]
                continue
            snapshot.learn(done.stamps)
            yield from done.results
        if self._failed:
            yield from self._check_one_by_one(self._failed)

    def _check_one_by_one(self, candidates: Sequence[Candidate]) -> Iterator[FileResult]:
        """Check one file at a time in another process, so that the one that kills it is known."""
        from concurrent.futures import BrokenExecutor

        executor: ProcessPoolExecutor | None = None
        at_once = True
        try:
            for candidate in candidates:
                executor = executor or self._started_executor(1)
                if executor is None:
                    yield self._checker.check(candidate)
                    continue
                try:
                    done = _submit(executor, _check_chunk, [candidate]).result()
                except BrokenExecutor:
                    _shut_down(executor, at_once=True)
                    executor = None
                    reason = "the process that checked it died, possibly out of memory"
                    yield FileResult(
                        candidate.path, unreadable=(Unreadable(candidate.path, 1, 0, reason),)
                    )
                except Exception as error:
                    yield FileResult(
                        candidate.path, errors=(internal_error(error, candidate.path),)
                    )
                else:
                    snapshot.learn(done.stamps)
                    yield from done.results
            at_once = False
        finally:
            if executor is not None:
                _shut_down(executor, at_once=at_once)

    def _is_worth_it(self) -> bool:
        if self._jobs == 1 or len(self._waiting) < 2:
            return False
        return bool(self._checker.settings.jobs) or self._waiting_bytes >= MIN_BYTES

    def _started_executor(self, processes: int) -> ProcessPoolExecutor | None:
        """Return a pool of fewer processes where the system allows no more; None: of none."""
        from concurrent.futures import BrokenExecutor

        while processes:
            executor: ProcessPoolExecutor | None = None
            try:
                executor = self._new_executor(processes)
                with _safe_path():
                    ready = executor.submit(_is_ready)
                if processes == 1:
                    ready.result()
            except BaseException as error:
                if executor is not None:
                    _shut_down(executor, at_once=True)
                if not isinstance(error, BrokenExecutor | OSError):
                    raise
                processes //= 2
            else:
                return executor
        return None

    def _new_executor(self, processes: int) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor

        # what each process needs is imported once, before it is forked
        from wslint.rules import all_rules
        from wslint.run import judge  # noqa: F401
        from wslint.timeline import build  # noqa: F401

        all_rules()
        checker = self._checker
        return ProcessPoolExecutor(
            processes,
            mp_context=_context(),
            initializer=_begin,
            initargs=(
                checker.settings,
                checker.resolver,
                checker.overlay,
                checker.watches_comments,
                checker.makes_fixes,
            ),
        )


def _shut_down(executor: ProcessPoolExecutor, *, at_once: bool) -> None:
    """Shut down a pool; ``at_once``, its processes are killed with what they are doing."""
    processes = list((executor._processes or {}).values())  # gone after the shutdown
    executor.shutdown(wait=not at_once, cancel_futures=True)
    if at_once:
        for process in processes:
            process.kill()


def _context() -> BaseContext:
    import multiprocessing

    return multiprocessing.get_context("fork" if _forks() else "spawn")


def _forks() -> bool:
    import threading

    return sys.platform == "linux" and threading.active_count() == 1


def _is_safe_to_spawn() -> bool:
    """Return whether a new interpreter can be kept from importing from the current folder.

    multiprocessing starts it with ``-c``, which puts that folder first: the checked project might
    have its own ``multiprocessing.py``.
    """
    flags = sys.flags
    has_safe_path = sys.version_info >= (3, 11) and not flags.ignore_environment
    return bool(flags.isolated or has_safe_path)


def _size(candidates: Sequence[Candidate]) -> int:
    """Return the bytes in some files, as far as they were seen on the walk."""
    return sum(each.stamp[2] for each in candidates if each.stamp is not None)


def _submit(
    executor: ProcessPoolExecutor,
    work: Callable[[Sequence[Candidate]], T],
    chunk: Sequence[Candidate],
) -> Future[T]:
    """Submit a chunk; a process may be started for it."""
    with _safe_path():
        return executor.submit(work, chunk)


def _submitted(
    executor: ProcessPoolExecutor,
    work: Callable[[Sequence[Candidate]], T],
    chunk: Sequence[Candidate],
) -> Future[T] | None:
    """Submit a chunk; None if a process has died, or can't be started."""
    try:
        return _submit(executor, work, chunk)
    except (RuntimeError, OSError):
        return None


@contextmanager
def _safe_path() -> Iterator[None]:
    """Keep the interpreters that are started meanwhile from importing from the current folder."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


_checker: FileChecker | None = None


def _begin(
    settings: Settings,
    resolver: SettingsResolver,
    overlay: dict[str, bytes],
    watches_comments: bool,
    makes_fixes: bool,
) -> None:
    """Initialise a process; interrupts are handled by the parent."""
    import gc
    import signal
    import threading

    global _checker  # noqa: PLW0603
    gc.set_threshold(1_000_000)  # as in the parent, from which only a forked process has it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for each in resolver.all():
        learn_rules(each.plugins, rule_names())
    snapshot.newly_stamped()  # a forked process inherits the lookups of its parent
    _checker = FileChecker(
        settings, resolver, overlay, watches_comments=watches_comments, makes_fixes=makes_fixes
    )


def _end_with_parent() -> None:
    """Exit when the parent process has been killed."""
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _is_ready() -> bool:
    return _checker is not None


def _search_chunk(chunk: Sequence[Candidate]) -> list[bool]:
    assert _checker is not None  # noqa: S101 - _begin has run
    return list(map(_checker.passes, chunk))


def _check_chunk(chunk: Sequence[Candidate]) -> ChunkResult:
    assert _checker is not None  # noqa: S101 - _begin has run
    with deep_recursion():
        results = [_checker.check(candidate) for candidate in chunk]
    return ChunkResult(results, snapshot.newly_stamped())
