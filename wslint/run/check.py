"""Runs the stages over the files of one call and puts the report together."""

from __future__ import annotations

import os
import sys
from functools import partial
from time import time_ns
from typing import TYPE_CHECKING

from wslint.filesystem import snapshot as disk
from wslint.findings.report import Report
from wslint.run import jobs
from wslint.run.cache_folder import keeps_runs
from wslint.run.file_checker import Visitor
from wslint.run.results import Gathering
from wslint.run.run import Run
from wslint.run.workers import Workers
from wslint.syntax.deep_recursion import room
from wslint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.run.cache import ReportCache


def check(
    paths: Sequence[str],
    settings: Settings,
    *,
    stdin: tuple[str, bytes] | None = None,
    progress: Callable[[int, int], None] | None = None,
    overlay: Mapping[str, bytes] | None = None,
) -> Report:
    """Judge the files that ``paths`` name or hold; ``stdin`` is one more: its name and bytes.

    ``progress`` is told how many files are done, and how many there are; ``overlay`` holds what
    files are taken to hold that hold something else on disk.
    """
    with room():
        return _check(paths, settings, stdin, progress, overlay or {})


def _check(
    paths: Sequence[str],
    settings: Settings,
    stdin: tuple[str, bytes] | None,
    progress: Callable[[int, int], None] | None,
    overlay: Mapping[str, bytes],
) -> Report:
    disk.forget()
    began = time_ns()
    keeps = settings.cache and bool(settings.root) and stdin is None and not overlay
    cache = _opened(settings, paths, began) if keeps else None
    known = cache.get() if cache is not None else None
    if known is not None:
        return known
    with Workers(jobs.number_of(settings.jobs, sys.maxsize)) as workers:
        may_be_known = cache is not None and cache.may_know
        run = Run(paths, settings, overlay, workers, may_be_known=may_be_known)
        if not keeps or not run.is_worth_keeping():
            cache = None
        elif cache is None:
            from wslint.run.cache import ReportCache

            cache = ReportCache(settings, paths, began)
        known = cache.get_of(run.found.files) if cache is not None else None
        if known is not None:
            return known
        remember = partial(cache.remember, run.found.files) if cache is not None else None
        run.judge(stdin, progress, meanwhile=remember)
    report = run.gathering.report()
    if cache is not None:
        cache.put(report, run.gathering.ignored)
    return report


def _opened(settings: Settings, paths: Sequence[str], began: int) -> ReportCache | None:
    """Open the cache, if it may spare a walk through folders."""
    if not keeps_runs(settings) or not any(map(os.path.isdir, paths)):
        return None
    from wslint.run.cache import ReportCache

    return ReportCache(settings, paths, began)


def check_files(contents: Mapping[str, bytes], settings: Settings) -> Report:
    """Judge files as if they held ``contents``; what they lead to is read from disk."""
    disk.forget()
    gathering = Gathering(settings, overlay=contents)
    for path in contents:
        gathering.nearest.of(path)  # the gate knows the roles of all
    visitor = Visitor(settings, gathering.nearest, overlay=dict(contents))
    with room():
        for path, data in sorted(contents.items()):
            source = Source.from_bytes(path, data, max_size=visitor.limit(path))
            gathering.take(visitor.judge(source, path))
        return gathering.report()
