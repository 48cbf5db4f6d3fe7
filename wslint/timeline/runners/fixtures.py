"""pytest's fixtures: which of them a name means, and which are automatic."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from wslint.filesystem.paths import inside
from wslint.linking.module import Module
from wslint.linking.program import Program
from wslint.syntax import nodes as s
from wslint.timeline.fixture_decorators import fixture_options, is_autouse
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.values import Constant, Fixture, Items, Klass, Value
from wslint.vocabulary import KEEPALIVE_NAMES

_SCOPES = ("session", "package", "module", "class", "function")


class FixtureTable:
    """The fixtures that a test file sees, nearest first."""

    def __init__(
        self, interpreter: Interpreter, module: Module, classes: tuple[Klass, ...] = ()
    ) -> None:
        self.interpreter = interpreter
        self.module = module
        # the test's class and those around it, innermost first
        self.classes = classes
        self._modules = list(self._visible(module))
        self._found: dict[str, list[Fixture]] = {}

    def run_replacements(self) -> None:
        """Run the replacements of Channels' connection functions that happen at import."""
        for module in reversed(self._modules):
            env = self.interpreter.names.module_env(module)
            for statement in module.replacements(KEEPALIVE_NAMES):
                run = functools.partial(self.interpreter.statements.run, statement)
                self.interpreter.at_import(env, run)

    def find(self, name: str) -> list[Fixture]:
        """Return the fixtures of a name, nearest first.

        A fixture that asks for its own name gets the next one.
        """
        if name not in self._found:
            found: list[Fixture] = []
            for klass in self.classes:
                found += self._of_class(klass, name)
            for module in self._modules:
                found += self._of_module(module, name, set())
            self._found[name] = list(dict.fromkeys(found))
        return self._found[name]

    def autouse(self) -> Iterator[str]:
        """Yield the names of autouse fixtures, farthest first."""
        for module in reversed(self._modules):
            for name in self._automatic(module, set()):
                if any(fixture.autouse for fixture in self._of_module(module, name, set())):
                    yield name
        for klass in reversed(self.classes):
            for base in reversed(self.interpreter.classes.mro(klass)):
                if isinstance(base, Klass):
                    yield from _names(base.module, base.node.body).automatic

    def _automatic(self, module: Module, seen: set[str]) -> Iterator[str]:
        """Yield what may be autouse fixtures of a module: its own and those it imports."""
        seen.add(module.path)
        yield from _names(module, module.fixture_functions).automatic
        for bound, path in self.interpreter.program.imports_of(module):
            if self.interpreter.program.mentions(path, b"autouse"):
                value = self.interpreter.names.module_name(module, bound)
                if isinstance(value, Fixture) and value.autouse:
                    yield value.name or bound
        for below in self._stars(module):
            if below.path not in seen:
                yield from self._automatic(below, seen)

    def _stars(self, module: Module) -> Iterator[Module]:
        for star in module.stars:
            path = self.interpreter.program.find(star.module, star.level, module.path)
            below = self.interpreter.program.module(path) if path.endswith(".py") else None
            if below is not None:
                yield below

    def _of_class(self, klass: Klass, name: str) -> list[Fixture]:
        """Return the fixture of a class; its own hides one of a base."""
        for base in self.interpreter.classes.mro(klass):
            if isinstance(base, Klass):
                for bound in _names(base.module, base.node.body).bound_as(name):
                    value = self.interpreter.classes.own_attribute(base, bound)
                    if isinstance(value, Fixture) and (value.name or bound) == name:
                        return [value]
        return []

    def _of_module(self, module: Module, name: str, seen: set[str]) -> list[Fixture]:
        seen.add(module.path)
        possible = self._possible(module)
        if possible is not None and name not in possible:
            return []
        renamed = _imported_as(self.interpreter.program, module, name)
        found = []
        own = _names(module, module.fixture_functions).bound_as(name)
        for bound in dict.fromkeys((*own, *renamed)):
            value = self.interpreter.names.module_name(module, bound)
            if isinstance(value, Fixture) and (value.name or bound) == name:
                found.append(value)
        for below in self._stars(module) if not found else ():
            if below.path not in seen:
                found += self._of_module(below, name, seen)
        return found

    def _possible(self, module: Module) -> AbstractSet[str] | None:
        """Return the names that fixtures of a module may have; None for any name."""
        program = self.interpreter.program
        if program.is_judged(module.path):
            return None
        known: AbstractSet[str] | None = program.known.get(
            ("fixtures", module.path), functools.partial(_possible_names, program, module)
        )
        return known

    def _visible(self, module: Module) -> Iterator[Module]:
        """Yield the modules whose fixtures a file sees: itself, conftest files, plugins."""
        program = self.interpreter.program
        project = program.project(module.path)
        plugins = list(self._plugins(module))
        yield module
        folder = os.path.dirname(module.path)
        while True:
            conftest = inside(folder, "conftest.py")
            if conftest != module.path and program.exists(conftest):
                found = program.module(conftest)
                if found is not None:
                    yield found
                    plugins += self._plugins(found)
            if folder in (project.top, os.path.dirname(folder)):
                break
            folder = os.path.dirname(folder)
        seen = set()
        plugins += [(name, module) for name in project.pytest.plugins]
        while plugins:
            name, importer = plugins.pop(0)
            path = program.find(name, 0, importer.path)
            found = program.module(path) if path.endswith(".py") else None
            if found is not None and path not in seen:
                seen.add(path)
                yield found
                plugins += self._plugins(found)

    def _plugins(self, module: Module) -> Iterator[tuple[str, Module]]:
        if "pytest_plugins" not in module:
            return
        value = self.interpreter.names.module_name(module, "pytest_plugins")
        values: list[Value | None] = [value]
        if isinstance(value, Items):
            values = list(value.values)
        for item in values:
            if isinstance(item, Constant) and isinstance(item.value, str):
                yield item.value, module


