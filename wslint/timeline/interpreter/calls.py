"""Calls: project functions are inlined, library functions do what their role says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.interpreter.escape_analysis import Escaping
from wslint.timeline.interpreter.recorder import MAX_DEPTH, Frame, OutOfBudget, Site, Suspended
from wslint.timeline.interpreter.store import Store
from wslint.timeline.interpreter.values import (
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
    Func,
    Generator,
    Handle,
    Items,
    Klass,
    Library,
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
from wslint.timeline.model import Origin

Exit = Callable[[], None]
_MAKES_APPLICATIONS = frozenset(("FastAPI", "Starlette"))


class Invoker(Escaping):
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
            return self.call_around(func, args, span)
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
        return self._call_other(func, args, span)

    def _call_other(self, func: Value, args: Arguments, span: Span) -> Value:
        """Call what is callable only now and then, or not known to be."""
        if isinstance(func, Choice):
            options = [v for v in func.values if not isinstance(v, Constant)]
            return self.choose([lambda o=o: self.call(o, args, span) for o in options])  # type: ignore[misc]
        if isinstance(func, Object):
            method = self.attribute(func, "__call__", span)
            if isinstance(method, Bound):
                return self.call(method, args, span)
        if isinstance(func, (Handle, ManagerCall)) and len(args.values) == 1:
            return Around(func, args.values[0], self.origin(span))
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
        followed = func.module.supports_tests or self.holds_resource(args.all())
        if not followed and not mentions(func.node.body, _MAKES_APPLICATIONS):
            return self._passed_over(func, span)
        entry, self.entry = self.entry, False
        site = None if entry else self.site(span)
        env = self.bind_parameters(func, args)
        receiver = args.values[0] if func.owner is not None and args.values else None
        node = func.node
        if isinstance(node, s.Function) and node.is_generator:
            return Generator(func, env, receiver)
        if isinstance(node, s.Function) and node.is_async:
            run = lambda: self.run_function(func, env, receiver, site)  # noqa: E731
            if isinstance(receiver, Handle) and site is not None:
                return self.coroutine_of(receiver, node.name, site, run)
            return Coroutine(run, self.origin(span))
        return self.run_function(func, env, receiver, site)

    def coroutine_of(
        self, receiver: Handle, name: str, site: Site, run: Callable[[], Value]
    ) -> Coroutine:
        """Give the coroutine of a resource's method; an event tells whether something drives it."""
        made = self.event("Coroutine", name, receiver.resource.id, site)

        def drive() -> Value:
            made.driven = True
            return run()

        return Coroutine(drive, site.origin)

    def _passed_over(self, func: Func, span: Span) -> Value:
        """Give the value of a call of application code, which can't open or close anything."""
        value = Unknown("the result of application code")
        if isinstance(func.node, s.Function) and func.node.is_async:
            return Coroutine(lambda: value, self.origin(span))
        return value

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
            if param.kind == "*":
                value: Value = Items("tuple", values, args.exact)
                values = []
            elif param.kind == "**":
                named: dict[object, Value] = {
                    k: v for k, v in keywords.items() if not k.startswith("*")
                }
                value = Table(named, args.exact)
            elif param.kind == "positional" and values:
                value = values.pop(0)
            elif param.name in keywords:
                value = keywords.pop(param.name)
            elif param.default is not None and args.exact:
                default = param.default
                outer = func.env or self.module_env(func.module)
                value = self.at_import(outer, lambda: self.evaluate(default))  # noqa: B023
            else:
                value = Unknown(f"the argument {param.name} is not known")
            self.store.put(env.id, param.name, value)
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
        self, func: Func, env: Env, receiver: Value | None, site: Site | None
    ) -> Value:
        """Run a function's body to its end and give its value; no ``site``: a runner calls it."""
        node = func.node
        running = sum(frame.env.node is node for frame in self.frames)
        if len(self.frames) > MAX_DEPTH or running:
            reason = "it calls itself" if running else f"calls nest more than {MAX_DEPTH} deep"
            given = list(self.store.of(env.id).values())
            if self.holds_resource(given):
                self.unresolved(node.span if site is None else site.origin.place.span, reason)
                self.escape(given, node.span)
            return Unknown(reason)
        if site is None:
            return self._run_body(func, env, receiver, None)
        with self.calling(site.origin):
            return self._run_body(func, env, receiver, site)

    def _run_body(self, func: Func, env: Env, receiver: Value | None, site: Site | None) -> Value:
        frame = self.new_frame(func, env, receiver)
        frame.site = site
        self.frames.append(frame)
        before = self.store
        try:
            if isinstance(func.node, s.Lambda):
                return self.evaluate(func.node.body)
            falls = self.run_block(func.node.body)
            return self.leave(frame, falls, before)
        finally:
            self.frames.pop()

    def new_frame(self, func: Func, env: Env, receiver: Value | None) -> Frame:
        """Give a frame for a call of ``func``."""
        function = func.node if isinstance(func.node, s.Function) else None
        kind = self.kinds.get((func.module.path, func.node.span), "helper")
        owner = func.owner.node if func.owner is not None else None
        return Frame(env, kind, function, owner, func.owner, receiver)

    def leave(self, frame: Frame, falls: bool, before: Store) -> Value:
        """Bring the ways out of a body together and give the value it returns."""
        exits = list(frame.exits)
        if falls:
            exits.append((NONE, self.store, self.path))
        if not exits:
            return Unknown("the function never returns")
        self.store = self.joined(before, [store for _, store, _ in exits])
        self.path = self.join_paths([path for _, _, path in exits])
        return join([value for value, _, _ in exits])

    # generators

    def start(self, generator: Generator) -> tuple[Value, Exit]:
        """Run a generator to its ``yield``; give what it yields, and how to finish it."""
        func = generator.func
        body = func.node.body if isinstance(func.node, s.Function) else ()
        node = func.node
        if len(self.frames) > MAX_DEPTH or any(frame.env.node is node for frame in self.frames):
            raise OutOfBudget
        frame = self.new_frame(func, generator.env, generator.receiver)
        frame.suspends = True
        via, lane, path = self.via, self.lane, self.path
        self.frames.append(frame)
        try:
            self.run_block(body)
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
                frame.exits.clear()
                before = self.store
                self.leave(frame, self.resume_block(body), before)
            except Suspended:
                pass  # a second yield: what comes behind it is nobody's to run
            finally:
                self.frames.pop()
                self.via, self.lane = outer_via, outer_lane

        return value, finish

    # given by the layers above

    def call_around(self, func: Around, args: Arguments, span: Span) -> Value:
        """Call a function inside the context manager that decorates it."""
        raise NotImplementedError

    def enter(self, value: Value, span: Span) -> tuple[Value, Exit]:
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
