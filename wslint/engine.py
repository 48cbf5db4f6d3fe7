"""Runs the stages over the files of one call and puts the report together."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wslint import disk, files, jobs
from wslint.gathering import Gathering
from wslint.recursion import room
from wslint.report import Report
from wslint.source import Source
from wslint.visit import Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from wslint.cache import ReportCache
    from wslint.config import Settings
    from wslint.files import Found
    from wslint.visit import Outcome

FEW = 50


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
    found = files.find_files(paths, settings)
    visitor = Visitor(settings, found.nearest, dict(overlay), watches_comments=True)
    is_on_disk = stdin is None and not overlay
    cache = _cache(paths, settings, found, visitor) if is_on_disk else None
    known = cache.get() if cache is not None else None
    if known is not None:
        return known
    folders = tuple(files.absolute_path(path) for path in paths if os.path.isdir(path))
    gathering = Gathering(settings, found, folders, overlay)
    passed = _visit(found, settings, visitor, gathering, progress)
    if stdin is not None:
        passed |= _visit_stdin(*stdin, settings, visitor, gathering, found)
    _follow_leads(found, passed, visitor, gathering)
    report = gathering.report()
    if cache is not None:
        cache.put(report, gathering.ignored)
    return report


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


def _cache(
    paths: Sequence[str], settings: Settings, found: Found, visitor: Visitor
) -> ReportCache | None:
    """Give what is known of these paths from earlier runs.

    A few files are looked at sooner than a cache is opened, unless some are about websockets.
    """
    if not settings.cache or not settings.root or found.missing or found.unreadable:
        return None
    if len(found.files) <= FEW and not any(map(visitor.passes, found.files)):
        return None
    from wslint.cache import ReportCache

    return ReportCache(settings, paths, found.files, found.nearest)


def _visit(
    found: Found,
    settings: Settings,
    visitor: Visitor,
    gathering: Gathering,
    progress: Callable[[int, int], None] | None,
) -> set[str]:
    """Judge the files that were found; give the paths of those that passed the gate."""
    passed: set[str] = set()
    done = 0
    for outcomes, count in _outcomes(found, settings, visitor):
        for outcome in outcomes:
            gathering.take(outcome)
            if outcome.passed:
                passed.add(outcome.path)
        if progress is not None:
            progress(done, len(found.files))
        done += count
    return passed


def _outcomes(
    found: Found, settings: Settings, visitor: Visitor
) -> Iterator[tuple[Sequence[Outcome], int]]:
    count = jobs.number_of(settings.jobs, len(found.files))
    alone = 0.0 if settings.jobs else jobs.ALONE
    for done in jobs.visit(found.files, visitor, count, alone=alone):
        disk.learn(done.asked, done.listed)
        yield done.outcomes, done.files


def _visit_stdin(
    name: str,
    data: bytes,
    settings: Settings,
    visitor: Visitor,
    gathering: Gathering,
    found: Found,
) -> set[str]:
    """Judge standard input under the name that was given for it."""
    path = files.absolute_path(name)
    if settings.force_exclude and files.is_excluded(path, found.nearest):
        return set()
    visitor.overlay[path] = data
    found.files.append(files.Candidate(path, named=True))
    source = Source.from_bytes(path, data, max_size=settings.max_file_size)
    gathering.add_stdin(path, data, source)
    passed = visitor.gate.passes(data)
    outcome = visitor.judge(source, path) if passed else visitor.look_at(source, path)
    if outcome is not None:
        gathering.take(outcome)
    return {path} if passed else set()


def _follow_leads(
    found: Found,
    passed: set[str],
    visitor: Visitor,
    gathering: Gathering,
) -> None:
    """Judge the tests that reach a socket only through what another file holds."""
    let_through = [candidate for candidate in found.files if candidate.path in passed]
    if not let_through and not any(candidate.named for candidate in found.files):
        return
    from wslint.leads import led_files

    held_back = [candidate for candidate in found.files if candidate.path not in passed]
    for candidate, data in led_files(let_through, held_back, visitor.layout, visitor.gate):
        if not found.ignores(candidate):
            source = Source.from_bytes(candidate.path, data, max_size=visitor.limit(candidate.path))
            gathering.take(visitor.judge(source, candidate.path))
