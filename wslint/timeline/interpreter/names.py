"""Names: local scopes, modules, imports, re-exports and builtins."""

from __future__ import annotations

import builtins
import os
from typing import TYPE_CHECKING

from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.values import (
    Constant,
    Env,
    Items,
    Klass,
    Library,
    LibraryObject,
    ProjectModule,
    ResourceRef,
    Unknown,
    Value,
    join,
)

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

_BUILTINS = frozenset(dir(builtins))


class Names:
    """Looks names up and binds them.

    A module-level name is evaluated once, when it is looked up first, as of import time.
    """

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._module_envs: dict[str, Env] = {}
        self._globals: dict[tuple[int, str], Value] = {}
        self._set_in_functions: set[str] = set()
        self._resolving: dict[tuple[str, str], int] = {}
        self._starring: set[tuple[str, str]] = set()

    def module_env(self, module: Module) -> Env:
        """Return the scope of a module's own names."""
        if module.path not in self._module_envs:
            self._module_envs[module.path] = Env(self.interpreter.number(), module)
        return self._module_envs[module.path]

    def lookup(self, name: str, env: Env) -> Value:
        """Return the value of a plain name in a scope."""
        store = self.interpreter.store
        scope: Env | None = env
        while scope is not None:
            if name in scope.global_names:
                break
            # the names of a class body are not visible to the functions in it
            if scope is env or not isinstance(scope.node, s.Class):
                value = store.get(scope.id, name)
                if value is not None:
                    return value
            scope = scope.parent
        value = self.module_name(env.module, name)
        if value is not None:
            return value
        if name in _BUILTINS:
            return Library(f"builtins.{name}")
        return Unknown(f"the name {name} is not defined where wslint looks")

    def bind(self, name: str, value: Value) -> None:
        """Bind a plain name in the running frame."""
        store, env = self.interpreter.store, self.interpreter.frame.env
        if name in env.global_names:
            key = (self.module_env(env.module).id, name)
            self._set_in_functions.add(name)
            # module-level names are not kept apart by branch
            before = self._globals.get(key) if self.interpreter.path else None
            self._globals[key] = value if before is None else join([before, value])
            return
        if name in env.outer_names:
            outer = env.parent
            while outer is not None:
                if store.get(outer.id, name) is not None:
                    env = outer
                    break
                outer = outer.parent
        store.put(env.id, name, value)

    # modules

    def module_name(self, module: Module, name: str) -> Value | None:
        """Return the value of a module-level name, None if the module does not bind it."""
        env = self.module_env(module)
        if (env.id, name) in self._globals:
            return self._globals[env.id, name]
        if name not in module:
            return self._star_name(module, name)
        key = (module.path, name)
        # app = wrap(app): in its own binding a name means the binding before
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
                values.append(self._bind_statement(module, env, statements[number], name))
            finally:
                del self._resolving[key]
                if count < len(bindings):
                    self._resolving[key] = count
            if not conditional:
                break
        value = self._prefer_known(values) if conditional else values[0]
        if key not in self._resolving:
            self._globals[env.id, name] = value
            self._run_effects(module, env, name, value)
        return value

    @staticmethod
    def _prefer_known(values: list[Value]) -> Value:
        """Return what can be followed of an import and its fallback."""
        known = [value for value in values if not isinstance(value, (Unknown, Constant))]
        libraries = all(isinstance(value, Library) for value in known)
        return known[-1] if known and libraries else join(values)

    def _run_effects(self, module: Module, env: Env, name: str, value: Value) -> None:
        if isinstance(value, (ResourceRef, Items)):
            run = self.interpreter.statements.run
            for effect in module.effects(name):
                self.interpreter.at_import(env, lambda effect=effect: run(effect))  # type: ignore[misc]
            if isinstance(value, Items) and module.is_conditional(name, "uses"):
                value.exact = False
        elif isinstance(value, LibraryObject):
            for attribute, expr in module.state_of(name).items():
                made = self.interpreter.expressions.evaluate_at_import(expr, env)
                self.interpreter.attributes.set_state(value, attribute, made)

    def _star_name(self, module: Module, name: str) -> Value | None:
        if (module.path, name) in self._starring or not self._may_be_star_name(module, name):
            return None
        self._starring.add((module.path, name))
        try:
            return self._name_of_stars(module, name, {module.path})
        finally:
            self._starring.discard((module.path, name))

    def _may_be_star_name(self, module: Module, name: str) -> bool:
        known = self.interpreter.program.star_names(module)
        if known is None or name in known.names or name in self._set_in_functions:
            return True
        role = self.interpreter.vocabulary.role
        return any(role(f"{library}.{name}") for library in known.libraries)

    def _name_of_stars(self, module: Module, name: str, seen: set[str]) -> Value | None:
        """Look a name up in the star imports of a module, in each of their modules once."""
        program = self.interpreter.program
        for star in reversed(module.stars):
            path = program.find(star.module, star.level, module.path)
            found = program.module(path) if path.endswith(".py") else None
            if found is not None:
                if found.path in seen:
                    continue
                seen.add(found.path)
                bound = name in found or (self.module_env(found).id, name) in self._globals
                value = (
                    self.module_name(found, name)
                    if bound
                    else self._name_of_stars(found, name, seen)
                )
                if value is not None:
                    return value
            elif self.interpreter.vocabulary.role(f"{star.module}.{name}"):
                return Library(f"{star.module}.{name}")
        return None

    def _bind_statement(self, module: Module, env: Env, statement: s.Stmt, name: str) -> Value:
        interpreter = self.interpreter
        if isinstance(statement, s.Import):
            return self.imported(statement, module)
        if isinstance(statement, s.Class):
            return Klass(statement, module, env)
        if isinstance(statement, s.Function):
            define = interpreter.decorators.define
            return interpreter.at_import(env, lambda: define(statement, env, None))
        if isinstance(statement, (s.Assign, s.With)):
            bind = interpreter.statements.run_binding
            interpreter.at_import(env, lambda: bind(statement))
            value = interpreter.store.get(env.id, name)
            return value if value is not None else Unknown(f"{name} is set in a way not followed")
        return Unknown(f"{name} is set in a loop")

    # imports

    def imported(self, node: s.Import, module: Module) -> Value:
        """Return the value that an import statement binds."""
        dotted = node.module
        if node.level:
            parts = module.package.split(".") if module.package else []
            kept = parts[: len(parts) - (node.level - 1)] if node.level > 1 else parts
            dotted = ".".join([*kept, *([node.module] if node.module else [])])
        path = self.interpreter.program.find(node.module, node.level, module.path)
        if node.name:
            return self._member(dotted, path, node.name)
        if node.alias:
            return ProjectModule(path, dotted) if path else Library(dotted)
        top = dotted.partition(".")[0]
        path = self.interpreter.program.find(top, 0, module.path)
        return ProjectModule(path, top) if path else Library(top)

    def _member(self, dotted: str, path: str, name: str) -> Value:
        qualified = f"{dotted}.{name}" if dotted else name
        if self.interpreter.vocabulary.role(qualified) or not path:
            return Library(qualified)
        return self.module_attribute(ProjectModule(path, dotted), name)

    def module_attribute(self, value: ProjectModule, name: str) -> Value:
        """Return ``module.name``: what the module binds, or a module below it."""
        program = self.interpreter.program
        qualified = f"{value.dotted}.{name}"
        if self.interpreter.vocabulary.role(qualified):
            return Library(qualified)
        folder = value.path
        if value.path.endswith(".py"):
            module = program.module(value.path)
            if module is None:
                return Unknown(f"{os.path.basename(value.path)} can't be read")
            found = self.module_name(module, name)
            if found is not None:
                return found
            if os.path.basename(value.path) != "__init__.py":
                return Unknown(f"{name} is not defined in {os.path.basename(value.path)}")
            folder = os.path.dirname(value.path)
        below = program.find(name, 1, f"{folder}/__init__.py")
        if below:
            return ProjectModule(below, qualified)
        if not value.path.endswith(".py"):
            # a folder with the name of a library that is not read
            return Library(qualified)
        return Unknown(f"{name} is not defined in {value.dotted}")
