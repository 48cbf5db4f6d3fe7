"""Judges one file: builds the timelines of its tests and asks the rules."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from time import monotonic, process_time
from typing import TYPE_CHECKING, NamedTuple

from wslint.config.own_rules import OwnRuleFailed, known_rules
from wslint.discovery.chosen_tests import is_chosen, no_such_test
from wslint.filesystem.paths import inside
from wslint.findings.finding import Finding, Unresolved
from wslint.findings.span import Place
from wslint.project import is_test_file
from wslint.run.judged_tests import JudgedTests, Outcome

if TYPE_CHECKING:
    from wslint.config.settings import Settings
    from wslint.linking.module import Module
    from wslint.linking.program import Program
    from wslint.linking.reachability import Reachability, RelevantTests
    from wslint.project import Project
    from wslint.project.django_settings import DjangoSettings
    from wslint.rules.rule import Check, Rule
    from wslint.syntax.nodes import Function
    from wslint.syntax.source import Source, Unreadable
    from wslint.timeline.model import Environment, TestCase, Timeline


# Ten thousand tests take less; only a file made to be slow takes longer.
SECONDS = 8


class Judgement(NamedTuple):
    """The findings of the rules in one file, and the number of tests judged.

    ``resolved``: the first and last lines of the tests of this file in which wslint could
    follow everything. ``missing`` has a message for each chosen test that is not there.
    """

    findings: list[Finding]
    unresolved: list[Unresolved]
    tests: int = 0
    unreadable: Sequence[Unreadable] = ()
    resolved: Sequence[tuple[int, int]] = ()
    missing: Sequence[str] = ()


def judge_file(
    source: Source,
    settings: Settings,
    program: Program,
    reachability: Reachability | None = None,
    known: JudgedTests | None = None,
) -> Judgement:
    """Judge the tests of one file; other files are read when a name leads to them.

    With ``reachability``, tests that cannot reach a socket or override are skipped. ``known``: the
    outcomes for another version of the file.
    """
    project = program.project(source.path)
    if not is_test_file(source.path, project):
        return Judgement([], [], missing=_missing(settings.tests.get(source.path, ()), ()))
    module = program.adopt(source)
    environment = environment_of(source, settings, program, project)
    if source.path in settings.tests:
        reachability = None
    relevant = reachability.of(source.path) if reachability is not None else None
    judgement = _judge(
        module, settings, program, environment, relevant, JudgedTests() if known is None else known
    )
    if known is not None and (program.problems() or program.names_file(source.path)):
        # they come up only when a test leads to them; and code of this file may be used from there
        known.clear()
    return judgement


def _judge(
    module: Module,
    settings: Settings,
    program: Program,
    environment: Environment,
    relevant: RelevantTests | None,
    known: JudgedTests,
) -> Judgement:
    from wslint.rules import selected_rules
    from wslint.timeline.build import timelines_by_test
    from wslint.vocabulary import Vocabulary

    path = module.path
    vocabulary = Vocabulary(settings.roles)
    rules = selected_rules(settings)
    chosen = settings.tests.get(path, ())
    outcomes: list[Outcome] = []
    late: list[Unreadable] = []
    began, cpu = monotonic(), process_time()
    known.update(module, (settings, environment))
    for name, timelines in timelines_by_test(program, vocabulary, path, environment, relevant):
        if name and not _is_wanted(name, chosen):
            outcomes.append(Outcome((name,)))
            continue
        outcome = known.get(name)
        if outcome is None:
            module.asked = set()
            # the CPU clock is slow to read, and never ahead of the wall clock
            if monotonic() - began > SECONDS and process_time() - cpu > SECONDS:
                late += [_too_late(path, timeline) for timeline in timelines]
                if late:
                    break
            outcome = _outcome(timelines, path, rules, chosen)
            if name:
                known.put(name, outcome, module.asked)
        outcomes.append(outcome)
    known.traceable = {
        outcome.names[0]: outcome.place for outcome in outcomes if outcome.place is not None
    }
    followed: dict[tuple[int, int], bool] = {}
    for first, last, whole in chain.from_iterable(outcome.followed for outcome in outcomes):
        followed[first, last] = followed.get((first, last), True) and whole
    names = [name for outcome in outcomes for name in outcome.names]
    return Judgement(
        [finding for outcome in outcomes for finding in outcome.findings],
        [part for outcome in outcomes for part in outcome.unresolved],
        sum(outcome.tests for outcome in outcomes),
        late[:1],
        [lines for lines, whole in followed.items() if whole],
        () if late else _missing(chosen, names),
    )


def _outcome(
    timelines: Iterable[Timeline], path: str, rules: Sequence[Rule], chosen: Sequence[str]
) -> Outcome:
    """Judge the timelines of one test."""
    names: list[str] = []
    findings: list[Finding] = []
    unresolved: list[Unresolved] = []
    followed: list[tuple[int, int, bool]] = []
    tests = 0
    place: Place | None = None
    for timeline in timelines:
        test = timeline.test
        names.append(test.qualname)
        if not _is_wanted(test.qualname, chosen):
            continue
        if test.path == path:
            whole = timeline.never_runs is None and not timeline.unresolved
            followed.append((*_lines(test.function), whole))
        if not is_relevant(timeline):
            continue
        findings += judge_timeline(timeline, rules)
        if timeline.never_runs is not None:
            continue
        tests += 1
        if test.path == path:
            place = Place(path, test.function.name_span)
        unresolved += [
            Unresolved(part.place, test.qualname, part.reason) for part in timeline.unresolved
        ]
    return Outcome(tuple(names), tuple(findings), tuple(unresolved), tuple(followed), tests, place)


def _is_wanted(qualname: str, chosen: Sequence[str]) -> bool:
    return not chosen or any(is_chosen(qualname, name) for name in chosen)


def _missing(chosen: Iterable[str], names: Sequence[str]) -> list[str]:
    return [
        no_such_test(test, names)
        for test in chosen
        if not any(is_chosen(name, test) for name in names)
    ]


def _too_late(path: str, timeline: Timeline) -> Unreadable:
    from wslint.syntax.source import Unreadable

    own = timeline.test.path == path
    line = timeline.test.function.span.line if own else 1
    reason = f"has more tests than can be judged in {SECONDS} seconds"
    return Unreadable(path, line, 0, reason, "those from here on were not judged")


def _lines(function: Function) -> tuple[int, int]:
    """Return the first and last line of a function, its decorators included."""
    first = min([function.span.line, *(decorator.span.line for decorator in function.decorators)])
    return first, function.span.end_line


def traced_timelines(
    source: Source, settings: Settings, overlay: dict[str, bytes] | None = None
) -> Iterator[Timeline]:
    """Build the timelines of one file for drawing, including tests that no runner runs.

    Each is judged before the next one is asked for.
    """
    from wslint.discovery.prefilter import Prefilter
    from wslint.linking.program import Program
    from wslint.timeline.build import all_timelines
    from wslint.vocabulary import Vocabulary

    program = Program(overlay, settings.max_file_size, Prefilter(settings.roles).own)
    project = program.project(source.path)
    environment = environment_of(source, settings, program, project)
    yield from all_timelines(program, Vocabulary(settings.roles), source.path, environment)


def is_relevant(timeline: Timeline) -> bool:
    """Return whether a test concerns any rule: it has a socket, or what only sockets need.

    So does one that asks for a socket by HTTP.
    """
    from wslint.rules.shared.handlers import asked_by_http

    roles = ("Session", "AsyncSession", "Override", "WebsocketCommunicator",
             "ApplicationCommunicator", "HttpCommunicator")  # fmt: skip
    return (
        any(found.socket for found in timeline.unresolved)
        or any(resource.role in roles for resource in timeline.resources)
        or bool(timeline.events_of("Missing"))
        or bool(timeline.scopes_of("CancelScope"))
        or any(asked_by_http(timeline, call) for call in timeline.events_of("Http"))
    )


def judge_timeline(timeline: Timeline, rules: Iterable[Rule]) -> list[Finding]:
    """Run the rules on one test; of findings with the same cause, the first rule's is kept."""
    findings: list[Finding] = []
    versions = timeline.environment.versions
    idle = timeline.never_runs is not None
    for rule in rules:
        if rule.check is None or rule.never_runs is not idle:
            continue
        # compare versions only if something was reported
        reported = _reported(rule, rule.check, timeline)
        if reported and rule.exists_in(versions):
            concerns = rule.concerns_text(versions)
            findings += [replace(finding, concerns=concerns) for finding in reported]
    if not findings:
        return []
    yields_to = {rule.code: rule.yields_to for rule in rules}
    causes = {(finding.code, finding.cause) for finding in findings if finding.cause}
    test = timeline.test
    place = Place(test.path, test.function.name_span)
    return [
        replace(finding, test=test.qualname, test_place=place, within=_within(test, finding))
        for finding in findings
        if not any(
            (code, cause) in causes
            for code in yields_to[finding.code]
            for cause in (finding.cause, *finding.also)
        )
    ]


