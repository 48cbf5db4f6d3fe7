"""Runs one test in pytest's order: fixtures, decorators, body, and the teardown in reverse."""

from __future__ import annotations

from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.values import (
    Adapted,
    Arguments,
    Around,
    Bound,
    Constant,
    Coroutine,
    Descriptor,
    Func,
    Klass,
    Object,
    ResourceRef,
    Unknown,
    Value,
    text_of,
)
from wslint.timeline.model import Adapter, Lane, Scope, Step
from wslint.timeline.runners.fixture_setup import DATABASE, TRANSACTIONAL, FixtureSetup
from wslint.timeline.runners.fixtures import FixtureTable
from wslint.timeline.runners.marks import Mark, marks_of, parameters, used_fixtures

_DECORATING = ("FreezeTime", "Keepalive", "Patch")
_OTHER_LOOPS = frozenset(("anyio", "trio", "twisted"))
# a conftest.py with one of these may run async fixtures itself
_RUNS = (b"asyncio_mode", b"pytest_fixture_setup", b"pytest_pyfunc_call")


def run_pytest(
    interpreter: Interpreter,
    module: Module,
    node: s.Function,
    classes: tuple[Klass, ...],
    value: Value,
) -> None:
    """Run a test function, or a method of a plain class (``classes``: innermost first)."""
    klass = classes[0] if classes else None
    table = FixtureTable(interpreter, module, classes)
    table.run_replacements()
    managers = [one for each in classes for one in _evaluate_decorators(interpreter, each)]
    value = _decorated(value, managers)
    env = interpreter.names.module_env(module)
    marks = marks_of(interpreter, node, env, klass)
    interpreter.timeline.test.has_timeout |= any(name == "timeout" for name, _ in marks)
    direct, indirect = parameters(marks)
    instance = Object(interpreter.number(), klass) if klass is not None else None
    setup = FixtureSetup(interpreter, table, module, instance, indirect)
    setup.freeze_arguments = next((a for name, a in marks if name == "freeze_time"), Arguments())
    setup.by_asyncio, setup.loop_scope = _loop(interpreter, module, marks)

    arguments = [p.name for p in signature(node, value) if "*" not in p.kind and p.default is None]
    is_static = isinstance(value, Descriptor) and value.kind == "static"
    has_self = instance is not None and not is_static
    arguments = arguments[has_self + injected(value) :]
    asked = [name for name in arguments if name not in direct]
    automatic = list(table.autouse())
    if any(name == "freeze_time" for name, _ in marks):
        automatic.append("freezer")  # the mark of pytest-freezer brings its fixture
    ini = list(interpreter.program.project(module.path).pytest.usefixtures)
    names = setup.closure([*automatic, *ini, *used_fixtures(marks), *asked])
    interpreter.timeline.test.fixtures = tuple(names)
    setup.is_strict = _is_strict(interpreter, module, marks, names)

    transaction = open_transaction(setup, module, node, marks, names)
    module_hook(interpreter, module, "setUpModule", "setup_module")
    for name in names:
        setup.get(name)
    args = Arguments([], {**{name: setup.get(name) for name in asked}, **direct})
    if instance is not None and klass is not None:
        hook(interpreter, klass, "setup_class")
        hook(interpreter, instance, "setup_method")
    else:
        module_hook(interpreter, module, "setup_function")
    lane = call_test(interpreter, module, node, _bound(value, instance), args)
    if lane is not None:
        lane.scope = setup.loop_scope
    if instance is not None and klass is not None:
        hook(interpreter, instance, "teardown_method")
        hook(interpreter, klass, "teardown_class")
    else:
        module_hook(interpreter, module, "teardown_function")
    interpreter.timeline.test.async_fixtures = tuple(setup.async_names)
    interpreter.timeline.test.idle_fixtures = tuple(setup.idle)
    setup.tear_down()
    module_hook(interpreter, module, "tearDownModule", "teardown_module")
    if transaction is not None:
        interpreter.recorder.close(transaction)


def _loop(interpreter: Interpreter, module: Module, marks: list[Mark]) -> tuple[bool, str]:
    """Return whether pytest-asyncio runs a test, and the scope of the test's event loop.

    Before 0.24 all its loops had the scope of the function.
    """
    environment = interpreter.timeline.environment
    pytest = interpreter.program.project(module.path).pytest
    names = [name for name, _ in marks]
    is_asyncio = "asyncio" in names or (pytest.asyncio_mode == "auto" and "anyio" not in names)
    if not is_asyncio or environment.version("pytest-asyncio") < (0, 24):
        return False, "function"
    given = next((args for name, args in marks if name == "asyncio"), Arguments())
    scope = given.keywords.get("loop_scope") or given.keywords.get("scope")
    if scope is None:
        return True, pytest.test_loop_scope
    return (True, text) if (text := text_of(scope)) else (False, "function")


def _is_strict(
    interpreter: Interpreter, module: Module, marks: list[Mark], fixtures: list[str]
) -> bool:
    """Return whether only pytest-asyncio runs a test's async fixtures, in its strict mode.

    anyio's plugin runs those of a test that has ``anyio_backend``, which its mark brings.
    """
    program = interpreter.program
    kinds = {name for name, _ in marks}
    if "asyncio" not in kinds or not kinds.isdisjoint(_OTHER_LOOPS) or "anyio_backend" in fixtures:
        return False
    return program.project(module.path).pytest.asyncio_mode == "strict" and not any(
        program.mentions(path, word) for path in program.around(module.path) for word in _RUNS
    )


