"""Which tests a file holds: what pytest's or unittest's collection would run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from wslint.linking.module import Module, flat
from wslint.linking.reachability import RelevantTests
from wslint.project import Project, is_pytest_file, is_unittest_file
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.interpreter import Machine
from wslint.timeline.interpreter.values import (
    Adapted,
    Around,
    Constant,
    Descriptor,
    Fixture,
    Klass,
    Library,
    Value,
)
from wslint.vocabulary import Role

# of several, Python runs the one that derives from the others
_UNITTEST: tuple[Role, ...] = (
    "DjangoTestCase", "TransactionTestCase", "SimpleTestCase", "IsolatedTestCase", "TestCase"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that may be a test; a machine decides.

    ``owners``: the class collected and those around it, outermost first.
    """

    name: str
    owners: tuple[Klass, ...] = ()

    @property
    def owner(self) -> Klass | None:
        """The class whose test it is."""
        return self.owners[-1] if self.owners else None


def candidates(
    machine: Machine,
    module: Module,
    project: Project,
    relevant: RelevantTests | None = None,
) -> Iterator[Candidate]:
    """List what may be a test in a file, in the order in which it stands.

    Only ``relevant`` tests are included; None for all.
    """
    tops = None if relevant is None else relevant.tops
    for candidate in _candidates(machine, module, module.part(tops), project):
        owners = tuple(klass.node.name for klass in candidate.owners)
        if relevant is None or relevant.includes(owners, candidate.name):
            yield candidate


def _candidates(
    machine: Machine, module: Module, body: s.Block, project: Project
) -> Iterator[Candidate]:
    by_pytest = is_pytest_file(module.path, project)
    settings = project.pytest
    seen: set[str] = set()
    for statement in flat(body):
        if isinstance(statement, s.Function) and by_pytest:
            if _matches(statement.name, settings.python_functions) and statement.name not in seen:
                seen.add(statement.name)
                yield Candidate(statement.name)
        elif isinstance(statement, s.Class) and statement.name not in seen:
            seen.add(statement.name)
            klass = machine.module_name(module, statement.name)
            if isinstance(klass, Klass) and klass.node is statement:
                yield from _of_class(machine, (klass,), project, by_pytest)


def _of_class(
    machine: Machine, owners: tuple[Klass, ...], project: Project, by_pytest: bool
) -> Iterator[Candidate]:
    klass = owners[-1]
    if _is_marked_as_no_test(machine, klass):
        return
    role = unittest_role(machine, klass)
    if role:
        if len(owners) > 1 or not (by_pytest or is_unittest_file(klass.module.path)):
            return
        patterns: tuple[str, ...] = ("test",)
    else:
        if not by_pytest or not _matches(klass.node.name, project.pytest.python_classes):
            return
        patterns = project.pytest.python_functions
        if machine.own_attribute(klass, "__init__") is not None:
            return
    names: dict[str, None] = {}
    for base in reversed(machine.mro(klass)):
        if isinstance(base, Klass):
            for statement in flat(base.node.body):
                if isinstance(statement, s.Function) and _matches(statement.name, patterns):
                    names[statement.name] = None
    for name in names:
        yield Candidate(name, owners)
    for statement in flat(klass.node.body) if not role else ():
        if isinstance(statement, s.Class):
            inner = machine.own_attribute(klass, statement.name)
            if isinstance(inner, Klass) and inner.node is statement:
                yield from _of_class(machine, (*owners, inner), project, by_pytest)


def _is_marked_as_no_test(machine: Machine, klass: Klass) -> bool:
    """Tell whether ``__test__ = False`` says that pytest must not collect a class."""
    for base in machine.mro(klass):
        found = machine.own_attribute(base, "__test__")
        if found is not None:
            return isinstance(found, Constant) and not found.value
    return False


def unittest_role(machine: Machine, klass: Klass) -> Role:
    """Give the role of the unittest class that a class derives from, "" for none.

    A class with a base that isn't read is taken for one of "some" unittest class where it says
    so itself: by a method that only unittest calls, or by the name of the base.
    """
    unread = False
    roles: set[Role] = set()
    for base in machine.mro(klass):
        if isinstance(base, Library):
            roles.add(machine.vocabulary.role(base.name))
            unread = unread or base.name.endswith(("TestCase", "TestBase"))
        elif not isinstance(base, Klass):
            unread = True
    for role in _UNITTEST:
        if role in roles:
            return role
    methods = ("setUp", "setUpClass", "setUpTestData")
    if unread and any(_defines(machine, klass, name) for name in methods):
        return "SomeTestCase"
    return ""


def _defines(machine: Machine, klass: Klass, name: str) -> bool:
    return any(machine.own_attribute(base, name) is not None for base in machine.mro(klass))


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(
        name.startswith(pattern) or ("*" in pattern and fnmatch(name, pattern))
        for pattern in patterns
    )


def runs(value: Value | None) -> bool:
    """Tell whether a runner runs a module-level value: adapters' objects are not functions."""
    while isinstance(value, (Around, Descriptor)):
        value = value.inner
    return value is not None and not isinstance(value, (Adapted, Fixture))
