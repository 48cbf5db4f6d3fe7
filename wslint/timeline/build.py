"""Builds the timelines of the tests of one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wslint.findings.span import Place, Span
from wslint.linking.module import Module, flat
from wslint.linking.program import Program
from wslint.linking.reachability import RelevantTests
from wslint.project import is_test_file
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.application import describe
from wslint.timeline.application_model import Application
from wslint.timeline.collect import Candidate, candidates, runs, unittest_role
from wslint.timeline.interpreter.interpreter import Machine
from wslint.timeline.interpreter.recorder import OutOfBudget
from wslint.timeline.interpreter.values import (
    Adapted,
    Around,
    Bound,
    Descriptor,
    Fixture,
    Func,
    Klass,
    Partial,
    Unknown,
    Value,
)
from wslint.timeline.model import (
    Environment,
    NeverRuns,
    TestCase,
    Timeline,
    Unfollowed,
)
from wslint.timeline.never_run import idle_function, idle_hook, idle_method
from wslint.timeline.runners.pytest import run_pytest
from wslint.timeline.runners.unittest import DJANGO, RUNNERS, run_unittest
from wslint.vocabulary import SOCKET_METHODS, Role, Vocabulary

# a chain of a thousand fixtures exhausts Python's stack before any budget
_TOO_MUCH = (OutOfBudget, RecursionError)
_NOBODY = s.Function("", "", False, False, (), (), None, (), Span(1, 0, 1, 0), Span(1, 0, 1, 0))


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
    project = program.project(path)
    module = program.module(path) if is_test_file(path, project) else None
    if module is None:
        return
    scout = _machine(program, vocabulary, path, environment)
    try:
        found = list(candidates(scout, module, project, relevant))
    except _TOO_MUCH:
        _give_up(scout, _NOBODY)
        yield scout.timeline
        return
    finally:
        scout.let_go()
    for candidate in found:
        machine = _machine(program, vocabulary, path, environment)
        try:
            runs_at_all = _run(machine, module, candidate)
        except _TOO_MUCH:
            _give_up(machine, machine.timeline.test.function)
            runs_at_all = True
        if runs_at_all:
            _describe_applications(machine)
        timeline, idle = machine.timeline, machine.idle
        machine.let_go()
        if runs_at_all:
            yield timeline
        if idle is not None:
            yield from _with_hook(_machine(program, vocabulary, path, environment), module,
                                  candidate, idle)  # fmt: skip


def _with_hook(
    machine: Machine, module: Module, candidate: Candidate, idle: NeverRuns
) -> Iterator[Timeline]:
    """Build the timeline of a test as if its coroutine setUp were driven."""
    machine.drives_hooks = True
    timeline = machine.timeline
    try:
        _run(machine, module, candidate)
    except _TOO_MUCH:
        return
    finally:
        machine.let_go()
    timeline.never_runs = idle
    yield timeline


def _describe_applications(machine: Machine) -> None:
    """Look at the applications of a test that opens a websocket."""
    timeline = machine.timeline
    clients = {scope.client for scope in timeline.scopes_of("Socket")}
    described: dict[int, Application | None] = {}
    for client, app in machine.applications.items() if clients else ():
        try:
            if id(app) not in described:
                described[id(app)] = describe(machine, app)
        except _TOO_MUCH:
            described[id(app)] = None
        found = described[id(app)]
        if found is not None:
            timeline.applications[client] = found


def _give_up(machine: Machine, function: s.Function) -> None:
    """Record that a test does more than is worth following, and forget what was seen of it."""
    place = Place(machine.timeline.test.path, function.name_span)
    machine.timeline.unresolved.append(
        Unfollowed(place, "the test does more than wslint follows", socket=True)
    )
    machine.timeline.scopes.clear()
    machine.timeline.events.clear()


def _machine(
    program: Program, vocabulary: Vocabulary, path: str, environment: Environment
) -> Machine:
    test = TestCase(path, "", _NOBODY, "function", False)
    return Machine(program, vocabulary, Timeline(test, environment=replace(environment)))


def _run(machine: Machine, module: Module, candidate: Candidate) -> bool:
    """Interpret one test; False where it turns out that nothing runs it."""
    classes = _classes(machine, module, candidate)
    klass = classes[0] if classes else None
    value = (
        _method(machine, klass, candidate.name)
        if klass is not None
        else machine.module_name(module, candidate.name)
    )
    func = function_of(value)
    if isinstance(value, Unknown):
        return _unresolved(machine, module, candidate, klass, value)
    node = _definition(machine, module, classes, candidate.name)
    if value is None or func is None or node is None:
        return False
    role: Role = unittest_role(machine, klass) if klass is not None else ""
    never_runs = None
    if not role and not runs(value):
        never_runs = idle_function(machine, func.module, value, node)
        if never_runs is None:
            return False
    test = machine.timeline.test
    test.path, test.function = func.module.path, node
    test.qualname = ".".join([*(k.node.name for k in candidate.owners), candidate.name])
    test.kind = "method" if role else "function"
    test.is_async = machine.is_async(value)
    test.django = role if role in DJANGO else ""
    test.owner = klass.node if klass is not None else None
    if role == "TestCase" and test.is_async and klass is not None:
        never_runs = idle_method(machine, klass, func, candidate.name)
        if never_runs is None:
            return False
    elif role in RUNNERS and klass is not None:
        machine.idle = idle_hook(machine, klass, role)
    machine.timeline.never_runs = never_runs
    if role and klass is not None:
        run_unittest(machine, func.module, node, klass, value, role)
    else:
        run_pytest(machine, func.module, node, classes, _called(value))
    return True


def _called(value: Value) -> Value:
    """Give what a runner would call, were it not a fixture."""
    return value.inner if isinstance(value, Fixture) else value


def _unresolved(
    machine: Machine, module: Module, candidate: Candidate, klass: Klass | None, value: Unknown
) -> bool:
    """Record a test that is left unjudged as a whole, where it has to do with websockets."""
    body = klass.node.body if klass is not None else module.part({candidate.name})
    for statement in body:
        if isinstance(statement, s.Function) and statement.name == candidate.name:
            machine.timeline.test.function = statement
            machine.timeline.test.qualname = candidate.name
            if mentions(statement, SOCKET_METHODS):
                place = Place(module.path, statement.name_span)
                machine.timeline.unresolved.append(Unfollowed(place, value.reason, socket=True))
                return True
    return False


def _classes(machine: Machine, module: Module, candidate: Candidate) -> tuple[Klass, ...]:
    """Give the test's class and those around it, innermost first, as this machine has them."""
    found: list[Klass] = []
    for owner in candidate.owners:
        name = owner.node.name
        value = (
            machine.own_attribute(found[0], name) if found else machine.module_name(module, name)
        )
        if not isinstance(value, Klass):
            return ()
        found.insert(0, value)
    return tuple(found)


def _definition(
    machine: Machine, module: Module, classes: tuple[Klass, ...], name: str
) -> s.Function | None:
    """Give the test as it is written; a decorator may have put another function in its place."""
    if classes:
        bodies = [b.node.body for b in machine.mro(classes[0]) if isinstance(b, Klass)]
    else:
        bodies = [module.part({name})]
    for body in bodies:
        for statement in reversed(list(flat(body))):
            if isinstance(statement, s.Function) and statement.name == name:
                return statement
    return None


def _method(machine: Machine, klass: Klass, name: str) -> Value | None:
    for base in machine.mro(klass):
        found = machine.own_attribute(base, name)
        if found is not None:
            return found
    return None


def function_of(value: Value | None) -> Func | None:
    """Give the function behind decorators."""
    while value is not None and not isinstance(value, Func):
        if isinstance(value, (Around, Descriptor, Adapted, Fixture)):
            value = value.inner
        elif isinstance(value, (Bound, Partial)):
            value = value.func
        else:
            return None
    return value