def _reported(rule: Rule, check: Check, timeline: Timeline) -> list[Finding]:
    """Return the findings of one rule; a failure of another package's rule names it."""
    own = known_rules().get(rule.code)
    if own is None:
        return list(check(timeline))
    try:
        return [replace(finding, code=rule.code, name=rule.name) for finding in check(timeline)]
    except (RecursionError, MemoryError):
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise OwnRuleFailed(f"{rule.code} of {own.package} failed: {what}") from error


def _within(test: TestCase, finding: Finding) -> str:
    """Return the test in which a finding is, "" if it is in what other tests may use too."""
    function = test.function
    parts = (function.span, *(decorator.span for decorator in function.decorators))
    own = finding.path == test.path and any(part.contains(finding.span) for part in parts)
    return test.qualname if own else ""


def environment_of(
    source: Source, settings: Settings, program: Program, project: Project
) -> Environment:
    """Collect what rules need to know about the project of a file."""
    from wslint.project.versions import library_versions
    from wslint.timeline.model import Environment

    folder = os.path.dirname(source.path)
    django = _django_settings(source.path, program, project)
    known = settings.test_database
    versions = {**library_versions(folder, project.top), **settings.versions}
    environment = Environment(
        test_database=django.test_database if known == "unknown" else known,
        allowed_hosts=django.allowed_hosts,
        asgi_application=django.asgi_application,
        versions=versions,
        async_unsafe=_allows_async_unsafe(source, program, project),
        pytest_django=bool(project.pytest.settings_module) or "pytest-django" in versions,
        asyncio_mode=project.pytest.asyncio_mode,
        keepalive_style=settings.keepalive_style,
        keeps_connections=project.pytest.keeps_connections,
    )
    if environment.allowed_hosts is not None:
        around = program.around(source.path)
        if any(program.mentions(path, b"ALLOWED_HOSTS") for path in around):
            environment.allowed_hosts = None  # tests may override the setting
    if settings.keepalive_style == "fixture":
        _look_for_fixture(environment, source.path, program)
    return environment


