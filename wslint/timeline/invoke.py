"""Calls: project functions are inlined, library functions do what their role says."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from collections.abc import Iterator

from wslint.lower import script as s
from wslint.spans import Place, Span
from wslint.timeline.evaluate import Evaluator, Suspended
from wslint.timeline.model import Origin
from wslint.timeline.state import MAX_DEPTH, Frame, OutOfBudget
from wslint.timeline.values import (
    NONE,
    Adapted,
    Arguments,
    Around,
    Bound,
    Choice,
    Constant,
    Coroutine,
    Descriptor,
    Env,
    Fixture,
    Func,
    Generator,
    Handle,
    Items,
    Klass,
    Library,
    Made,
    Manager,
    ManagerCall,
    Method,
    Object,
    Partial,
    Table,
    Unknown,
    Value,
    join,
)

Exit = Callable[[], None]
_CALLABLE = (Func, Bound, Adapted, Around, Manager, Partial, Fixture)


class Invoker(Evaluator):
    """Calls values."""

    def call(self, func: Value, args: Arguments, span: Span) -> Value:
        """Call a value with evaluated arguments; ``span`` is the call's place."""
        self.step()
        if isinstance(func, Func):
            return self.invoke(func, args, span)
        if isinstance(func, Bound):
            return self.call(func.func, self._with_receiver(func.receiver, args), span)
        if isinstance(func, Klass):
            return self.instantiate(func, args, span)
        if isinstance(func, Library):
            return self.call_library(func.name, args, span)
        if isinstance(func, Method):
            return self.call_method(func.receiver, func.name, args, span)
        if isinstance(func, Adapted):
            return self.call_adapted(func, args, span)
        if isinstance(func, Around):
            return self._call_around(func, args, span)
        if isinstance(func, Manager):
            return ManagerCall(func.inner, args)
        if isinstance(func, Partial):
            merged = Arguments(
                [*func.args.values, *args.values],
                {**func.args.keywords, **args.keywords},
                func.args.exact and args.exact,
            )
            return self.call(func.func, merged, span)
        if isinstance(func, Descriptor):
            return self.call(func.inner, args, span)
        if isinstance(func, Choice):
            options = [v for v in func.values if not isinstance(v, Constant)]
            return self.choose([lambda o=o: self.call(o, args, span) for o in options])  # type: ignore[misc]
        if isinstance(func, Object):
            method = self.attribute(func, "__call__", span)
            if isinstance(method, Bound):
                return self.call(method, args, span)
        self.escape(args.all(), span)
        if isinstance(func, Unknown):
            return func
        return Unknown("the result of a call that can't be followed")

    @staticmethod
    def _with_receiver(receiver: Value, args: Arguments) -> Arguments:
        return Arguments([receiver, *args.values], args.keywords, args.exact)

    # project functions

    def invoke(self, func: Func, args: Arguments, span: Span) -> Value:
        """Call a project function: run it, or give its coroutine or generator."""
        entry, self.entry = self.entry, False
        env = self.bind_parameters(func, args)
        self.entry = entry
        receiver = args.values[0] if func.owner is not None and args.values else None
        node = func.node
        if isinstance(node, s.Function) and node.is_generator:
            return Generator(func, env, receiver)
        if isinstance(node, s.Function) and node.is_async:
            entered, origin = self.by_runner(), self.origin(span)
            called_at = None if entered else origin
            return Coroutine(lambda: self.run_function(func, env, receiver, called_at), origin)
        return self.run_function(
            func, env, receiver, None if self.by_runner() else self.origin(span)
        )

    def by_runner(self) -> bool:
        """Tell, once, whether a test runner makes this call and not the source."""
        entered, self.entry = self.entry, False
        return entered

    def call_by_runner(self, func: Value, args: Arguments, span: Span) -> Value:
        """Call a test, fixture or setUp as its runner does: there is no calling place."""
        self.entry = True
        saved, self.via = self.via, ()
        try:
            return self.call(func, args, span)
        finally:
            self.entry, self.via = False, saved

    def bind_parameters(self, func: Func, args: Arguments) -> Env:
        """Give a new scope in which the parameters of ``func`` hold their arguments."""
        env = Env(self.number(), func.module, func.env, func.node)
        values = list(args.values)
        keywords = dict(args.keywords)
        for param in func.node.params:
            key = (env.id, param.name)
            if param.kind == "*":
                self.store[key] = Items("tuple", values, args.exact)
                values = []
            elif param.kind == "**":
                named = {k: v for k, v in keywords.items() if not k.startswith("*")}
                self.store[key] = Table(dict(named), args.exact)
            elif param.kind == "positional" and values:
                self.store[key] = values.pop(0)
            elif param.name in keywords:
                self.store[key] = keywords.pop(param.name)
            elif param.default is not None and args.exact:
                default = param.default
                outer = func.env or self.module_env(func.module)
                self.store[key] = self.at_import(outer, lambda: self.evaluate(default))
            else:
                self.store[key] = Unknown(f"the argument {param.name} is not known")
        return env

    @contextmanager
    def calling(self, origin: Origin) -> Iterator[None]:
        """Run code whose place in the source is reached by a call at ``origin``."""
        saved = self.via
        self.via = (*origin.via, origin.place)
        try:
            yield
        finally:
            self.via = saved

    def run_function(
        self, func: Func, env: Env, receiver: Value | None, origin: Origin | None
    ) -> Value:
        """Run a function's body to its end and give its value."""
        node = func.node
        running = sum(frame.env.node is node for frame in self.frames)
        if len(self.frames) > MAX_DEPTH or running:
            reason = "it calls itself" if running else f"calls nest more than {MAX_DEPTH} deep"
            self.unresolved(node.span if origin is None else origin.place.span, reason)
            self.escape([v for (number, _), v in self.store.items() if number == env.id], node.span)
            return Unknown(reason)
        if origin is None:
            return self._run_body(func, env, receiver)
        with self.calling(origin):
            return self._run_body(func, env, receiver)

    def _run_body(self, func: Func, env: Env, receiver: Value | None) -> Value:
        frame = self.new_frame(func, env, receiver)
        self.frames.append(frame)
        try:
            if isinstance(func.node, s.Lambda):
                return self.evaluate(func.node.body)
            falls = self.run_block(func.node.body)
            return self.leave(frame, falls)
        finally:
            self.frames.pop()

    def new_frame(self, func: Func, env: Env, receiver: Value | None) -> Frame:
        """Give a frame for a call of ``func``."""
        function = func.node if isinstance(func.node, s.Function) else None
        kind = self.kinds.get((func.module.path, func.node.span), "helper")
        owner = func.owner.node if func.owner is not None else None
        return Frame(env, kind, function, owner, func.owner, receiver)

    def leave(self, frame: Frame, falls: bool) -> Value:
        """Bring the ways out of a body together and give the value it returns."""
        exits = list(frame.exits)
        if falls:
            exits.append((NONE, self.store, self.path))
        if not exits:
            return Unknown("the function never returns")
        self.store = self.join_stores([store for _, store, _ in exits])
        self.path = self.join_paths([path for _, _, path in exits])
        return join([value for value, _, _ in exits])

    # generators

    def start(self, generator: Generator) -> tuple[Value, Exit]:
        """Run a generator to its ``yield``; give what it yields, and how to finish it."""
        func = generator.func
        node = func.node
        assert isinstance(node, s.Function)
        if len(self.frames) > MAX_DEPTH or any(frame.env.node is node for frame in self.frames):
            raise OutOfBudget
        frame = self.new_frame(func, generator.env, generator.receiver)
        frame.suspends = True
        via, lane, path = self.via, self.lane, self.path
        self.frames.append(frame)
        try:
            self.run_block(node.body)
            value: Value = Unknown("the generator ends without a yield")
            suspended = False
        except Suspended as stop:
            value, suspended = stop.value, True
            if self.path != path:
                # which of several yields it stops at depends on a branch
                self.path = path
                self.escape([value], node.span)
        finally:
            self.frames.pop()

        def finish() -> None:
            if not suspended:
                return
            outer_via, outer_lane = self.via, self.lane
            self.via, self.lane = via, lane
            self.frames.append(frame)
            try:
                self.leave(frame, self.resume_block(node.body))
            finally:
                self.frames.pop()
                self.via, self.lane = outer_via, outer_lane

        return value, finish

    # decorators

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
            if role == "Property":
                return Descriptor("property", target)
            if role == "Transparent":
                kinds = {"builtins.staticmethod": "static", "builtins.classmethod": "class"}
                kind = kinds.get(decorator.name)
                return Descriptor(kind, target) if kind else target
            return target
        if isinstance(decorator, (Handle, ManagerCall)):
            return Around(decorator, target, self.origin(span))
        if isinstance(decorator, (Made, Method)):
            return target
        if isinstance(decorator, Unknown):
            self.unresolved(span, f"a decorator can't be followed: {decorator.reason}")
            return decorator
        if isinstance(decorator, Partial) and isinstance(decorator.func, Library):
            return target
        return self.call(decorator, Arguments([target]), span)

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
            text("name", node.name), options.keywords.get("params"), owner,
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

    def _call_around(self, func: Around, args: Arguments, span: Span) -> Value:
        def run(inside: Callable[[Value], Value]) -> Value:
            value, leave = self.enter(func.manager, func.origin.place.span, decorator=func.origin)
            added = args
            if isinstance(func.manager, Handle) and func.manager.resource.facts.get("injects"):
                added = Arguments([*args.values, value], args.keywords, args.exact)
            result = inside(self.call(func.inner, added, span))
            leave()
            return result

        if self.is_async(func):
            return Coroutine(
                lambda: run(lambda value: self.awaited(value, span)), self.origin(span)
            )
        return run(lambda value: value)

    # what is given away

    def escape(self, values: list[Value], span: Span, depth: int = 0) -> None:
        """Record that code which can't be read has got hold of these values."""
        if not self.timeline.resources or depth > 2:
            return
        for value in values:
            if isinstance(value, Handle):
                value.resource.escaped.append(self.now())
            elif isinstance(value, Items):
                self.escape(value.values, span, depth + 1)
            elif isinstance(value, Choice):
                self.escape(list(value.values), span, depth + 1)
            elif isinstance(value, Table):
                self.escape(list(value.values.values()), span, depth + 1)
            elif isinstance(value, Object):
                own = [v for (number, _), v in self.store.items() if number == value.id]
                self.escape(own, span, depth + 1)
            elif isinstance(value, (Func, Partial, Around)) and self._is_local(value):
                self.in_background(value, span)
            elif isinstance(value, (Partial, Bound)):
                held = value.args.all() if isinstance(value, Partial) else [value.receiver]
                self.escape(held, span, depth + 1)
            elif isinstance(value, Coroutine):
                with self.in_lane("background", None, concurrent=True):
                    value.run()

    @staticmethod
    def _is_local(value: Value) -> bool:
        while isinstance(value, (Partial, Around)):
            value = value.func if isinstance(value, Partial) else value.inner
        return isinstance(value, Func) and value.env is not None and value.env.node is not None

    def in_background(self, func: Value, span: Span, args: Arguments | None = None) -> None:
        """Run a function beside the rest, at times nobody knows."""
        with self.in_lane("background", self.origin(span), concurrent=True):
            store = dict(self.store)
            value = self.call(func, args or Arguments(exact=False), span)
            if isinstance(value, Coroutine):
                value.run()
            self.store = self.join_stores([store, self.store])

    # given by the layers above

    def enter(
        self, value: Value, span: Span, *, decorator: Origin | None = None
    ) -> tuple[Value, Exit]:
        """Enter a context manager; give what ``as`` binds, and how to leave it."""
        raise NotImplementedError

    def instantiate(self, klass: Klass, args: Arguments, span: Span) -> Value:
        """Make an instance of a project class."""
        raise NotImplementedError

    def call_library(self, name: str, args: Arguments, span: Span) -> Value:
        """Call a library's function or class."""
        raise NotImplementedError

    def call_method(self, receiver: Value, name: str, args: Arguments, span: Span) -> Value:
        """Call a method that isn't project code."""
        raise NotImplementedError

    def call_adapted(self, func: Adapted, args: Arguments, span: Span) -> Value:
        """Call a function through an adapter."""
        raise NotImplementedError

    def run_block(self, body: s.Block) -> bool:
        """Run statements; True where control reaches their end."""
        raise NotImplementedError

    def resume_block(self, body: s.Block) -> bool:
        """Run what comes behind the ``yield`` at which the body was left."""
        raise NotImplementedError


__all__ = ["Exit", "Invoker", "Place"]
