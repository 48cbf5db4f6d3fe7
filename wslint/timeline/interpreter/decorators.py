"""Function definitions: what their decorators make of them."""

from __future__ import annotations

from collections.abc import Callable

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.calls import Invoker
from wslint.timeline.interpreter.values import (
    Adapted,
    Arguments,
    Around,
    Bound,
    Constant,
    Coroutine,
    Descriptor,
    Env,
    Fixture,
    Func,
    Generator,
    Handle,
    Klass,
    Library,
    Made,
    Manager,
    ManagerCall,
    Method,
    Partial,
    Unknown,
    Value,
)
from wslint.timeline.model import Decorated

_CALLABLE = (Func, Bound, Adapted, Around, Manager, Partial, Fixture)


class Decorating(Invoker):
    """Applies decorators."""

    def define(self, node: s.Function, env: Env, owner: Klass | None) -> Value:
        """Give the value of a function definition with its decorators applied."""
        value: Value = Func(node, env.module, env, owner)
        for expr in reversed(node.decorators):
            decorator = self.evaluate(expr)
            value = self.decorate(decorator, value, node, expr.span, owner)
        return value

    def decorate(
        self, decorator: Value, target: Value, node: s.Function, span: Span, owner: Klass | None
    ) -> Value:
        """Apply one decorator."""
        options = Arguments()
        if isinstance(decorator, Partial) and isinstance(decorator.func, Library):
            options, decorator = decorator.args, decorator.func
        if isinstance(decorator, Library):
            role = self.vocabulary.role(decorator.name)
            if role == "Fixture":
                return self._fixture(target, node, options, owner)
            if role == "ContextManager":
                return Manager(target)
            if role in ("AsyncToSync", "SyncToAsync", "DatabaseSyncToAsync"):
                return Adapted(role, target, self.origin(span))
            if role == "Keepalive":
                manager = self.call_library(decorator.name, options, span)
                return Around(manager, target, self.origin(span))
            if role == "Property":
                cached = decorator.name.endswith("cached_property")
                return Descriptor("cached" if cached else "property", target)
            if role == "Transparent":
                kinds = {"builtins.staticmethod": "static", "builtins.classmethod": "class"}
                kind = kinds.get(decorator.name)
                return Descriptor(kind, target) if kind else target
            return target
        if isinstance(decorator, (Handle, ManagerCall)):
            return self._around(decorator, target, span)
        if isinstance(decorator, (Made, Method)):
            if isinstance(decorator, Made):
                self.decorated[decorator.id] = target
            return target
        if isinstance(decorator, Partial) and isinstance(decorator.func, Library):
            return target
        if not isinstance(decorator, Unknown):
            decorator = self.call(decorator, Arguments([target]), span)
        if isinstance(decorator, Unknown):
            return Unknown(f"a decorator can't be followed: {decorator.reason}")
        return decorator

    def _around(self, manager: Value, target: Value, span: Span) -> Value:
        if isinstance(target, Fixture):
            # up to pytest 8 what it made is unwrapped, from 9 on it is no fixture
            self._is_over_before(manager, target.node, target.module.path)
            return target
        return Around(manager, target, self.origin(span))

    def _fixture(
        self, target: Value, node: s.Function, options: Arguments, owner: Klass | None
    ) -> Value:
        def text(name: str, default: str) -> str:
            value = options.keywords.get(name)
            known = isinstance(value, Constant) and isinstance(value.value, str)
            return str(value.value) if known else default  # type: ignore[union-attr]

        auto = options.keywords.get("autouse")
        autouse = isinstance(auto, Constant) and bool(auto.value)
        return Fixture(
            target, node, self.frame.env.module, text("scope", "function"), autouse,
            text("name", ""), options.keywords.get("params"), owner,
        )  # fmt: skip

    def is_callable(self, value: Value) -> bool:
        """Tell whether reading the value through an instance binds it."""
        return isinstance(value, _CALLABLE)

    def is_async(self, value: Value) -> bool:
        """Tell whether calling the value gives a coroutine, as inspect sees it."""
        if isinstance(value, Func):
            node = value.node
            return isinstance(node, s.Function) and node.is_async and not node.is_generator
        if isinstance(value, Adapted):
            return value.role != "AsyncToSync"
        if isinstance(value, (Around, Descriptor, Fixture)):
            return self.is_async(value.inner)
        if isinstance(value, (Bound, Partial)):
            return self.is_async(value.func)
        return False

    def call_around(self, func: Around, args: Arguments, span: Span) -> Value:
        """Call a function inside the context manager that decorates it."""

        def run(inside: Callable[[Value], Value]) -> Value:
            value, leave = self.enter(func.manager, func.origin.place.span)
            added = args
            if isinstance(func.manager, Handle) and func.manager.resource.injects:
                added = Arguments([*args.values, value], args.keywords, args.exact)
            made = self.call(func.inner, added, span)
            self._is_over_before_generator(func, made)
            result = inside(made)
            leave()
            return result

        if self.is_async(func):
            return Coroutine(
                lambda: run(lambda value: self.awaited(value, span)), self.origin(span)
            )
        return run(lambda value: value)

    def _is_over_before_generator(self, func: Around, made: Value) -> None:
        """Note that nothing of a decorated generator has run when its decorator is left."""
        inner = made.inner if isinstance(made, ManagerCall) else made
        generator = inner.func if isinstance(inner, Generator) else inner
        decorated = func.inner
        while isinstance(decorated, (Around, Bound, Manager)):
            decorated = decorated.func if isinstance(decorated, Bound) else decorated.inner
        if isinstance(generator, Func) and isinstance(decorated, Func):
            node = generator.node
            if node is decorated.node and isinstance(node, s.Function) and node.is_generator:
                self._is_over_before(func.manager, node, generator.module.path)

    def _is_over_before(self, manager: Value, node: s.Function, path: str) -> None:
        if isinstance(manager, Handle):
            manager.resource.over_before = Decorated(path, node)