def _django_settings(path: str, program: Program, project: Project) -> DjangoSettings:
    from wslint.project.django_settings import (
        DjangoSettings,
        read_django_settings,
        settings_module,
    )

    name = settings_module(project.rootdir, project.pytest.settings_module, program)
    file = program.find(name, 0, path) if name else ""
    return read_django_settings(file, program) if file.endswith(".py") else DjangoSettings()


def _look_for_fixture(environment: Environment, path: str, program: Program) -> None:
    """Find the keepalive fixture, or the conftest.py to write it to."""
    from wslint.vocabulary import KEEPALIVE_FIXTURE

    around = program.around(path)
    environment.conftest = next(iter(around[1:]), inside(os.path.dirname(path), "conftest.py"))
    environment.has_keepalive_fixture = any(
        program.mentions(file, KEEPALIVE_FIXTURE.encode())
        and (module := program.module(file)) is not None
        and KEEPALIVE_FIXTURE in module
        for file in around
    )


def _allows_async_unsafe(source: Source, program: Program, project: Project) -> bool:
    """Return whether DJANGO_ALLOW_ASYNC_UNSAFE is set in the test, conftest.py or settings."""
    word = b"DJANGO_ALLOW_ASYNC_UNSAFE"
    if word in source.data:
        return True
    paths = []
    folder = os.path.dirname(source.path)
    while True:
        paths += [inside(folder, name) for name in ("conftest.py", *_INI)]
        if folder in (project.top, os.path.dirname(folder)):
            break
        folder = os.path.dirname(folder)
    if project.pytest.settings_module:
        paths.append(program.find(project.pytest.settings_module, 0, source.path))
    return any(program.exists(path) and program.mentions(path, word) for path in paths)


_INI = ("pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
