"""``check``: from paths to a report.

Files are found and filtered. Those that pass the prefilter are checked, in several processes if
there is enough work; then the test files that reach a socket only through them. The results are
merged, and each fix is made once in memory: one that can't be made is not offered.
"""

from __future__ import annotations

import os
from dataclasses import replace
from time import time_ns
from typing import TYPE_CHECKING

from wslint.discovery.walk import Candidate, absolute_path, find_files, is_excluded
from wslint.filesystem import snapshot
from wslint.run.file_checker import FileChecker
from wslint.run.pool import Pool
from wslint.run.results import ResultCollector
from wslint.syntax.deep_recursion import deep_recursion
from wslint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from wslint.config.settings import Settings
    from wslint.discovery.walk import FoundFiles
    from wslint.findings.report import Report
    from wslint.run.file_checker import FileResult
    from wslint.run.judged_tests import JudgedTests
    from wslint.run.result_cache import ResultCache
    from wslint.run.search_cache import SearchCache

    Progress = Callable[[int, int], None]

# checking so few files is faster than opening a cache
_FEW = 50


def check(
    paths: Sequence[str],
    settings: Settings,
    *,
    stdin: tuple[str, bytes] | None = None,
    progress: Progress | None = None,
    overlay: Mapping[str, bytes] | None = None,
    make_fixes: bool = True,
    report_on: Iterable[str] = (),
    known: Mapping[str, JudgedTests] | None = None,
) -> Report:
    """Check the files that ``paths`` name or contain, and ``stdin`` (a name and its bytes).

    ``progress`` is called with the number of files done and in total. ``overlay`` has the bytes
    of unsaved files. Without ``make_fixes``, fixes are not tried. ``report_on`` are further files
    whose findings are wanted where the checked tests lead to them. ``known`` has the outcomes of
    tests for another version of a file, if nothing else has changed; they are updated.
    """
    began = time_ns()
    snapshot.forget()
    with deep_recursion():
        found = find_files(paths, settings)
        overlay = dict(overlay or {})
        if stdin is not None:
            _add_stdin(*stdin, found, overlay)
        has_own_rules = any(each.plugins for each in found.resolver.all())
        if has_own_rules:
            from wslint.rules import all_rules

            all_rules()  # one that can't be imported is an error of the configuration
        checker = FileChecker(
            settings,
            found.resolver,
            overlay,
            watches_comments=True,
            makes_fixes=make_fixes,
            known=known,
        )
        results = search = None
        # the code of own rules may change at any time
        if settings.cache and not (overlay or has_own_rules) and _is_worth_keeping(found, checker):
            from wslint.run.cache import ProjectCache
            from wslint.run.result_cache import ResultCache
            from wslint.run.search_cache import SearchCache

            project = ProjectCache(settings.root)
            results = ResultCache(project, checker, paths, found.files, began)
            search = SearchCache(project, checker, paths, found.files, began)
        folders = tuple(absolute_path(path) for path in paths if os.path.isdir(path))
        collector = ResultCollector(settings, found, folders, overlay, report_on)
        if stdin is not None:
            collector.add_text(absolute_path(stdin[0]), stdin[1])
        for result in _results(found, checker, results, search, progress):
            collector.add(result)
        report = collector.report()
        if make_fixes:
            report = _with_joint_fixes(report, collector, results or checker)
    if results is not None and search is not None:
        results.save()
        search.save()
    return report


def check_files(contents: Mapping[str, bytes], settings: Settings) -> Report:
    """Check files as if they had these ``contents``; other files are read from disk."""
    snapshot.forget()
    collector = ResultCollector(settings, overlay=contents)
    for path in contents:
        collector.resolver.of(path)  # loads the settings, whose roles the prefilter needs
    checker = FileChecker(settings, collector.resolver, contents)
    with deep_recursion():
        for path, data in sorted(contents.items()):
            source = Source.from_bytes(path, data, max_size=checker.max_size(path))
            collector.add(checker.check_source(source, path))
        return collector.report()


def _add_stdin(name: str, data: bytes, found: FoundFiles, overlay: dict[str, bytes]) -> None:
    path = absolute_path(name)
    if found.resolver.top.force_exclude and is_excluded(path, found.resolver):
        return
    overlay[path] = data
    found.files.append(Candidate(path, named=True))


def _with_joint_fixes(
    report: Report, collector: ResultCollector, checker: FileChecker | ResultCache
) -> Report:
    """Materialise the joint fixes of findings that several tests share."""
    numbers = [
        number
        for number, finding in enumerate(report.findings)
        if finding.fix is not None and finding.fix.actions not in collector.materialised
    ]
    if not numbers:
        return report
    findings = list(report.findings)
    materialised = checker.materialised([findings[number] for number in numbers])
    for number, finding in zip(numbers, materialised, strict=True):
        findings[number] = finding
    return replace(report, findings=tuple(findings))


def _is_worth_keeping(found: FoundFiles, checker: FileChecker) -> bool:
    return len(found.files) > _FEW or any(map(checker.passes, found.files))


def _results(
    found: FoundFiles,
    checker: FileChecker,
    cache: ResultCache | None,
    search: SearchCache | None,
    progress: Progress | None,
) -> Iterator[FileResult]:
    """Yield the outcome of each file; what the cache knows is not checked again."""
    done, count = 0, len(found.files)
    passed: list[Candidate] = []
    with Pool(checker) as pool:
        files = found.files
        searched = pool.search(files) if search is None else search.search(files, pool.search)
        for candidate, passes in zip(files, searched, strict=True):
            if passes:
                passed.append(candidate)
                known = _known(candidate, found, cache)
                if known is None:
                    pool.submit(candidate)
                    continue
                yield known
            elif candidate.named and not found.resolver.of(candidate.path).force_exclude:
                # a broken file that is passed by name must be reported
                result = checker.check_readable(candidate)
                if result is not None:
                    yield result
            if progress is not None:
                progress(done, count)
            done += 1
        for candidate in _indirect(found, passed, checker, cache, search):
            known = _known(candidate, found, cache)
            if known is None:
                pool.submit(candidate)
            else:
                yield known
        for result in pool.results():
            if cache is not None:
                cache.put(result)
            yield result
            if progress is not None:
                progress(min(done, count), count)
            done += 1


def _known(candidate: Candidate, found: FoundFiles, cache: ResultCache | None) -> FileResult | None:
    if cache is None or found.ignores(candidate):
        return None
    return cache.get(candidate)


def _indirect(
    found: FoundFiles,
    passed: Sequence[Candidate],
    checker: FileChecker,
    cache: ResultCache | None,
    search: SearchCache | None,
) -> list[Candidate]:
    """Return the test files that reach a socket only through what another file defines."""
    from wslint.discovery.indirect_prefilter import Memory, conftests_above, indirect_files

    if (
        not passed
        and not any(candidate.named for candidate in found.files)
        and not conftests_above(found.files, checker.layout)
    ):
        return []
    paths = {candidate.path for candidate in passed}

    def find() -> tuple[str, ...]:
        memory = search or Memory()
        found = indirect_files(paths, files, checker.layout, checker.prefilter, memory)
        return tuple(candidate.path for candidate in found)

    files = found.files
    if cache is not None and search is not None and search.key:
        chosen = frozenset(cache.remembered("indirect", search.key, tuple[str, ...], find))
    else:
        chosen = frozenset(find())
    return [file for file in files if file.path in chosen and not found.ignores(file)]
