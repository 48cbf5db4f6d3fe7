"""Classes of the project: their bases, and what their bodies bind."""

from __future__ import annotations

from collections import Counter, deque
from itertools import islice
from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.linking.module import bound_names
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.frames import Frame
from wslint.timeline.interpreter.values import Env, Klass, Library, Unknown, Value
from wslint.vocabulary import KEEPALIVE_MIXIN, Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wslint.timeline.interpreter.interpreter import Interpreter

Base = Klass | Library | Unknown
_PLAIN_BASES = (
    *("builtins.", "abc.", "typing.", "typing_extensions.", "enum.", "contextlib."),
    KEEPALIVE_MIXIN,
)


class Classes:
    """Evaluates class bodies and bases when they are needed, once, as of import time."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._envs: dict[tuple[str, Span], Env] = {}
        self._attributes: dict[tuple[int, str], Value] = {}
        self._bases: dict[int, list[Base]] = {}
        self._pinned: list[Klass] = []

    def env(self, klass: Klass) -> Env:
        """Return the scope of a class body."""
        key = (klass.module.path, klass.node.span)
        if key not in self._envs:
            number = self.interpreter.number()
            self._envs[key] = Env(number, klass.module, klass.env, klass.node)
        return self._envs[key]

    def own_attribute(self, base: Base, name: str) -> Value | None:
        """Return what a class body itself binds to a name, None if nothing."""
        if not isinstance(base, Klass):
            return None
        env = self.env(base)
        if (env.id, name) in self._attributes:
            return self._attributes[env.id, name]
        statement = base.module.class_bindings(base.node).get(name)
        if statement is None:
            return None
        self._attributes[env.id, name] = Unknown(f"{name} is defined in a circle")
        self._attributes[env.id, name] = value = self._bound(base, env, statement, name)
        return value

    def _bound(self, klass: Klass, env: Env, statement: s.Stmt, name: str) -> Value:
        interpreter = self.interpreter
        if isinstance(statement, s.Function):
            define = interpreter.decorators.define
            return interpreter.at_import(env, lambda: define(statement, env, klass))
        if isinstance(statement, s.Class):
            return Klass(statement, klass.module, env)
        if isinstance(statement, s.Import):
            return interpreter.names.imported(statement, klass.module)
        if isinstance(statement, s.Assign):
            bind = interpreter.statements.run_binding
            frame = Frame(env, "class", None, klass.node)
            interpreter.at_import(env, lambda: bind(statement), frame)
            value = interpreter.store.get(env.id, name)
            return value or Unknown(f"{name} is set in an unusual way")
        return Unknown(f"{name} is set in an unusual way")

    def found_attribute(self, klass: Klass, name: str) -> Value | None:
        """Return what the body of a class or of one of its bases binds, None if nothing."""
        for base in self.mro(klass):
            found = self.own_attribute(base, name)
            if found is not None:
                return found
        return None

    def mro(self, klass: Klass) -> list[Base]:
        """Return a class and its bases in the order in which attributes are looked up."""
        key = id(klass)
        if key not in self._bases:
            self._pinned.append(klass)
            self._bases[key] = [klass]
            lines = [self._line(klass, written) for written in klass.node.bases]
            found = [klass, *_merged([*lines, [line[0] for line in lines]])]
            # a library's class comes after every project class that may override it
            found.sort(key=lambda base: not isinstance(base, Klass))
            self._bases[key] = found
        return self._bases[key]

    def _line(self, klass: Klass, written: s.Expr) -> list[Base]:
        """Return the mro of one base."""
        interpreter = self.interpreter
        expr = written.value if isinstance(written, s.Item) else written
        env = klass.env or interpreter.names.module_env(klass.module)
        base = interpreter.expressions.evaluate_at_import(expr, env)
        if isinstance(base, Klass):
            return list(self.mro(base))
        if isinstance(base, Library):
            return [base]
        return [Unknown(getattr(base, "reason", "") or "a base is computed")]

    def role(self, klass: Klass) -> tuple[Role, str]:
        """Return the role and name of the first library base that has a role, else two ""."""
        for base in self.mro(klass):
            if isinstance(base, Library):
                role = self.interpreter.vocabulary.role(base.name)
                if role:
                    return role, base.name
        return "", ""

    @staticmethod
    def is_plain_base(base: Base) -> bool:
        """Return whether a base is one of Python's own, which adds nothing of interest."""
        return isinstance(base, Library) and base.name.startswith(_PLAIN_BASES)

    def may_do_anything(self, klass: Klass) -> bool:
        """Return whether a class has a base of which nothing is known."""
        return any(
            isinstance(base, Unknown)
            or (
                isinstance(base, Library)
                and not self.interpreter.vocabulary.role(base.name)
                and not base.name.startswith(_PLAIN_BASES)
            )
            for base in self.mro(klass)
        )

    def field_names(self, klass: Klass) -> list[str]:
        """Return the annotated names of a class and its bases: the fields of a dataclass."""
        names: dict[str, None] = {}
        for base in reversed(self.mro(klass)):
            for statement in base.node.body if isinstance(base, Klass) else ():
                if isinstance(statement, s.Assign) and statement.annotation is not None:
                    names.update(dict.fromkeys(bound_names(statement)))
        return list(names)


def _merged(lines: list[list[Base]]) -> list[Base]:
    """Merge the mros of several bases as Python does; in any order if Python would fail."""
    if len(lines) == 2:  # of a single base, and that base
        return lines[0]
    todo = [deque((_key(base), base) for base in line) for line in lines]
    behind = _behind_heads(todo)
    found: list[Base] = []
    while todo := [line for line in todo if line]:
        heads = (line[0] for line in todo)
        key, first = next((head for head in heads if not behind[head[0]]), todo[0][0])
        found.append(first)
        if behind[key]:
            todo = [deque(one for one in line if one[0] != key) for line in todo]
            behind = _behind_heads(todo)
            continue
        for line in todo:
            if line[0][0] == key:
                line.popleft()
                if line:
                    behind[line[0][0]] -= 1
    return found


def _behind_heads(lines: Iterable[Iterable[tuple[object, Base]]]) -> Counter[object]:
    """Count the bases that are not the first of a line."""
    return Counter(key for line in lines for key, _ in islice(line, 1, None))


def _key(base: Base) -> object:
    """Return what two objects for the same class have in common."""
    if isinstance(base, Klass):
        return id(base.node)
    return base.name if isinstance(base, Library) else (id(base),)
