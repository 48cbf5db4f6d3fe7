"""One linked file: the names it binds, and the statements that bind them."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Literal, TypeVar, cast

from wslint.findings.span import Span
from wslint.linking.toplevel import Facet, Kind, TopLevelStatement, top_level_statements
from wslint.syntax import nodes as s
from wslint.syntax.lowering import Lowering
from wslint.syntax.search import mentions
from wslint.syntax.source import Source, Unreadable

T = TypeVar("T")
# a facet of statements, or what is searched in the text; "" is in every text
Question = tuple[Kind | Literal["text"], str]
WHOLE_TEXT: Question = ("text", "")


class Module:
    """A linked file. Its statements are lowered when a name leads to them.

    ``supports_tests``: functions of this file may create clients, sockets and the like.
    ``problems``: the statements that nest too deeply. ``asked``: what was asked of this file. The
    answers stay the same until a statement changes that has one of these facets or texts.
    """

    def __init__(self, source: Source, package: str, *, supports_tests: bool = True) -> None:
        self.path = source.path
        self.package = package
        self.supports_tests = supports_tests
        self.problems: list[Unreadable] = []
        self.asked: set[Question] = set()
        self.statements = top_level_statements(source.tree)
        self._source = source
        self._lowered: dict[int, s.Block] = {}
        self._bindings: dict[str, list[s.Stmt]] = {}
        self._derived: dict[object, object] = {}
        self._numbers: dict[Facet, list[int]] = {}
        for number, top in enumerate(self.statements):
            for facet in top.facets:
                self._numbers.setdefault(facet, []).append(number)

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

    def __contains__(self, name: str) -> bool:
        return bool(self._with(("binds", name)))

    def bindings(self, name: str) -> list[s.Stmt]:
        """Return the statements that bind a module-level name, in order."""
        numbers = self._with(("binds", name))
        if name not in self._bindings:
            self._bindings[name] = [
                statement
                for number in numbers
                for statement in flat(self._lower(number))
                if name in bound_names(statement)
            ]
        return self._bindings[name]

    def is_conditional(self, name: str, kind: Literal["binds", "uses"] = "binds") -> bool:
        """Return whether a name is bound inside an ``if``, ``try`` or the like, or used there."""
        return any(self.statements[number].conditional for number in self._with((kind, name)))

    def part(self, names: AbstractSet[str] | None) -> s.Block:
        """Return the statements that bind one of these names, or all of them."""
        if names is None:
            self.asked.add(WHOLE_TEXT)
            numbers: Iterable[int] = range(len(self.statements))
        else:
            numbers = self._with(*(("binds", name) for name in names))
        return tuple(statement for number in numbers for statement in self._lower(number))

    def calling(self, methods: AbstractSet[str]) -> list[s.Stmt]:
        """Return the statements that at import call, or decorate with, one of these names."""
        return self._flat_with(*(("calls", method) for method in methods))

    def mentions(self, names: AbstractSet[str]) -> bool:
        """Return whether one of these names occurs anywhere in the file's code."""
        self.asked.update(("text", name) for name in names)
        if not any(name in self._source.text for name in names):
            return False
        return any(
            any(name in text for name in names) and mentions(self._lower(number), names)
            for number, top in enumerate(self.statements)
            for text in (self.text_of(top),)
        )

    def text_of(self, top: TopLevelStatement) -> str:
        """Return the lines of a statement."""
        return "\n".join(self.lines[top.start - 1 : top.end])

    def occurrences(self, text: str) -> int:
        """Return how often a text occurs in the file."""
        self.asked.add(("text", text))
        return self._source.text.count(text)

    def has_word(self, words: tuple[str, ...], without: tuple[Span, ...]) -> bool:
        """Return whether one of these words occurs outside of some spans.

        Not in a path, nor in the module of ``from module import name``.
        """
        self.asked.update(("text", word) for word in words)
        return self.once(("word", words, without), lambda: self._has_word(words, without))

    def _has_word(self, words: tuple[str, ...], without: tuple[Span, ...]) -> bool:
        any_word = "|".join(map(re.escape, words))
        pattern = re.compile(rf"(?<!/)\b(?:{any_word})\b(?![\w.]*[ \t]+import\b)")
        hidden = {line for span in without for line in range(span.line, span.end_line + 1)}
        return any(
            pattern.search(line)
            for number, line in enumerate(self.lines, 1)
            if number not in hidden
        )

    @property
    def first_definition(self) -> s.Stmt | None:
        """The first function or class at the top of the file."""
        return next(iter(self._flat_with(("first definition", ""))), None)

    @property
    def stars(self) -> list[s.Import]:
        """The star imports."""
        numbers = self._with(("imports", "*"))
        return self.once(
            "stars", lambda: [one for one in self._imports_in(numbers) if one.name == "*"]
        )

    @property
    def imports(self) -> list[s.Import]:
        """The imports, one for each name."""
        numbers = self._with(("imports", ""))
        return self.once("imports", lambda: list(self._imports_in(numbers)))

    def _imports_in(self, numbers: Iterable[int]) -> Iterator[s.Import]:
        for number in numbers:
            yield from (each for each in flat(self._lower(number)) if isinstance(each, s.Import))

    @property
    def bound(self) -> frozenset[str]:
        """The names that the file binds, without those of star imports."""
        self.asked.add(WHOLE_TEXT)
        return self.once(
            "bound", lambda: frozenset(name for kind, name in self._numbers if kind == "binds")
        )

    @property
    def fixture_functions(self) -> s.Block:
        """The functions with a decorator called fixture."""
        found = self._flat_with(("fixture", ""))
        return self.once(
            "fixtures",
            lambda: tuple(
                each for each in found if isinstance(each, s.Function) and each.decorators
            ),
        )

    def replacements(self, names: AbstractSet[str]) -> list[s.Assign]:
        """Return the module-level assignments to an attribute of one of these names."""
        found = self._flat_with(*(("sets", name) for name in names))
        return [statement for statement in found if isinstance(statement, s.Assign)]

    def effects(self, name: str) -> list[s.Do]:
        """Return the module-level calls of a name's methods: ``client.__enter__()``."""
        return [
            statement
            for statement in self._flat_with(("uses", name))
            if isinstance(statement, s.Do)
            and isinstance(statement.value, s.Call)
            and isinstance(statement.value.func, s.Ref)
            and statement.value.func.parts[0] == name
        ]

    def state_of(self, name: str) -> dict[str, s.Expr]:
        """Return what module-level statements ``name.state.attribute = value`` assign."""
        return {
            target.parts[2]: statement.value
            for statement in self._flat_with(("state of", name))
            if isinstance(statement, s.Assign) and statement.value is not None
            for target in statement.targets
            if isinstance(target, s.Ref) and target.parts[:-1] == (name, "state")
        }

    def _flat_with(self, *facets: Facet) -> list[s.Stmt]:
        return [each for number in self._with(*facets) for each in flat(self._lower(number))]

    def _with(self, *facets: Facet) -> list[int]:
        """Return the numbers of the statements with one of these facets."""
        self.asked.update(facets)
        if len(facets) == 1:
            return self._numbers.get(facets[0], [])
        return sorted({number for facet in facets for number in self._numbers.get(facet, ())})

    def _lower(self, number: int) -> s.Block:
        if number not in self._lowered:
            top = self.statements[number]
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
