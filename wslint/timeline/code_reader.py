"""Describes functions and classes of an application, and what their names refer to.

Those are further functions and classes, and the objects at the top of a module that they share.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from wslint.findings.span import Place
from wslint.linking.module import Module, bound_names
from wslint.syntax import nodes as s
from wslint.syntax.search import refs, statements, walk
from wslint.timeline.application_model import DATABASE_ADAPTER, Code, CodeNames, Shared
from wslint.timeline.interpreter.frames import OutOfBudget
from wslint.timeline.interpreter.values import (
    Adapted,
    Around,
    Bound,
    Cached,
    Constant,
    Descriptor,
    Func,
    Items,
    Klass,
    Library,
    LibraryObject,
    Manager,
    Object,
    Partial,
    ProjectModule,
    Table,
    Value,
)

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

_DEPTH = 4


class CodeReader:
    """Reads the code of one test's application; each function and class once."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.application: LibraryObject | None = None
        """The one that ``websocket.app`` is in what is read."""
        self.startup: tuple[Code | None, ...] = ()
        """The code that runs when it starts, None for one that can't be followed."""
        self._set_later: AbstractSet[str] | None = frozenset()
        self._knows_state = False
        self._codes: dict[tuple[str, str, int], Code] = {}
        self._attributes: dict[Klass, Mapping[str, str]] = {}
        interpreter.at_release.append(self.release)

    def release(self) -> None:
        """Let go of the code that was read, which refers to this reader."""
        for code in self._codes.values():
            code.release()
        self._codes.clear()

    def code(self, value: Value | None, depth: int = 0) -> Code | None:
        """Return the description of a function or class, and of what it names."""
        while isinstance(value, (Manager, Around, Adapted, Cached, Descriptor, Bound, Partial)):
            value = value.func if isinstance(value, (Bound, Partial)) else value.inner
        if not isinstance(value, (Func, Klass)) or isinstance(value.node, s.Lambda):
            return None
        node = value.node
        key = (value.module.path, node.qualname, node.span.line)
        if key not in self._codes:
            find = partial(self._names, value, node, depth + 1, self.application)
            self._codes[key] = Code(value.module.path, node, find)
        return self._codes[key]

    def _names(
        self,
        owner: Func | Klass,
        node: s.Function | s.Class,
        depth: int,
        application: LibraryObject | None,
    ) -> CodeNames:
        """Return what the names in a function or class refer to."""
        uses: dict[str, Code | Shared] = {}
        depends: dict[str, Code | None] = {}
        if depth > _DEPTH:
            return CodeNames(uses, depends)
        self.application = application
        with suppress(OutOfBudget, RecursionError):
            uses |= self._uses(owner, node, depth)
            if isinstance(owner, Func) and isinstance(node, s.Function):
                uses.update(self._in_state(owner, node, depth))
            depends |= self._depends(owner, node, depth)
            if isinstance(node, s.Function):
                uses.update(self._injected(depends, depth))
        return CodeNames(uses, depends)

    def _uses(
        self, owner: Func | Klass, node: s.Function | s.Class, depth: int
    ) -> dict[str, Code | Shared]:
        """Return what the names in a function or class refer to outside of it.

        Most are names of libraries or its own, in every test: those are asked about once.
        """
        every = owner.module.once(("every name", id(node)), lambda: _names_in(node))
        owner.module.asked.update(("binds", parts[0]) for parts in every)
        names = owner.module.once(("names", id(node)), lambda: list(every))
        found = [(parts, named) for parts in names
                 if (named := self._named(owner, parts, depth)) is not None]  # fmt: skip
        if owner.env is None or owner.env.node is None:
            names[:] = [parts for parts, _ in found]
        return dict(named for _, named in found)

    def _depends(
        self, owner: Func | Klass, node: s.Function | s.Class, depth: int
    ) -> dict[str, Code | None]:
        """Return what FastAPI calls for the parameters of a function or class, by their names."""
        found: dict[str, Code | None] = {}
        for param in _params_of(node):
            for name in _depends_of(param.annotation, param.default):
                named = self._named(owner, name, depth)
                found[param.name] = named[1] if named and isinstance(named[1], Code) else None
            alias = param.annotation
            if isinstance(alias, s.Ref) and param.name not in found:
                found.update((param.name, code) for code in self._of_alias(owner, alias, depth))
        return found

    def _of_alias(self, owner: Func | Klass, alias: s.Ref, depth: int) -> Iterator[Code | None]:
        """Yield what FastAPI calls for ``alias = Annotated[type, Depends(function)]``."""
        module, name = owner.module, alias.parts[0]
        if name not in module:
            return
        if len(alias.parts) == 2:
            found = self.interpreter.names.module_name(module, name)
            path = found.path if isinstance(found, ProjectModule) else ""
            below = self.interpreter.program.module(path) if path.endswith(".py") else None
            if below is None:
                return
            module, name = below, alias.parts[1]
        home, own = self._home(module, name)
        for statement in home.bindings(own):
            value = statement.value if isinstance(statement, s.Assign) else None
            outer = value.value if isinstance(value, s.Item) else None
            if isinstance(value, s.Item) and isinstance(outer, s.Ref):
                for given in _depends_of(value):
                    yield self.code(self.interpreter.names.module_name(home, given[0]), depth)

    def _named(
        self, owner: Func | Klass, parts: tuple[str, ...], depth: int
    ) -> tuple[str, Code | Shared] | None:
        """Return the description of what a name in a function refers to outside of it."""
        interpreter, module, name = self.interpreter, owner.module, parts[0]
        outer = owner.env
        inner = outer is not None and outer.node is not None
        if not inner and name not in module:
            return None
        if not inner and (module.path, name) in interpreter.globals_set:
            given = self._local(interpreter.globals_set[module.path, name], name, depth)
            return None if given is None else (name, given)
        found = (
            interpreter.names.lookup(name, outer)
            if inner and outer is not None
            else interpreter.names.module_name(module, name)
        )
        if isinstance(found, ProjectModule) and found.path.endswith(".py") and len(parts) > 1:
            below = interpreter.program.module(found.path)
            if below is None or parts[1] not in below:
                return None
            module, name = below, parts[1]
            found = interpreter.names.module_name(module, name)
        used: Code | Shared | None = self.code(found, depth)
        if used is None:
            used = self._shared(found, module, name, depth)
        if used is None and inner and name == parts[0]:
            used = self._local(found, name, depth)
        return None if used is None else (name if name == parts[0] else f"{parts[0]}.{name}", used)

    def _shared(self, value: Value | None, module: Module, name: str, depth: int) -> Shared | None:
        """Return the description of an object that is made when its module is imported."""
        if name not in module or self.interpreter.names.module_name(module, name) is not value:
            return None
        kind = _kind(value)
        if not kind:
            return None
        code = self.code(value.klass, depth) if isinstance(value, Object) else None
        home, own = self._home(module, name)
        place = None
        for statement in home.bindings(own):
            if isinstance(statement, s.Assign):
                place = Place(home.path, statement.span)
        stem = os.path.splitext(os.path.basename(home.path))[0]
        dotted = ".".join(filter(None, (home.package, "" if stem == "__init__" else stem)))
        is_empty = isinstance(value, Table) and value.exact and not value.values
        written = value.value if isinstance(value, Constant) else None
        constant = written if isinstance(written, (str, int)) else None
        held = {
            name: Shared(f"{own}.{name}", kind, place) for name, kind in self._held(value).items()
        }
        return Shared(own, kind, place, code, dotted, id(value), constant, is_empty, held)

    def _held(self, value: Value | None) -> Mapping[str, str]:
        """Return the attributes that an object has from the beginning, and their classes.

        Only those of libraries are looked for.
        """
        klass = value.klass if isinstance(value, Object) else None
        if klass is None:
            return {}
        if klass not in self._attributes:
            env = klass.env or self.interpreter.names.module_env(klass.module)
            self._attributes[klass] = {
                name: made_by.name
                for name, called in _made_at_first(klass.node)
                if isinstance(
                    made_by := self.interpreter.expressions.evaluate_at_import(called, env), Library
                )
            }
        return self._attributes[klass]

    def _local(self, value: Value | None, name: str, depth: int) -> Shared | None:
        """Return the description of an object that a function of the test makes."""
        kind = _kind(value)
        if not kind:
            return None
        code = self.code(value.klass, depth) if isinstance(value, Object) else None
        return Shared(name, kind, None, code, "", id(value))

    def _injected(
        self, depends: Mapping[str, Code | None], depth: int
    ) -> Iterator[tuple[str, Shared]]:
        """Yield the parameters for which FastAPI gives a shared object: a dependency returns it.

        Or what the test overrides the dependency with does.
        """
        for param, function in depends.items():
            overrides = [
                other
                for app, one, other, *_ in self.interpreter.dependency_overrides
                if function is not None and one.node is function.node and app is self.application
            ]
            given: Code | Shared | None = None
            if overrides:
                given = self._returned_by(overrides[-1], depth)
            elif function is not None:
                given = function.uses.get(".".join(_name_returned(function.node)))
            if isinstance(given, Shared):
                yield param, given

    def _returned_by(self, function: Value, depth: int) -> Shared | None:
        """Return the object that a function of the test returns by its name."""
        name = _name_returned(function.node) if isinstance(function, Func) else ()
        if not isinstance(function, Func) or function.env is None or len(name) != 1:
            return None
        found = self.interpreter.names.lookup(name[0], function.env)
        return self._local(found, name[0], depth)

    def _in_state(self, owner: Func, node: s.Function, depth: int) -> Iterator[tuple[str, Shared]]:
        """Yield the objects in the state of an application, and names that stand for them."""
        names = owner.module.once(("names with a state", id(node)), lambda: _with_state(node))
        if not names:
            return
        attributes, later = self.interpreter.attributes, self._state_set_later()
        params = {param.name for param in node.params}
        found: dict[tuple[str, ...], Shared] = {}
        functions: dict[tuple[str, ...], Func] = {}
        for parts in names:
            end = parts.index("state") + 2
            value: Value | None = None
            if parts[1:3] == ("app", "state") and parts[0] in params:
                value = attributes.state(self.application, "".join(parts[3:4]))
            elif parts[1:2] == ("state",) and parts[0] not in params and owner.env is not None:
                app = self.interpreter.names.lookup(parts[0], owner.env)
                value = attributes.state(app, "".join(parts[2:3]))
            kind = _kind(value)
            if later is None or len(parts) < end or parts[end - 1] in later:
                continue
            if isinstance(value, Func):
                functions[parts[:end]] = value
            if kind:
                code = self.code(value.klass, depth) if isinstance(value, Object) else None
                name = f"app.state.{parts[end - 1]}"
                found[parts[:end]] = Shared(name, kind, None, code, "", id(value))
        yield from ((".".join(parts), shared) for parts, shared in found.items())
        for name, expr in _bound_once(node) if found or functions else ():
            called = expr.func if isinstance(expr, s.Call) and not expr.args else None
            given: Shared | None = None
            if isinstance(expr, s.Ref):
                given = found.get(expr.parts)
            elif isinstance(called, s.Ref) and called.parts in functions:
                given = self._returned_by(functions[called.parts], depth)
            if given is not None:
                yield name, given

    def _state_set_later(self) -> AbstractSet[str] | None:
        """Return the names in the application's state that its startup sets; None if unknown."""
        if not self._knows_state:
            self._knows_state = True  # the startup itself may ask
            known = [code for code in self.startup if code is not None]
            find = partial(self._state_set, known)
            if len(known) < len(self.startup):
                self._set_later = None
            elif any(self.interpreter.program.is_judged(code.path) for code in known):
                self._set_later = find()
            else:
                places = tuple(Place(code.path, code.node.span) for code in known)
                key = ("state set by the startup", places)
                self._set_later = self.interpreter.program.known.get(key, find)
        return self._set_later

    def _state_set(self, startup: Iterable[Code]) -> frozenset[str]:
        """Return the names in the state of an application that its startup may set."""
        program = self.interpreter.program
        return frozenset(
            target.parts[-1]
            for hook in startup
            for code in hook.reached()
            for node in (walk(code.node) if program.mentions(code.path, b".state.") else ())
            for target in (node.targets if isinstance(node, s.Assign) else ())
            if isinstance(target, s.Ref) and target.parts[-2:-1] == ("state",)
        )

    def _home(self, module: Module, name: str) -> tuple[Module, str]:
        """Return the module that binds a name by an assignment, and its name there."""
        for statement in reversed(module.bindings(name)):
            if isinstance(statement, s.Import) and statement.name:
                path = self.interpreter.program.find(statement.module, statement.level, module.path)
                found = self.interpreter.program.module(path) if path.endswith(".py") else None
                if found is not None and found is not module and statement.name in found:
                    return self._home(found, statement.name)
        return module, name