def scope_rank(scope: str) -> int:
    """Return the place of a scope in the order of setup."""
    return _SCOPES.index(scope) if scope in _SCOPES else len(_SCOPES) - 1


def _fixture_functions(body: s.Block) -> Iterator[tuple[str, s.Function]]:
    for statement in body:
        if isinstance(statement, s.Function):
            options = fixture_options(statement)
            if options is not None:
                name = options.get("name")
                named = isinstance(name, s.Const) and isinstance(name.value, str)
                yield (name.value if named else statement.name), statement  # type: ignore[union-attr, misc]


def _possible_names(program: Program, module: Module) -> AbstractSet[str] | None:
    stars = program.star_names(module)
    if stars is None:
        return None
    names = set(stars.names)
    for path in {module.path, *stars.paths}:
        each = program.module(path)
        if each is None:
            return None
        names |= each.bound
        names |= _names(each, each.fixture_functions).renamed.keys()
        names |= _imports_by_string(program, each).keys()
    return names


def _imported_as(program: Program, module: Module, name: str) -> list[str]:
    """Return the imported names that may be a fixture which is called ``name``."""
    imports = program.imports_of(module)
    if program.is_judged(module.path):
        return [bound for bound, path in imports if program.quotes(path, name)]
    for _, path in imports:
        if program.is_judged(path):
            program.quotes(path, name)  # the answer depends on it
    return _imports_by_string(program, module).get(name, [])


def _imports_by_string(program: Program, module: Module) -> Mapping[str, list[str]]:
    """Return the names that a module imports, by the strings in their files."""

    def find() -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for bound, path in program.imports_of(module):
            if program.mentions(path, b"fixture"):
                for word in program.quoted(path):
                    found.setdefault(word, []).append(bound)
        return found

    known: Mapping[str, list[str]] = program.known.get(("renamed", module.path), find)
    return known


class _Names:
    """The names of the fixtures that a body defines.

    ``automatic``: those of autouse fixtures. ``renamed``: the functions by the name of the fixture,
    where that is another one.
    """

    def __init__(self, body: s.Block) -> None:
        self.automatic: list[str] = []
        self.renamed: dict[str, list[str]] = {}
        for name, function in _fixture_functions(body):
            if is_autouse(function):
                self.automatic.append(name)
            if name != function.name:
                self.renamed.setdefault(name, []).append(function.name)

    def bound_as(self, name: str) -> list[str]:
        """Return the names to which the body may bind the fixture called ``name``."""
        return [name, *self.renamed.get(name, ())]


def _names(module: Module, body: s.Block) -> _Names:
    """Return the names of the fixtures in a body of a module."""
    return module.once(("fixtures", id(body)), lambda: _Names(body))
