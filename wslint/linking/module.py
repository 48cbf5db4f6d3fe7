"""One linked file: the names it binds, and the statements that bind them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import cached_property
from typing import TypeVar, cast

from wslint.linking.toplevel import TopLevelStatement, top_level_statements
from wslint.syntax import nodes as s
from wslint.syntax.lowering import Lowering
from wslint.syntax.search import mentions
from wslint.syntax.source import Source, Unreadable

T = TypeVar("T")


class Module:
    """A linked file. Its statements are lowered when a name leads to them.

    ``supports_tests``: functions of this file may create clients, sockets and the like.
    ``problems``: the statements that nest too deeply.
    """

    def __init__(self, source: Source, package: str, *, supports_tests: bool = True) -> None:
        self.path = source.path
        self.package = package
        self.supports_tests = supports_tests
        self.problems: list[Unreadable] = []
        self._source = source
        self._statements = top_level_statements(source.tree)
        self._lowered: dict[int, s.Block] = {}
        self._bindings: dict[str, list[s.Stmt]] = {}
        self._derived: dict[object, object] = {}
        self._by_name: dict[str, list[int]] = {}
        for number, top in enumerate(self._statements):
            for name in dict.fromkeys(top.names):
                self._by_name.setdefault(name, []).append(number)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """Return what ``make`` returns, which is made once for this module and key.

        The id of a statement of this module may be part of the key: the module keeps them all.
        """
        if key not in self._derived:
            self._derived[key] = make()
        return cast("T", self._derived[key])

    def class_bindings(self, klass: s.Class) -> dict[str, s.Stmt]:
        """Return the last statement in the body of a class that binds each name."""
        return self.once(
            ("class", id(klass)),
            lambda: {name: one for one in flat(klass.body) for name in bound_names(one)},
        )

    @property
    def tree(self) -> ast.Module:
        """The file as `ast` parses it."""
        return self._source.tree

    @property
    def lines(self) -> list[str]:
        """The lines of the file, without their ends."""
        return self._source.lines

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def bindings(self, name: str) -> list[s.Stmt]:
        """Return the statements that bind a module-level name, in order."""
        if name not in self._bindings:
            self._bindings[name] = [
                statement
                for number in self._by_name.get(name, ())
                for statement in flat(self._lower(number))
                if name in bound_names(statement)
            ]
        return self._bindings[name]

    def is_conditional(self, name: str) -> bool:
        """Return whether a name is bound inside an ``if``, ``try`` or the like."""
        return any(self._statements[number].conditional for number in self._by_name.get(name, ()))

    @cached_property
    def body(self) -> s.Block:
        """The whole file."""
        return self.part(None)

    def part(self, names: AbstractSet[str] | None) -> s.Block:
        """Return the statements that bind one of these names, or all of them."""
        if names is None:
            numbers: Iterable[int] = range(len(self._statements))
        else:
            numbers = sorted({n for name in names for n in self._by_name.get(name, ())})
        return tuple(statement for number in numbers for statement in self._lower(number))

    def calling(self, methods: AbstractSet[str]) -> Iterator[s.Stmt]:
        """Return the statements that at import call, or decorate with, one of these names."""
        return self._where(lambda top: not methods.isdisjoint(top.called))

    @property
    def text(self) -> str:
        """The whole file."""
        return self._source.text

    def mentions(self, names: AbstractSet[str]) -> bool:
        """Return whether one of these names occurs anywhere in the file's code."""
        if not any(name in self.text for name in names):
            return False
        return any(
            any(name in text for name in names) and mentions(self._lower(number), names)
            for number, top in enumerate(self._statements)
            for text in ("\n".join(self.lines[top.start - 1 : top.end]),)
        )

    @property
    def first_definition(self) -> s.Stmt | None:
        """The first function or class at the top of the file."""
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        for number, top in enumerate(self._statements):
            if isinstance(top.node, kinds):
                return next(iter(self._lower(number)), None)
        return None

    @cached_property
    def stars(self) -> list[s.Import]:
        """The star imports."""
        return [
            statement
            for statement in self._where(lambda top: top.has_star)
            if isinstance(statement, s.Import) and statement.name == "*"
        ]

    @cached_property
    def imports(self) -> list[s.Import]:
        """The imports, one for each name."""
        importing = self._where(lambda top: top.has_import)
        return [statement for statement in importing if isinstance(statement, s.Import)]

    @cached_property
    def fixture_functions(self) -> s.Block:
        """The functions with a decorator called fixture."""
        return tuple(
            statement
            for statement in self._where(lambda top: top.has_fixture)
            if isinstance(statement, s.Function) and statement.decorators
        )

    @cached_property
    def _replaced(self) -> frozenset[str]:
        return frozenset(name for top in self._statements for name in top.replaced)

    def replacements(self, names: AbstractSet[str]) -> list[s.Assign]:
        """Return the module-level assignments to an attribute of one of these names."""
        if self._replaced.isdisjoint(names):
            return []
        assigning = self._where(lambda top: not names.isdisjoint(top.replaced))
        return [statement for statement in assigning if isinstance(statement, s.Assign)]

    def effects(self, name: str) -> list[s.Do]:
        """Return the module-level calls of a name's methods: ``client.__enter__()``."""
        return [
            statement
            for statement in self._where(lambda top: name in top.effects)
            if isinstance(statement, s.Do)
            and isinstance(statement.value, s.Call)
            and isinstance(statement.value.func, s.Ref)
            and statement.value.func.parts[0] == name
        ]

    def _where(self, wanted: Callable[[TopLevelStatement], bool]) -> Iterator[s.Stmt]:
        for number, top in enumerate(self._statements):
            if wanted(top):
                yield from flat(self._lower(number))

    def _lower(self, number: int) -> s.Block:
        if number not in self._lowered:
            top = self._statements[number]
            try:
                self._lowered[number] = Lowering(self._source).block([top.node])
            except RecursionError:
                reason = "this statement nests too deeply to be followed"
                left_out = "nothing in it was judged"
                self.problems.append(Unreadable(self.path, top.start, 0, reason, left_out))
                self._lowered[number] = ()
        return self._lowered[number]


