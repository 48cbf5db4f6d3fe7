"""Runs one test method in unittest's order: class setup, setUp, method, tearDown, cleanups."""

from __future__ import annotations

from typing import Literal

from wslint.findings.span import Place
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.values import (
    Arguments,
    Around,
    Bound,
    CallSite,
    Exit,
    Klass,
    Library,
    ManagerCall,
    Object,
    ResourceRef,
    Value,
)
from wslint.timeline.model import Adapter, Origin, Scope, Step
from wslint.timeline.runners.fixture_setup import FixtureSetup, open_keepalive
from wslint.timeline.runners.fixtures import FixtureTable
from wslint.timeline.runners.marks import marks_of, used_fixtures
from wslint.timeline.runners.pytest import call_test, hook, module_hook
from wslint.vocabulary import KEEPALIVE_MIXIN, Role

DJANGO = ("SimpleTestCase", "DjangoTestCase", "TransactionTestCase")
RUNNERS = (*DJANGO, "TestCase", "IsolatedTestCase")
_DATABASES: dict[Role, Literal["transaction", "transactional"]] = {
    "DjangoTestCase": "transaction",
    "TransactionTestCase": "transactional",
}


def run_unittest(interpreter: Interpreter, module: Module, node: s.Function, klass: Klass,
                 value: Value, role: Role) -> None:  # fmt: skip
    """Run a test method of a unittest class whose role is ``role``."""
    table = FixtureTable(interpreter, module, (klass,))
    table.run_replacements()
    instance = Object(interpreter.number(), klass)
    setup = FixtureSetup(interpreter, table, module, instance, {})
    marks = marks_of(interpreter, node, interpreter.names.module_env(module), klass)
    automatic = list(table.autouse())
    names = setup.closure([*automatic, *used_fixtures(marks)])
    interpreter.timeline.test.fixtures = tuple(names)
    module_hook(interpreter, module, "setUpModule", "setup_module")
    for name in names:
        setup.get(name)

    interpreter.timeline.test.database = _DATABASES.get(role, "")
    data = interpreter.classes.found_attribute(klass, "setUpTestData")
    interpreter.timeline.test.class_data = data is not None
    if role == "DjangoTestCase":
        with interpreter.at_top_of(module):
            origin = interpreter.recorder.origin(klass.node.name_span)
            transaction = interpreter.recorder.open("Transaction", -1, origin)
    hook(interpreter, klass, "setUpClass")
    hook(interpreter, klass, "setUpTestData")
    keepalive = _own_keepalive(interpreter, module, klass)
    overrides, patches = _class_managers(interpreter, klass)
    with interpreter.at_top_of(module):
        for manager, site in overrides:
            interpreter.cleanups.append(interpreter.context_managers.enter(manager, site)[1])
    hook(interpreter, instance, "setUp")
    if role == "IsolatedTestCase" or interpreter.drives_hooks:
        hook(interpreter, instance, "asyncSetUp")
    for around in patches:
        value = Around(around.manager, value, around.origin)
    adapter: Adapter = "django" if role in DJANGO else "native"
    call_test(interpreter, module, node, Bound(value, instance), Arguments(), adapter)
    if role == "IsolatedTestCase" or interpreter.drives_hooks:
        hook(interpreter, instance, "asyncTearDown")
    hook(interpreter, instance, "tearDown")
    _run_all(interpreter, module, interpreter.cleanups)
    if keepalive is not None:
        interpreter.recorder.close(keepalive)
    hook(interpreter, klass, "tearDownClass")
    _run_all(interpreter, module, interpreter.class_cleanups)
    if role == "DjangoTestCase":
        interpreter.recorder.close(transaction)
    setup.tear_down()
    module_hook(interpreter, module, "tearDownModule", "teardown_module")
    if role == "SomeTestCase" and not interpreter.timeline.unresolved:
        reason = f"a base of {klass.node.name} is in no file that wslint sees"
        interpreter.recorder.unresolved(Place(module.path, node.name_span), reason)


def _own_keepalive(interpreter: Interpreter, module: Module, klass: Klass) -> Scope | None:
    """Open the keepalive of wslint's own base class, if the class has it."""
    bases = interpreter.classes.mro(klass)
    if not any(isinstance(base, Library) and base.name == KEEPALIVE_MIXIN for base in bases):
        return None
    with interpreter.at_top_of(module):
        return open_keepalive(interpreter, KEEPALIVE_MIXIN, klass.node.name_span)


def _run_all(interpreter: Interpreter, module: Module, exits: list[Exit]) -> None:
    with interpreter.at_top_of(module):
        while exits:
            exits.pop()()


def _class_kind(interpreter: Interpreter, klass: Klass) -> Literal["", "simple"]:
    """Return "simple" for a SimpleTestCase without a database: overrides fail on it."""
    for base in interpreter.classes.mro(klass):
        if isinstance(base, Klass):
            if interpreter.classes.own_attribute(base, "databases") is not None:
                return ""
        elif not interpreter.classes.is_plain_base(base) and not (
            isinstance(base, Library) and interpreter.vocabulary.role(base.name) == "SimpleTestCase"
        ):
            return ""
    return "simple"


def _class_managers(
    interpreter: Interpreter, klass: Klass
) -> tuple[list[tuple[Value, CallSite]], list[Around]]:
    """Return the overrides on the class (entered before setUp) and its patches (on tests only)."""
    overrides: list[tuple[Value, CallSite]] = []
    patches: list[Around] = []
    for base in interpreter.classes.mro(klass):
        if not isinstance(base, Klass):
            continue
        env = base.env or interpreter.names.module_env(base.module)
        for expr in reversed(base.node.decorators):
            manager = interpreter.expressions.evaluate_at_import(expr, env)
            origin = Origin(Place(base.module.path, expr.span))
            if isinstance(manager, ResourceRef) and manager.resource.role == "Override":
                step = Step(base.module.path, "class", None, None, base.node)
                manager.resource.birth = (step,)
                manager.resource.on_class = _class_kind(interpreter, klass)
                overrides.append((manager, CallSite(origin)))
            elif isinstance(manager, (ResourceRef, ManagerCall)):
                patches.append(Around(manager, manager, origin))
    return overrides, patches
