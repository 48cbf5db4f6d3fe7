"""Names to values: local scopes, modules, imports, re-exports, builtins."""

from __future__ import annotations

import builtins
import os
from collections.abc import Callable

from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.recorder import Frame, State
from wslint.timeline.interpreter.values import (
    Constant,
    Env,
    Func,
    Handle,
    Klass,
    Library,
    ProjectModule,
    Unknown,
    Value,
    join,
)

_BUILTINS = frozenset(dir(builtins))


class Names(State):
    """Looks names up. What must be evaluated for it is evaluated at import time, once."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self._resolving: dict[tuple[str, str], int] = {}
        self._starring: set[tuple[str, str]] = set()

    def lookup(self, name: str, env: Env) -> Value:
        """Give the value of a plain name in a scope."""
        scope: Env | None = env
        while scope is not None:
            if name in scope.global_names:
                break
            # a class body's names are not seen from the functions in it
            if scope is env or not isinstance(scope.node, s.Class):
                value = self.store.get(scope.id, name)
                if value is not None:
                    return value
            scope = scope.parent
        value = self.module_name(env.module, name)
        if value is not None:
            return value
        if name in _BUILTINS:
            return Library(f"builtins.{name}")
        return Unknown(f"the name {name} is not defined where wslint looks")

    def module_name(self, module: Module, name: str) -> Value | None:
        """Give a module-level name's value, None where the module does not bind it."""
        env = self.module_env(module)
        if (env.id, name) in self.cells:
            return self.cells[env.id, name]
        if name not in module:
            return self._star_name(module, name)
        key = (module.path, name)
        # app = wrap(app): inside its own binding a name means the binding before
        bindings = module.bindings(name)
        count = self._resolving.get(key, len(bindings))
        statements = bindings[:count]
        if not statements:
            return Unknown(f"the name {name} is defined in a circle")
        values: list[Value] = []
        conditional = module.is_conditional(name)
        for number in range(count - 1, -1, -1):
            self._resolving[key] = number
            try:
                values.append(self._bind(module, env, statements[number], name))
            finally:
                del self._resolving[key]
                if count < len(bindings):
                    self._resolving[key] = count
            if not conditional:
                break
        value = self._prefer_known(values) if conditional else values[0]
        if key not in self._resolving:
            self.cells[env.id, name] = value
            self._run_effects(module, env, name, value)
        return value

    @staticmethod
    def _prefer_known(values: list[Value]) -> Value:
        """Of an import that is tried and its replacement, take what can be followed."""
        known = [value for value in values if not isinstance(value, (Unknown, Constant))]
        libraries = all(isinstance(value, Library) for value in known)
        return known[-1] if known and libraries else join(values)

    def _run_effects(self, module: Module, env: Env, name: str, value: Value) -> None:
        if isinstance(value, Handle):
            for effect in module.effects(name):
                self.at_import(env, lambda effect=effect: self.run_statement(effect))  # type: ignore[misc]

    def _star_name(self, module: Module, name: str) -> Value | None:
        if (module.path, name) in self._starring:
            return None
        self._starring.add((module.path, name))
        try:
            return self._name_of_stars(module, name)
        finally:
            self._starring.discard((module.path, name))

    def _name_of_stars(self, module: Module, name: str) -> Value | None:
        for star in reversed(module.stars):
            path = self.program.find(star.module, star.level, module.path)
            found = self.program.module(path) if path.endswith(".py") else None
            if found is not None and found is not module:
                value = self.module_name(found, name)
                if value is not None:
                    return value
            elif self.vocabulary.role(f"{star.module}.{name}"):
                return Library(f"{star.module}.{name}")
        return None

    def _bind(self, module: Module, env: Env, statement: s.Stmt, name: str) -> Value:
        if isinstance(statement, s.Import):
            return self.imported(statement, module)
        if isinstance(statement, s.Class):
            return Klass(statement, module, env)
        if isinstance(statement, s.Function):
            return self.at_import(env, lambda: self.define(statement, env, None))
        if isinstance(statement, (s.Assign, s.With)):
            self.at_import(env, lambda: self.run_binding(statement))
            value = self.store.get(env.id, name)
            return value if value is not None else Unknown(f"{name} is set in a way not followed")
        return Unknown(f"{name} is set in a loop")

    def at_import(self, env: Env, run: Callable[[], Value | bool | None]) -> Value:
        """Run code of a module's top level, before and beside the test."""
        saved = (self.path, self.lane, self.via, self.frames)
        self.path, self.lane, self.via = (), self.timeline.lanes[0], ()
        self.frames = [Frame(env, "module", None, None)]
        try:
            value = run()
        finally:
            self.path, self.lane, self.via, self.frames = saved
        return value if value is not None and not isinstance(value, bool) else Constant(None)

    # imports

    def imported(self, node: s.Import, module: Module) -> Value:
        """Give what an import statement binds."""
        dotted = node.module
        if node.level:
            parts = module.package.split(".") if module.package else []
            kept = parts[: len(parts) - (node.level - 1)] if node.level > 1 else parts
            dotted = ".".join([*kept, *([node.module] if node.module else [])])
        path = self.program.find(node.module, node.level, module.path)
        if node.name:
            return self._member(dotted, path, node.name)
        if node.alias:
            return ProjectModule(path, dotted) if path else Library(dotted)
        top = dotted.partition(".")[0]
        path = self.program.find(top, 0, module.path)
        return ProjectModule(path, top) if path else Library(top)

    def _member(self, dotted: str, path: str, name: str) -> Value:
        qualified = f"{dotted}.{name}" if dotted else name
        if self.vocabulary.role(qualified) or not path:
            return Library(qualified)
        return self.module_attribute(ProjectModule(path, dotted), name)

    def module_attribute(self, value: ProjectModule, name: str) -> Value:
        """Give ``module.name``: what the module binds, or a module below it."""
        qualified = f"{value.dotted}.{name}"
        if self.vocabulary.role(qualified):
            return Library(qualified)
        folder = value.path
        if value.path.endswith(".py"):
            module = self.program.module(value.path)
            if module is None:
                return Unknown(f"{os.path.basename(value.path)} can't be read")
            found = self.module_name(module, name)
            if found is not None:
                return found
            if os.path.basename(value.path) != "__init__.py":
                return Unknown(f"{name} is not defined in {os.path.basename(value.path)}")
            folder = os.path.dirname(value.path)
        below = self.program.find(name, 1, f"{folder}/__init__.py")
        if below:
            return ProjectModule(below, qualified)
        if not value.path.endswith(".py"):
            # a folder of the same name as a library that is not read
            return Library(qualified)
        return Unknown(f"{name} is not defined in {value.dotted}")

    # given by the layers above

    def define(self, node: s.Function, env: Env, owner: Klass | None) -> Value:
        """Give the value of a function definition with its decorators applied."""
        raise NotImplementedError

    def run_statement(self, statement: s.Stmt) -> bool:
        """Run one statement."""
        raise NotImplementedError

    def run_binding(self, statement: s.Assign | s.With) -> None:
        """Run the part of a module-level statement that binds names."""
        raise NotImplementedError

    def as_function(self, node: s.Function | s.Lambda, env: Env, owner: Klass | None) -> Func:
        """Give a plain function value."""
        return Func(node, env.module, env, owner)