def flat(body: s.Block) -> Iterator[s.Stmt]:
    """Yield the statements that run at import, also those in if, try, with and loops."""
    for statement in body:
        yield statement
        if isinstance(statement, s.Branch):
            for arm in statement.arms:
                yield from flat(arm)
        elif isinstance(statement, s.Try):
            yield from flat(statement.body)
            for handler in statement.handlers:
                yield from flat(handler.body)
            yield from flat(statement.orelse)
            yield from flat(statement.final)
        elif isinstance(statement, (s.With, s.Loop)):
            yield from flat(statement.body)


def bound_names(statement: s.Stmt) -> Iterator[str]:
    """Yield the names that a statement binds, without those of nested statements."""
    if isinstance(statement, (s.Function, s.Class)):
        yield statement.name
    elif isinstance(statement, s.Import):
        if statement.name != "*":
            yield statement.alias or statement.name or statement.module.partition(".")[0]
    elif isinstance(statement, s.Assign):
        for target in statement.targets:
            yield from target_names(target)
    elif isinstance(statement, s.With):
        for item in statement.items:
            if item.target is not None:
                yield from target_names(item.target)
    elif isinstance(statement, s.Loop) and statement.target is not None:
        yield from target_names(statement.target)


def target_names(target: s.Expr) -> Iterator[str]:
    """Yield the plain names in an assignment target."""
    if isinstance(target, s.Ref) and len(target.parts) == 1:
        yield target.parts[0]
    elif isinstance(target, s.Seq):
        for item in target.items:
            yield from target_names(item)
    elif isinstance(target, s.Op) and target.kind == "star":
        yield from target_names(target.operands[0])