def _made_at_first(klass: s.Class) -> Iterator[tuple[str, s.Ref]]:
    """Yield the attributes that a class or its ``__init__`` sets to a new object, and its class."""
    for one in klass.body:
        yield from _made_by((one,), ())
        if isinstance(one, s.Function) and one.name == "__init__" and one.params:
            yield from _made_by(one.body, (one.params[0].name,))


def _made_by(body: s.Block, owner: tuple[str, ...]) -> Iterator[tuple[str, s.Ref]]:
    for statement in body:
        value = statement.value if isinstance(statement, s.Assign) else None
        if isinstance(statement, s.Assign) and isinstance(value, s.Call):
            factories = [a.value for a in value.args if a.keyword in ("default_factory", "factory")]
            made_by = factories[0] if factories else value.func
            for target in statement.targets:
                is_own = isinstance(target, s.Ref) and target.parts[:-1] == owner
                if is_own and isinstance(target, s.Ref) and isinstance(made_by, s.Ref):
                    yield target.parts[-1], made_by


def _bound_once(node: s.Function) -> Iterator[tuple[str, s.Expr]]:
    """Yield the names that a function binds by one statement, and what it assigns to each."""
    assigned: dict[str, list[s.Expr | None]] = {}
    for statement in statements(node.body):
        for name in bound_names(statement):
            value = statement.value if isinstance(statement, s.Assign) else None
            assigned.setdefault(name, []).append(value)
    for name, values in assigned.items():
        if len(values) == 1 and values[0] is not None:
            yield name, values[0]


