"""Builds the timelines of the tests of one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from wslint.findings.span import Place, Span
from wslint.linking.module import Module, flat
from wslint.linking.program import Program
from wslint.linking.reachability import RelevantTests
from wslint.project import is_test_file
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.application import ApplicationReader
from wslint.timeline.application_model import Application
from wslint.timeline.code_reader import CodeReader
from wslint.timeline.collect import Candidate, candidates, runs, unittest_role
from wslint.timeline.interpreter.frames import OutOfBudget
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.tables import do_nothing
from wslint.timeline.interpreter.values import (
    Adapted,
    Around,
    Bound,
    Descriptor,
    Fixture,
    Func,
    Klass,
    Library,
    OneOf,
    Partial,
    Unknown,
    Value,
)
from wslint.timeline.libraries import LIBRARIES
from wslint.timeline.model import (
    Environment,
    NeverRuns,
    TestCase,
    Timeline,
    Unfollowed,
)
from wslint.timeline.never_run import (
    coroutine_never_runs,
    decorated_never_runs,
    hook_never_runs,
)
from wslint.timeline.runners.pytest import run_pytest
from wslint.timeline.runners.unittest import DJANGO, RUNNERS, run_unittest
from wslint.vocabulary import COMMUNICATOR_METHODS, COMMUNICATORS, SOCKET_METHODS, Role, Vocabulary

# a chain of a thousand fixtures exhausts Python's stack before any budget
# A test that mentions one of these opens a websocket.
_OPENS = SOCKET_METHODS | COMMUNICATOR_METHODS | COMMUNICATORS
_PLAIN_BASES = ("channels.", "builtins.", "abc.", "typing.")
_TOO_MUCH = (OutOfBudget, RecursionError)
_NO_FUNCTION = s.Function(
    "", "", False, False, (), (), None, (), Span(1, 0, 1, 0), Span(1, 0, 1, 0)
)


def timelines(
    program: Program, vocabulary: Vocabulary, path: str, environment: Environment
) -> Iterator[Timeline]:
    """Build the timeline of each test that a runner would collect from a file."""
    for timeline in all_timelines(program, vocabulary, path, environment):
        if timeline.never_runs is None:
            yield timeline


def all_timelines(
    program: Program,
    vocabulary: Vocabulary,
    path: str,
    environment: Environment,
    relevant: RelevantTests | None = None,
) -> Iterator[Timeline]:
    """Build the timelines of a file, and those of what looks like a test and is never run.

    Only ``relevant`` tests are included; None for all.
    """
    for _, timelines in timelines_by_test(program, vocabulary, path, environment, relevant):
        yield from timelines


def timelines_by_test(
    program: Program,
    vocabulary: Vocabulary,
    path: str,
    environment: Environment,
    relevant: RelevantTests | None = None,
) -> Iterator[tuple[str, Iterator[Timeline]]]:
    """Yield the name of what may be a test, and its timelines, which are built when asked for.

    The name is "" if the tests of the file can't be found.
    """
    project = program.project(path)
    module = program.module(path) if is_test_file(path, project) else None
    if module is None:
        return

    def new() -> Interpreter:
        test = TestCase(path, "", _NO_FUNCTION, "function", False)
        timeline = Timeline(test, environment=replace(environment))
        return Interpreter(program, vocabulary, LIBRARIES, timeline)

    scout = new()
    try:
        found = list(candidates(scout, module, project, relevant))
    except _TOO_MUCH:
        _give_up(scout.timeline, _NO_FUNCTION)
        yield "", iter((scout.timeline,))
        return
    finally:
        scout.release()
    for candidate in found:
        yield candidate.qualname, _timelines_of(new, module, candidate)


def _timelines_of(
    new: Callable[[], Interpreter], module: Module, candidate: Candidate
) -> Iterator[Timeline]:
    """Build the timeline of one test, and the one that it would have if its setUp were driven."""
    interpreter = new()
    timeline = interpreter.timeline
    plan = None
    try:
        plan = _plan(interpreter, module, candidate)
        if plan is not None:
            plan.run()
            interpreter.recorder.list_own_sockets()
        is_test = plan is not None
    except _TOO_MUCH:
        _give_up(timeline, timeline.test.function)
        is_test = True
    if is_test:
        _describe_applications(interpreter)
        _describe_consumers(interpreter)
    try:
        if is_test:
            yield timeline
    finally:
        interpreter.release()  # the timeline may have asked it for more of the application
    if plan is not None and plan.undriven_hook is not None:
        yield from _with_driven_hook(new(), module, candidate, plan.undriven_hook)


def _with_driven_hook(
    interpreter: Interpreter, module: Module, candidate: Candidate, hook: NeverRuns
) -> Iterator[Timeline]:
    interpreter.drives_hooks = True
    timeline = interpreter.timeline
    try:
        plan = _plan(interpreter, module, candidate)
        if plan is not None:
            plan.run()
    except _TOO_MUCH:
        return
    finally:
        interpreter.release()
    timeline.never_runs = hook
    yield timeline


def _describe_applications(interpreter: Interpreter) -> None:
    """Add the applications of a test that opens a websocket, or asks for one, to its timeline."""
    timeline = interpreter.timeline
    reader = ApplicationReader(interpreter)
    known: dict[int, Application | None] = {}
    is_asked = timeline.scopes_of("Socket") or timeline.events_of("Http")
    for client, app in interpreter.applications.items() if is_asked else ():
        try:
            if id(app) not in known:
                known[id(app)] = reader.describe(app)
        except _TOO_MUCH:
            known[id(app)] = None
        found = known[id(app)]
        if found is not None:
            timeline.applications[client] = found


def _describe_consumers(interpreter: Interpreter) -> None:
    """Add the code of the consumers that a test reaches to its timeline."""
    reader = CodeReader(interpreter)
    for consumer, klass, middleware in interpreter.consumers:
        bases = interpreter.classes.mro(klass) if klass is not None else []
        codes = [reader.code(base) for base in bases if isinstance(base, Klass)]
        consumer.classes = tuple(filter(None, codes))
        consumer.middleware = tuple(filter(None, map(reader.code, middleware)))
        consumer.is_known = all(map(_is_known, bases))


def _is_known(base: Value) -> bool:
    """Return whether a base of a consumer is one of Channels, or has only what its body says."""
    if isinstance(base, Klass):
        return not base.module.occurrences(f"setattr({base.node.name},")
    return isinstance(base, Library) and base.name.startswith(_PLAIN_BASES)


def _give_up(timeline: Timeline, function: s.Function) -> None:
    """Record that a test does more than is worth following, and forget the rest of its timeline."""
    place = Place(timeline.test.path, function.name_span)
    timeline.unresolved.append(
        Unfollowed(place, "the test does more than wslint follows", socket=True)
    )
    timeline.scopes.clear()
    timeline.events.clear()
    timeline.resources.clear()


class _Plan(NamedTuple):
    """How to interpret one test; ``undriven_hook`` is a setUp or the like that never runs."""

    run: Callable[[], None]
    undriven_hook: NeverRuns | None = None


def _plan(interpreter: Interpreter, module: Module, candidate: Candidate) -> _Plan | None:
    """Fill in the test and return how to interpret it, None if nothing runs it after all."""
    classes = _classes(interpreter, module, candidate)
    klass = classes[0] if classes else None
    value = (
        interpreter.classes.found_attribute(klass, candidate.name)
        if klass is not None
        else interpreter.names.module_name(module, candidate.name)
    )
    if isinstance(value, OneOf):
        value = _same_function(value)
    if isinstance(value, Unknown):
        unresolved = _unresolved(interpreter.timeline, module, candidate, klass, value)
        return _Plan(do_nothing) if unresolved else None
    func = function_of(value)
    written = _definition(interpreter, module, classes, candidate.name)
    if value is None or func is None or written is None:
        return None
    path, node = written
    role: Role = unittest_role(interpreter, klass) if klass is not None else ""
    never_runs = hook = None
    if not role and not runs(value):
        never_runs = decorated_never_runs(interpreter.program, func.module, value, node)
        if never_runs is None:
            return None
    test = interpreter.timeline.test
    test.has_timeout = interpreter.program.project(module.path).pytest.has_timeout
    test.path, test.function = path, node
    test.qualname = candidate.qualname
    test.kind = "method" if role else "function"
    test.is_async = interpreter.decorators.is_async(value)
    test.django = role if role in DJANGO else ""
    test.owner = klass.node if klass is not None else None
    if role == "TestCase" and test.is_async and klass is not None:
        found = coroutine_never_runs(interpreter, klass, func, candidate.name)
        if isinstance(found, Unknown):
            unresolved = _unresolved(interpreter.timeline, module, candidate, klass, found)
            return _Plan(do_nothing) if unresolved else None
        if found is None:
            return None
        never_runs = found
    elif role in RUNNERS and klass is not None:
        hook = hook_never_runs(interpreter, klass, role)
    interpreter.timeline.never_runs = never_runs
    if role and klass is not None:
        run = partial(run_unittest, interpreter, func.module, node, klass, value, role)
    else:
        run = partial(run_pytest, interpreter, func.module, node, classes, _called(value))
    return _Plan(run, hook)


def _same_function(value: OneOf) -> Value:
    """Return a test that is decorated in one of several ways, as it is in the first."""
    decorated = [one for one in value.values if function_of(one) is not None]
    if len({id(getattr(function_of(one), "node", None)) for one in decorated}) == 1:
        return decorated[0]
    return Unknown("a decorator gives one of several functions")


def _called(value: Value) -> Value:
    """Return what a runner would call if it were no fixture."""
    return value.inner if isinstance(value, Fixture) else value


def _unresolved(
    timeline: Timeline, module: Module, candidate: Candidate, klass: Klass | None, value: Unknown
) -> bool:
    """Record a test that can't be followed as a whole, if it opens a websocket."""
    body = klass.node.body if klass is not None else module.part({candidate.name})
    for statement in body:
        if isinstance(statement, s.Function) and statement.name == candidate.name:
            timeline.test.function = statement
            timeline.test.qualname = candidate.name
            if mentions(statement, _OPENS):
                place = Place(module.path, statement.name_span)
                timeline.unresolved.append(Unfollowed(place, value.reason, socket=True))
                return True
    return False


