"""Attributes of values: modules, instances, classes with their bases, resources."""

from __future__ import annotations

from wslint.findings.span import Span
from wslint.linking.module import bound_names, flat
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.names import Names
from wslint.timeline.interpreter.recorder import Frame
from wslint.timeline.interpreter.values import (
    Arguments,
    Bound,
    Choice,
    Constant,
    Descriptor,
    Env,
    Handle,
    Items,
    Klass,
    Library,
    Made,
    Method,
    Object,
    ProjectModule,
    Super,
    Table,
    Unknown,
    Value,
    join,
)
from wslint.vocabulary import Role

Base = Klass | Library | Unknown
_PLAIN_BASES = ("builtins.", "abc.", "typing.", "typing_extensions.", "enum.", "contextlib.")


class Attributes(Names):
    """Looks attributes up, with Python's rules for instances, classes and bases."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self._class_envs: dict[tuple[str, Span], Env] = {}
        self._bases: dict[int, list[Base]] = {}
        self._pinned: list[Klass] = []

    def attribute(self, value: Value, name: str, span: Span) -> Value:
        """Give ``value.name``."""
        if isinstance(value, Library):
            return Library(f"{value.name}.{name}")
        if isinstance(value, ProjectModule):
            return self.module_attribute(value, name)
        if isinstance(value, (Object, Handle)):
            return self._instance_attribute(value, name, span)
        if isinstance(value, Klass):
            return self._class_attribute(value, name, span)
        if isinstance(value, Super):
            return self._super_attribute(value, name, span)
        if isinstance(value, Made):
            return self.store.get(value.id, name) or Method(value, name)
        if isinstance(value, (Items, Table, Constant)):
            return Method(value, name)
        if isinstance(value, Choice):
            # reading an attribute of None would have failed, so the value is another one here
            options = [v for v in value.values if not isinstance(v, Constant)]
            return join([self.attribute(option, name, span) for option in options])
        if isinstance(value, Unknown):
            return value
        return Method(value, name)

    def _instance_attribute(self, value: Object | Handle, name: str, span: Span) -> Value:
        stored = self.store.get(value.id, name)
        if stored is not None:
            return stored
        if value.klass is not None:
            for base in self.mro(value.klass):
                found = self._held_by_class(base, name)
                if found is not None:
                    bound = self.bind(found, value, span)
                    if isinstance(found, Descriptor) and found.kind == "cached":
                        self.store.put(value.id, name, bound)
                    return bound
        return Method(value, name)

    def _held_by_class(self, base: Base, name: str) -> Value | None:
        """Give what a class holds under a name: set while the test runs, or in its body."""
        stored = self.store.get(self.class_env(base).id, name) if isinstance(base, Klass) else None
        return stored if stored is not None else self.own_attribute(base, name)

    def _class_attribute(self, klass: Klass, name: str, span: Span) -> Value:
        for base in self.mro(klass):
            found = self._held_by_class(base, name)
            if found is not None:
                static = isinstance(found, Descriptor) and found.kind in ("static", "class")
                return self.bind(found, klass, span) if static else found
        return Method(klass, name)

    def _super_attribute(self, value: Super, name: str, span: Span) -> Value:
        receiver = value.receiver
        klass = receiver if isinstance(receiver, Klass) else getattr(receiver, "klass", None)
        bases = self.mro(klass) if klass is not None else []
        behind = False
        for base in bases:
            if behind:
                found = self._held_by_class(base, name)
                if found is not None:
                    return self.bind(found, receiver, span)
            behind = behind or (isinstance(base, Klass) and base.node is value.owner.node)
        return Method(receiver, name)

    def bind(self, value: Value, receiver: Value, span: Span) -> Value:
        """Give what reading a class attribute through an instance gives."""
        if isinstance(value, Descriptor):
            if value.kind == "static":
                return value.inner
            if value.kind == "class":
                klass = getattr(receiver, "klass", None) or receiver
                return Bound(value.inner, klass)
            return self.call(Bound(value.inner, receiver), Arguments(), span)
        if self.is_callable(value):
            return Bound(value, receiver)
        return value

    # classes

    def class_env(self, klass: Klass) -> Env:
        """Give the scope of a class body."""
        key = (klass.module.path, klass.node.span)
        if key not in self._class_envs:
            self._class_envs[key] = Env(self.number(), klass.module, klass.env, klass.node)
        return self._class_envs[key]

    def own_attribute(self, base: Base, name: str) -> Value | None:
        """Give what a class body itself binds to a name, None where it doesn't."""
        if not isinstance(base, Klass):
            return None
        env = self.class_env(base)
        if (env.id, name) in self.cells:
            return self.cells[env.id, name]
        statement = None
        for candidate in flat(base.node.body):
            if name in bound_names(candidate):
                statement = candidate
        if statement is None:
            return None
        self.cells[env.id, name] = Unknown(f"{name} is defined in a circle")
        self.cells[env.id, name] = value = self._class_binding(base, env, statement, name)
        return value

    def _class_binding(self, klass: Klass, env: Env, statement: s.Stmt, name: str) -> Value:
        if isinstance(statement, s.Function):
            return self.at_import(env, lambda: self.define(statement, env, klass))
        if isinstance(statement, s.Class):
            return Klass(statement, klass.module, env)
        if isinstance(statement, s.Import):
            return self.imported(statement, klass.module)
        if isinstance(statement, s.Assign):

            def run() -> None:
                self.frames = [Frame(env, "class", None, klass.node)]
                self.run_binding(statement)

            self.at_import(env, run)
            return self.store.get(env.id, name) or Unknown(f"{name} is set in an unusual way")
        return Unknown(f"{name} is set in an unusual way")

    def mro(self, klass: Klass) -> list[Base]:
        """List a class and its bases in the order in which attributes are looked up."""
        key = id(klass)
        if key not in self._bases:
            self._pinned.append(klass)
            self._bases[key] = [klass]
            env = klass.env or self.module_env(klass.module)
            lines: list[list[Base]] = []
            for written in klass.node.bases:
                expr = written.value if isinstance(written, s.Item) else written
                base = self.at_import(env, lambda expr=expr: self.evaluate(expr))  # type: ignore[misc]
                if isinstance(base, Klass):
                    lines.append(list(self.mro(base)))
                elif isinstance(base, Library):
                    lines.append([base])
                else:
                    lines.append([Unknown(getattr(base, "reason", "") or "a base is computed")])
            found = [klass, *_merged([*lines, [line[0] for line in lines]])]
            # a library's class comes behind every project class that may override it
            found.sort(key=lambda base: not isinstance(base, Klass))
            self._bases[key] = found
        return self._bases[key]

    def class_role(self, klass: Klass) -> tuple[Role, str]:
        """Give the role and name of the first library base that has a role, else two ""."""
        for base in self.mro(klass):
            if isinstance(base, Library):
                role = self.vocabulary.role(base.name)
                if role:
                    return role, base.name
        return "", ""

    @staticmethod
    def is_plain_base(base: Base) -> bool:
        """Tell whether a base is one of Python's own that give a class no new powers."""
        return isinstance(base, Library) and base.name.startswith(_PLAIN_BASES)

    def may_do_anything(self, klass: Klass) -> bool:
        """Tell whether a class has a base that can't be read and means nothing known."""
        return any(
            isinstance(base, Unknown)
            or (
                isinstance(base, Library)
                and not self.vocabulary.role(base.name)
                and not base.name.startswith(_PLAIN_BASES)
            )
            for base in self.mro(klass)
        )

    def field_names(self, klass: Klass) -> list[str]:
        """List the annotated names of a class and its bases: what a dataclass is made of."""
        names: dict[str, None] = {}
        for base in reversed(self.mro(klass)):
            for statement in base.node.body if isinstance(base, Klass) else ():
                if isinstance(statement, s.Assign) and statement.annotation is not None:
                    names.update(dict.fromkeys(bound_names(statement)))
        return list(names)

    def is_callable(self, value: Value) -> bool:
        """Tell whether reading the value through an instance binds it."""
        raise NotImplementedError

    def call(self, func: Value, args: Arguments, span: Span) -> Value:
        """Call a value."""
        raise NotImplementedError

    def evaluate(self, expr: s.Expr) -> Value:
        """Evaluate an expression."""
        raise NotImplementedError


def _merged(lines: list[list[Base]]) -> list[Base]:
    """Merge the lines of several bases as Python does; any order where there is none."""
    found: list[Base] = []
    while lines := [line for line in lines if line]:
        heads = (line[0] for line in lines)
        first = next((h for h in heads if not any(_holds(line[1:], h) for line in lines)), None)
        first = lines[0][0] if first is None else first
        found.append(first)
        lines = [[base for base in line if not _same(base, first)] for line in lines]
    return found


def _holds(line: list[Base], base: Base) -> bool:
    return any(_same(other, base) for other in line)


def _same(one: Base, other: Base) -> bool:
    return (
        one is other
        or (isinstance(one, Klass) and isinstance(other, Klass) and one.node is other.node)
        or (isinstance(one, Library) and isinstance(other, Library) and one.name == other.name)
    )