def _decorated(value: Value, managers: list[ResourceRef]) -> Value:
    """Return a test in what decorates its class: freezegun and mock decorate its methods."""
    for manager in managers:
        value = Around(manager, value, manager.resource.origin)
    return value


def _evaluate_decorators(interpreter: Interpreter, klass: Klass) -> list[ResourceRef]:
    """Note each override on a class that surely is no TestCase: its definition fails.

    Returns the freezes of the clock and the patches that decorate it.
    """
    managers: list[ResourceRef] = []
    line = interpreter.classes.mro(klass)
    if not all(isinstance(base, Klass) or interpreter.classes.is_plain_base(base) for base in line):
        return managers
    for base in line:
        if not isinstance(base, Klass):
            continue
        env = base.env or interpreter.names.module_env(base.module)
        for expr in base.node.decorators:
            value = interpreter.expressions.evaluate_at_import(expr, env)
            if isinstance(value, ResourceRef) and value.resource.role == "Override":
                value.resource.birth = (Step(base.module.path, "class", None, None, base.node),)
                value.resource.on_class = "plain"
            elif isinstance(value, ResourceRef) and value.resource.role in _DECORATING:
                managers.append(value)
    return managers


def module_hook(interpreter: Interpreter, module: Module, *names: str) -> None:
    """Call the first of these functions that a test file defines."""
    for name in names:
        func = interpreter.names.module_name(module, name) if name in module else None
        if isinstance(func, Func):
            interpreter.functions.mark_as("setup", func.module.path, func.node)
            with interpreter.at_top_of(module):
                interpreter.call_by_runner(func, Arguments(exact=False), func.node.span)
            return


def hook(interpreter: Interpreter, receiver: Object | Klass, name: str) -> None:
    """Call ``setUp``, ``setup_method`` or the like if a project class defines it."""
    klass = receiver if isinstance(receiver, Klass) else receiver.klass
    for base in interpreter.classes.mro(klass) if klass is not None else ():
        found = interpreter.classes.own_attribute(base, name)
        if found is None or not isinstance(base, Klass):
            continue
        func = found.inner if isinstance(found, Descriptor) else found
        if isinstance(func, Func):
            interpreter.functions.mark_as("setup", func.module.path, func.node)
        with interpreter.at_top_of(base.module):
            span = base.node.name_span
            args = Arguments(exact=False)
            result = interpreter.call_by_runner(Bound(func, receiver), args, span)
            driven = name.startswith("async") or interpreter.drives_hooks
            if isinstance(result, Coroutine) and driven:
                with interpreter.recorder.in_lane("loop", None, adapter="native"):
                    result.run()
        return


def _bound(value: Value, instance: Object | None) -> Value:
    if isinstance(value, Descriptor):
        return value.inner if value.kind == "static" else Bound(value.inner, Unknown("a class"))
    return Bound(value, instance) if instance is not None else value


def signature(node: s.Function, value: Value) -> tuple[s.Param, ...]:
    """Return the parameters that pytest sees: those of a decorator's wrapper, if it has its own.

    A wrapper that takes anything is taken for one made with ``functools.wraps``.
    """
    while isinstance(value, (Around, Descriptor, Adapted)):
        value = value.inner
    if isinstance(value, Func) and not any("*" in param.kind for param in value.node.params):
        return value.node.params
    return node.params


def injected(value: Value) -> int:
    """Return the number of arguments that ``mock.patch`` decorators pass to a function."""
    count = 0
    while isinstance(value, Around):
        manager = value.manager
        count += isinstance(manager, ResourceRef) and manager.resource.injects
        value = value.inner
    return count


def call_test(interpreter: Interpreter, module: Module, node: s.Function, value: Value,
              args: Arguments, adapter: Adapter = "native") -> Lane | None:  # fmt: skip
    """Call the test itself; return the lane of the loop in which a coroutine runs."""
    interpreter.functions.mark_as("test", module.path, node)
    interpreter.timeline.called = interpreter.recorder.now()
    with interpreter.at_top_of(module):
        result = interpreter.call_by_runner(value, args, node.name_span)
        if isinstance(result, Coroutine):
            with interpreter.recorder.in_lane("loop", None, adapter=adapter) as lane:
                result.run()
            return lane
    return None


def open_transaction(setup: FixtureSetup, module: Module, node: s.Function, marks: list[Mark],
                     names: list[str]) -> Scope | None:  # fmt: skip
    """Open the transaction in which pytest-django wraps the test, if it does."""
    mark = next((args for name, args in marks if name == "django_db"), None)
    names = [name for name in names if setup.is_plugins(name)]
    test = setup.interpreter.timeline.test
    if TRANSACTIONAL & set(names):
        test.database = "transactional"
        return None
    if mark is None and not DATABASE & set(names):
        return None
    certain = mark is None or mark.exact
    for at, option in enumerate(("transaction", "reset_sequences")):
        given = mark.get(at, option) if mark is not None else None
        if isinstance(given, Constant) and given.value:
            test.database = "transactional"
            return None
        certain = certain and (given is None or isinstance(given, Constant))
    test.database = "transaction"
    with setup.interpreter.at_top_of(module):
        recorder = setup.interpreter.recorder
        transaction = recorder.open("Transaction", -1, recorder.origin(node.name_span))
    transaction.certain = certain
    return transaction