def _classes(interpreter: Interpreter, module: Module, candidate: Candidate) -> tuple[Klass, ...]:
    """Return the test's class and those around it, innermost first, of this interpreter."""
    found: list[Klass] = []
    for owner in candidate.owners:
        name = owner.node.name
        value = (
            interpreter.classes.own_attribute(found[0], name)
            if found
            else interpreter.names.module_name(module, name)
        )
        if not isinstance(value, Klass):
            return ()
        found.insert(0, value)
    return tuple(found)


def _definition(
    interpreter: Interpreter, module: Module, classes: tuple[Klass, ...], name: str
) -> tuple[str, s.Function] | None:
    """Return the test as it is written, and its file; a decorator may have replaced it."""
    bodies = [(module.path, module.part({name}))]
    if classes:
        bases = interpreter.classes.mro(classes[0])
        bodies = [(base.module.path, base.node.body) for base in bases if isinstance(base, Klass)]
    for path, body in bodies:
        for statement in reversed(list(flat(body))):
            if isinstance(statement, s.Function) and statement.name == name:
                return path, statement
    return None


def function_of(value: Value | None) -> Func | None:
    """Return the function under decorators."""
    while value is not None and not isinstance(value, Func):
        if isinstance(value, (Around, Descriptor, Adapted, Fixture)):
            value = value.inner
        elif isinstance(value, (Bound, Partial)):
            value = value.func
        else:
            return None
    return value
