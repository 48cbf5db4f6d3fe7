"""Runs one test method in unittest's order: class setup, setUp, method, tearDown, cleanups."""

from __future__ import annotations

from typing import Literal

from wslint.findings.span import Span
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.interpreter import Machine
from wslint.timeline.interpreter.values import (
    Arguments,
    Around,
    Bound,
    Handle,
    Klass,
    Library,
    ManagerCall,
    Object,
    Value,
)
from wslint.timeline.model import Adapter, Step
from wslint.timeline.runners.fixture_setup import FixtureSetup
from wslint.timeline.runners.fixtures import FixtureTable
from wslint.timeline.runners.marks import marks_of, used_fixtures
from wslint.timeline.runners.pytest import call_test, hook, module_hook
from wslint.vocabulary import Role

DJANGO = ("SimpleTestCase", "DjangoTestCase", "TransactionTestCase")
RUNNERS = (*DJANGO, "TestCase", "IsolatedTestCase")
_DATABASES: dict[Role, Literal["transaction", "transactional"]] = {
    "DjangoTestCase": "transaction",
    "TransactionTestCase": "transactional",
}


def run_unittest(machine: Machine, module: Module, node: s.Function, klass: Klass,
                 value: Value, role: Role) -> None:  # fmt: skip
    """Run a test method of a unittest class whose role is ``role``."""
    table = FixtureTable(machine, module, (klass,))
    table.run_replacements()
    instance = Object(machine.number(), klass)
    setup = machine.fixtures = FixtureSetup(machine, table, module, instance, {})
    marks = marks_of(machine, node, machine.module_env(module), klass)
    automatic = list(table.autouse())
    names = setup.closure([*automatic, *used_fixtures(marks)])
    machine.timeline.test.fixtures = tuple(names)
    module_hook(machine, module, "setUpModule", "setup_module")
    for name in names:
        setup.get(name)

    machine.timeline.test.database = _DATABASES.get(role, "")
    if role == "DjangoTestCase":
        with machine.at_top_of(module):
            transaction = machine.open("Transaction", -1, klass.node.name_span)
    hook(machine, klass, "setUpClass")
    hook(machine, klass, "setUpTestData")
    overrides, patches = _class_managers(machine, klass)
    with machine.at_top_of(module):
        for manager, span in overrides:
            machine.cleanups.append(machine.enter(manager, span)[1])
    hook(machine, instance, "setUp")
    if role == "IsolatedTestCase" or machine.drives_hooks:
        hook(machine, instance, "asyncSetUp")
    for around in patches:
        value = Around(around.manager, value, around.origin)
    adapter: Adapter = "django" if role in DJANGO else "native"
    call_test(machine, module, node, Bound(value, instance), Arguments(), adapter)
    if role == "IsolatedTestCase" or machine.drives_hooks:
        hook(machine, instance, "asyncTearDown")
    hook(machine, instance, "tearDown")
    _run_all(machine, module, machine.cleanups)
    hook(machine, klass, "tearDownClass")
    _run_all(machine, module, machine.class_cleanups)
    if role == "DjangoTestCase":
        machine.close(transaction)
    setup.tear_down()
    module_hook(machine, module, "tearDownModule", "teardown_module")


def _run_all(machine: Machine, module: Module, exits: list[Exit]) -> None:
    with machine.at_top_of(module):
        while exits:
            exits.pop()()


def _class_kind(machine: Machine, klass: Klass) -> Literal["", "simple"]:
    """Tell whether a class can hold an override: not a SimpleTestCase without a database."""
    for base in machine.mro(klass):
        if isinstance(base, Klass):
            if machine.own_attribute(base, "databases") is not None:
                return ""
        elif not machine.is_plain_base(base) and not (
            isinstance(base, Library) and machine.vocabulary.role(base.name) == "SimpleTestCase"
        ):
            return ""
    return "simple"


def _class_managers(
    machine: Machine, klass: Klass
) -> tuple[list[tuple[Value, Span]], list[Around]]:
    """Give the overrides on the class (entered before setUp) and its patches (on tests only)."""
    overrides: list[tuple[Value, Span]] = []
    patches: list[Around] = []
    for base in machine.mro(klass):
        if not isinstance(base, Klass):
            continue
        env = base.env or machine.module_env(base.module)
        for expr in reversed(base.node.decorators):
            manager = machine.at_import(env, lambda expr=expr: machine.evaluate(expr))  # type: ignore[misc]
            if isinstance(manager, Handle) and manager.resource.role == "Override":
                step = Step(base.module.path, "class", None, None, base.node)
                manager.resource.birth = (step,)
                manager.resource.on_class = _class_kind(machine, klass)
                overrides.append((manager, expr.span))
            elif isinstance(manager, (Handle, ManagerCall)):
                with machine.at_top_of(base.module):
                    patches.append(Around(manager, manager, machine.origin(expr.span)))
    return overrides, patches
