"""Decorators: the values of decorated functions, and what calling them does."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.values import (
    Adapted,
    Arguments,
    Around,
    Bound,
    Cached,
    CallSite,
    Constant,
    Coroutine,
    Descriptor,
    Env,
    Fixture,
    Func,
    Generator,
    Klass,
    Library,
    LibraryObject,
    Manager,
    ManagerCall,
    Method,
    OneOf,
    Partial,
    ResourceRef,
    Unknown,
    Value,
    join,
)
from wslint.timeline.model import Decorated, Origin

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

_CALLABLE = (Func, Bound, Adapted, Around, Cached, Manager, Partial, Fixture)


class Decorators:
    """Applies decorators, and calls what they decorate with a context manager."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.targets: dict[int, Value] = {}
        """What a library's object decorates, by its number."""

    def define(self, node: s.Function, env: Env, owner: Klass | None) -> Value:
        """Return the value of a function definition with its decorators applied."""
        interpreter = self.interpreter
        value: Value = Func(node, env.module, env, owner)
        for expr in reversed(node.decorators):
            if env.module.supports_tests and isinstance(expr, s.Call):
                # what the project makes a decorator with may be anywhere
                with interpreter.application_followed():
                    decorator = interpreter.expressions.evaluate(expr)
            else:
                decorator = interpreter.expressions.evaluate(expr)
            site = interpreter.recorder.site(expr.span)
            value = self.apply(decorator, value, node, owner, site)
        return value

    def apply(
        self, decorator: Value, target: Value, node: s.Function, owner: Klass | None, site: CallSite
    ) -> Value:
        """Return what one decorator makes of a function."""
        if isinstance(decorator, OneOf):
            made = [self.apply(one, target, node, owner, site) for one in decorator.values]
            return made[0] if all(one is made[0] for one in made) else join(made)
        options = Arguments()
        if isinstance(decorator, Partial) and isinstance(decorator.func, Library):
            options, decorator = decorator.args, decorator.func
        if isinstance(decorator, Library):
            return self._apply_library(decorator, target, node, owner, site, options)
        if isinstance(decorator, (ResourceRef, ManagerCall)):
            return self._around(decorator, target, site.origin)
        if isinstance(decorator, (LibraryObject, Method)):
            if isinstance(decorator, LibraryObject):
                self.targets[decorator.id] = target
            return target
        if isinstance(decorator, Partial) and isinstance(decorator.func, Library):
            return target
        if not isinstance(decorator, Unknown):
            decorator = self.interpreter.calls.call(decorator, Arguments([target]), site)
            if isinstance(decorator, LibraryObject):
                return target  # a library's decorator, which may stand above the test as well
        if isinstance(decorator, Unknown):
            return Unknown(f"a decorator can't be followed: {decorator.reason}")
        return decorator

    def _apply_library(
        self,
        decorator: Library,
        target: Value,
        node: s.Function,
        owner: Klass | None,
        site: CallSite,
        options: Arguments,
    ) -> Value:
        role = self.interpreter.vocabulary.role(decorator.name)
        if role == "Fixture":
            return self._fixture(target, decorator.name, node, options, owner)
        if role == "ContextManager":
            return Manager(target)
        if role in ("AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync"):
            return Adapted(role, target, site.origin)
        if role == "Keepalive":
            manager = self.interpreter.calls.call_library(decorator.name, options, site)
            return Around(manager, target, site.origin)
        if role == "Property":
            cached = decorator.name.endswith("cached_property")
            return Descriptor("cached" if cached else "property", target)
        if role == "Cache":
            return Cached(target)
        if role == "Transparent":
            kinds = {"builtins.staticmethod": "static", "builtins.classmethod": "class"}
            kind = kinds.get(decorator.name)
            return Descriptor(kind, target) if kind else target
        return target

    def _around(self, manager: Value, target: Value, origin: Origin) -> Value:
        if isinstance(target, Fixture):
            # up to pytest 8 the decorated function is unwrapped, from 9 on it is no fixture
            self._note_over_before(manager, target.node, target.module.path)
            return target
        return Around(manager, target, origin)

    def _fixture(
        self,
        target: Value,
        made_by: str,
        node: s.Function,
        options: Arguments,
        owner: Klass | None,
    ) -> Value:
        def text(name: str, default: str) -> str:
            value = options.keywords.get(name)
            known = isinstance(value, Constant) and isinstance(value.value, str)
            return str(value.value) if known else default  # type: ignore[union-attr]

        auto = options.keywords.get("autouse")
        autouse = isinstance(auto, Constant) and bool(auto.value)
        return Fixture(
            target, made_by, node, self.interpreter.frame.env.module, text("scope", "function"),
            autouse, text("name", ""), options.keywords.get("params"), owner,
            text("loop_scope", ""),
        )  # fmt: skip

    @staticmethod
    def is_callable(value: Value) -> bool:
        """Return whether reading the value through an instance binds it."""
        return isinstance(value, _CALLABLE)

    def is_async(self, value: Value) -> bool:
        """Return whether inspect takes the value for a coroutine function."""
        if isinstance(value, Func):
            node = value.node
            return isinstance(node, s.Function) and node.is_async and not node.is_generator
        if isinstance(value, Adapted):
            return value.role != "AsyncToSync"
        if isinstance(value, (Around, Cached, Descriptor, Fixture)):
            return self.is_async(value.inner)
        if isinstance(value, (Bound, Partial)):
            return self.is_async(value.func)
        return False

    def call_around(self, func: Around, args: Arguments, site: CallSite) -> Value:
        """Call a function in the context manager that decorates it."""
        interpreter, manager = self.interpreter, func.manager

        def run(settle: Callable[[Value], Value]) -> Value:
            frame = interpreter.frame
            origin = Origin(func.origin.place, interpreter.via)
            entering = CallSite(origin, frame.function, frame.statement)
            value, leave = interpreter.context_managers.enter(manager, entering)
            added = args
            if isinstance(manager, ResourceRef) and manager.resource.injects:
                added = Arguments([*args.values, value], args.keywords, args.exact)
            made = interpreter.calls.call(func.inner, added, site)
            self._note_decorated_generator(func, made)
            result = settle(made)
            leave()
            return result

        if self.is_async(func):
            return Coroutine(lambda: run(interpreter.expressions.awaited), site.origin)
        return run(lambda value: value)

    def _note_decorated_generator(self, func: Around, made: Value) -> None:
        """Note that nothing of a decorated generator has run when its decorator is left."""
        inner = made.inner if isinstance(made, ManagerCall) else made
        generator = inner.func if isinstance(inner, Generator) else inner
        decorated = func.inner
        while isinstance(decorated, (Around, Bound, Manager)):
            decorated = decorated.func if isinstance(decorated, Bound) else decorated.inner
        if isinstance(generator, Func) and isinstance(decorated, Func):
            node = generator.node
            if node is decorated.node and isinstance(node, s.Function) and node.is_generator:
                self._note_over_before(func.manager, node, generator.module.path)

    @staticmethod
    def _note_over_before(manager: Value, node: s.Function, path: str) -> None:
        if isinstance(manager, ResourceRef):
            manager.resource.over_before = Decorated(path, node)
