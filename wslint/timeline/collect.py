"""Which tests a file holds: what pytest's or unittest's collection would run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch

from wslint.linking.module import Module, flat
from wslint.linking.reachability import RelevantTests
from wslint.project import Project, is_pytest_file, is_unittest_file
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.interpreter import Interpreter
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
    """A definition that may be a test; whether it is one is decided when it is interpreted.

    ``owners``: the class collected and those around it, outermost first.
    """

    name: str
    owners: tuple[Klass, ...] = ()

    @property
    def owner(self) -> Klass | None:
        """The class of the test."""
        return self.owners[-1] if self.owners else None

    @property
    def qualname(self) -> str:
        """The name of the test, with the classes around it."""
        return ".".join([*(klass.node.name for klass in self.owners), self.name])


def candidates(
    interpreter: Interpreter,
    module: Module,
    project: Project,
    relevant: RelevantTests | None = None,
) -> Iterator[Candidate]:
    """Yield what may be a test in a file, in source order.

    Only ``relevant`` tests are included; None for all.
    """
    tops = None if relevant is None else relevant.tops
    for candidate in _candidates(interpreter, module, module.part(tops), project):
        owners = tuple(klass.node.name for klass in candidate.owners)
        if relevant is None or relevant.includes(owners, candidate.name):
            yield candidate


def _candidates(
    interpreter: Interpreter, module: Module, body: s.Block, project: Project
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
            klass = interpreter.names.module_name(module, statement.name)
            if isinstance(klass, Klass) and klass.node is statement:
                yield from _of_class(interpreter, (klass,), project, by_pytest)


def _of_class(
    interpreter: Interpreter, owners: tuple[Klass, ...], project: Project, by_pytest: bool
) -> Iterator[Candidate]:
    klass = owners[-1]
    if _is_marked_as_no_test(interpreter, klass):
        return
    role = unittest_role(interpreter, klass)
    if role:
        if len(owners) > 1 or not (by_pytest or is_unittest_file(klass.module.path)):
            return
        patterns: tuple[str, ...] = ("test",)
    else:
        if not by_pytest or not _matches(klass.node.name, project.pytest.python_classes):
            return
        patterns = project.pytest.python_functions
        if interpreter.classes.own_attribute(klass, "__init__") is not None:
            return
    names: dict[str, None] = {}
    for base in reversed(interpreter.classes.mro(klass)):
        if isinstance(base, Klass):
            for statement in flat(base.node.body):
                if isinstance(statement, s.Function) and _matches(statement.name, patterns):
                    names[statement.name] = None
    for name in names:
        yield Candidate(name, owners)
    for statement in flat(klass.node.body) if not role else ():
        if isinstance(statement, s.Class):
            inner = interpreter.classes.own_attribute(klass, statement.name)
            if isinstance(inner, Klass) and inner.node is statement:
                yield from _of_class(interpreter, (*owners, inner), project, by_pytest)


def _is_marked_as_no_test(interpreter: Interpreter, klass: Klass) -> bool:
    """Return whether ``__test__ = False`` keeps pytest from collecting a class."""
    found = interpreter.classes.found_attribute(klass, "__test__")
    return isinstance(found, Constant) and not found.value


def unittest_role(interpreter: Interpreter, klass: Klass) -> Role:
    """Return the role of the unittest class that a class derives from, "" for none.

    A class with a base that can't be read is taken for a subclass of some unittest class if it has
    a method that only unittest calls, or if the name of the base says so.
    """
    unread = named = False
    roles: set[Role] = set()
    for base in interpreter.classes.mro(klass):
        if isinstance(base, Library):
            roles.add(interpreter.vocabulary.role(base.name))
            named = named or base.name.endswith(("TestCase", "TestBase"))
        elif not isinstance(base, Klass):
            unread = True
    for role in _UNITTEST:
        if role in roles:
            return role
    methods = ("setUp", "setUpClass", "setUpTestData")
    if named or (
        unread
        and any(interpreter.classes.found_attribute(klass, name) is not None for name in methods)
    ):
        return "SomeTestCase"
    return ""


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(
        name.startswith(pattern) or ("*" in pattern and fnmatch(name, pattern))
        for pattern in patterns
    )


def runs(value: Value | None) -> bool:
    """Return whether a runner runs a module-level value, which must be a function."""
    while isinstance(value, (Around, Descriptor)):
        value = value.inner
    return value is not None and not isinstance(value, (Adapted, Fixture))