def _name_returned(node: s.Function | s.Class | s.Lambda) -> tuple[str, ...]:
    """Return the name that a function returns or yields at its end, () if it is none."""
    if isinstance(node, s.Lambda):
        return node.body.parts if isinstance(node.body, s.Ref) else ()
    last = node.body[-1] if node.body else None
    value = last.value if isinstance(last, (s.Return, s.Do)) else None
    value = value.value if isinstance(value, s.Yield) else value
    return value.parts if isinstance(value, s.Ref) else ()


def _params_of(node: s.Function | s.Class) -> Iterator[s.Param]:
    """Yield the parameters of a function, or of the ``__init__`` of a class."""
    if isinstance(node, s.Function):
        yield from node.params
        return
    for one in node.body:
        if isinstance(one, s.Function) and one.name == "__init__":
            yield from one.params


def _depends_of(
    annotation: s.Expr | None, default: s.Expr | None = None
) -> Iterator[tuple[str, ...]]:
    """Yield the names of what ``Depends(…)`` and ``Security(…)`` of a parameter ask for.

    Without an argument that is its type.
    """
    of_type = annotation.index if isinstance(annotation, s.Item) else annotation
    of_type = of_type.items[0] if isinstance(of_type, s.Seq) and of_type.items else of_type
    for part in walk((annotation, default)):
        if isinstance(part, s.Call) and isinstance(part.func, s.Ref):
            args = [arg.value for arg in part.args if arg.keyword in ("", "dependency")]
            given = args[0] if args else of_type
            if part.func.parts[-1] in ("Depends", "Security") and isinstance(given, s.Ref):
                yield given.parts[:2]


def _with_state(node: s.Function) -> list[tuple[str, ...]]:
    """Return the dotted names in a function that have a part ``state``."""
    return list(dict.fromkeys(ref.parts for ref in refs(node.body) if "state" in ref.parts))


def _names_in(node: s.Function | s.Class) -> list[tuple[str, ...]]:
    """Return the dotted names in a function or class, up to their second part."""
    return list(dict.fromkeys(ref.parts[:2] for ref in refs(node)))


def _kind(value: Value | None) -> str:
    """Return what kind of object a value is, "" if it is none that can be shared."""
    if isinstance(value, Object):
        return "object" if value.klass is not None else ""
    if isinstance(value, (Items, Table)):
        return value.kind if isinstance(value, Items) else "dict"
    if isinstance(value, LibraryObject):
        return value.name
    if isinstance(value, Constant):
        return "None" if value.value is None else "constant"
    if isinstance(value, Adapted) and value.role == "DatabaseSyncToAsync":
        return DATABASE_ADAPTER
    return ""
