"""Functions of the project: their calls are followed into their bodies."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.interpreter.frames import Frame, OutOfBudget, Suspended
from wslint.timeline.interpreter.statements import yields
from wslint.timeline.interpreter.store import Store
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    CallSite,
    Coroutine,
    Env,
    Exit,
    Func,
    Generator,
    Items,
    LibraryObject,
    Object,
    ResourceRef,
    Table,
    Unknown,
    Value,
    is_asgi,
    join,
)
from wslint.timeline.model import FrameKind, Origin
from wslint.vocabulary import ASGI_PARTS, SOCKET_METHODS

if TYPE_CHECKING:
    from wslint.linking.module import Module
    from wslint.timeline.interpreter.interpreter import Interpreter

MAX_DEPTH = 8
_LAYERS = 4
# application code that makes an application, or sends a message, matters to a test
_FOLLOWED = frozenset(("FastAPI", "Starlette", "on_commit", "group_send"))


class Functions:
    """Runs functions, and generators up to their ``yield`` and from there to their end."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._kinds: dict[tuple[str, Span], FrameKind] = {}
        self._waiting: dict[str, frozenset[str]] = {}

    def mark_as(self, kind: FrameKind, path: str, node: s.Function | s.Lambda) -> None:
        """Note what a function is to its runner; any other is a helper."""
        self._kinds[path, node.span] = kind

    def invoke(self, func: Func, args: Arguments, site: CallSite) -> Value:
        """Call a function: run it, or return its coroutine or generator."""
        interpreter = self.interpreter
        followed = (
            func.module.supports_tests
            or interpreter.follows_application
            or interpreter.escapes.holds_resource(args.all())
            or any(map(self._is_application, args.all()))
            or self._decorates_test(func, args)
            or _only_formats(func)
        )
        if not followed and not self._leads_on(func):
            return self._skip(func, site)
        env = self._bind_parameters(func, args)
        receiver = args.values[0] if func.owner is not None and args.values else None
        node = func.node
        if isinstance(node, s.Function) and node.is_generator:
            return Generator(func, env, receiver)
        if isinstance(node, s.Function) and node.is_async:
            run = lambda: self._run(func, env, receiver, site)  # noqa: E731
            if isinstance(receiver, ResourceRef) and not site.by_runner:
                return self.coroutine_of(receiver, node.name, site, run)
            return Coroutine(run, site.origin)
        return self._run(func, env, receiver, site)

    def _leads_on(self, func: Func) -> bool:
        """Return whether application code, or what it calls, makes an application or a message."""
        body = func.node.body
        # kept with the answer: a body that some code makes up has no other owner
        _, answer = func.module.once(
            ("followed names", id(body)), lambda: (body, mentions(body, _FOLLOWED))
        )
        if answer or not self.interpreter.timeline.test.database:
            return answer  # without a database nothing waits for a commit
        names = self._names_waiting_for_commit(func.module)
        return bool(names) and mentions(body, names)

    def _names_waiting_for_commit(self, module: Module) -> frozenset[str]:
        """Return the names of a module's functions and imports that lead to ``on_commit``."""
        if module.path not in self._waiting:
            program, found = self.interpreter.program, set[str]()
            for entry in module.imports:
                path = program.find(entry.module, entry.level, module.path)
                if entry.name and path.endswith(".py") and program.mentions(path, b"on_commit"):
                    found.add(entry.alias or entry.name)
            for statement in module.calling({"on_commit"}):
                methods = statement.body if isinstance(statement, s.Class) else (statement,)
                found |= {
                    one.name
                    for one in methods
                    if isinstance(one, s.Function) and mentions(one.body, _FOLLOWED)
                }
            self._waiting[module.path] = frozenset(found)
        return self._waiting[module.path]

    def _decorates_test(self, func: Func, args: Arguments) -> bool:
        """Return whether a function is a decorator of test code, or the wrapper that one made."""
        given = list(args.values[:1])
        if func.env is not None:
            given += self.interpreter.store.of(func.env.id).values()
        return any(isinstance(one, Func) and one.module.supports_tests for one in given)

    def _is_application(self, value: Value, depth: int = 0) -> bool:
        """Return whether a value is a consumer, or what is put around one: that is followed."""
        if isinstance(value, LibraryObject):
            return value.name.startswith(ASGI_PARTS)
        inner: list[Value] = []
        if isinstance(value, Items):
            inner = value.values[:1]
        elif isinstance(value, Object):
            inner = list(self.interpreter.store.of(value.id).values())
        elif isinstance(value, Func) and is_asgi(value.node):
            inner = list(self.interpreter.store.of(value.env.id).values()) if value.env else []
        return depth < _LAYERS and any(self._is_application(one, depth + 1) for one in inner)

    def _skip(self, func: Func, site: CallSite) -> Value:
        """Return the result of application code, which can't open or close anything."""
        value = Unknown("the result of application code")
        if isinstance(func.node, s.Function) and func.node.is_async:
            return Coroutine(lambda: value, site.origin)
        return value

    def coroutine_of(
        self, receiver: ResourceRef, name: str, site: CallSite, run: Callable[[], Value]
    ) -> Coroutine:
        """Return the coroutine of a resource's method, with an event that says if it is driven."""
        made = self.interpreter.recorder.event("Coroutine", name, receiver.resource.id, site)

        def drive() -> Value:
            made.driven = True
            return run()

        return Coroutine(drive, site.origin, made)

    def _bind_parameters(self, func: Func, args: Arguments) -> Env:
        """Return a new scope in which the parameters of ``func`` have their arguments."""
        interpreter = self.interpreter
        env = Env(interpreter.number(), func.module, func.env, func.node)
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
                outer = func.env or interpreter.names.module_env(func.module)
                value = interpreter.expressions.evaluate_at_import(param.default, outer)
            else:
                value = Unknown(f"the argument {param.name} is not known")
            interpreter.store.put(env.id, param.name, value)
        return env

    def _run(self, func: Func, env: Env, receiver: Value | None, site: CallSite) -> Value:
        """Run a function's body to its end and return its value."""
        interpreter, node = self.interpreter, func.node
        running = any(frame.env.node is node for frame in interpreter.frames)
        if running or len(interpreter.frames) > MAX_DEPTH:
            reason = "it calls itself" if running else f"calls nest more than {MAX_DEPTH} deep"
            given = list(interpreter.store.of(env.id).values())
            if interpreter.escapes.holds_resource(given):
                roles = {one.resource.role for one in given if isinstance(one, ResourceRef)}
                socket = "TestClient" in roles and (not running or mentions(node, SOCKET_METHODS))
                interpreter.recorder.unresolved(site.origin.place, reason, socket=socket)
                interpreter.escapes.mark(given, node.span)
            return Unknown(reason)
        if site.by_runner:
            return self._run_body(func, env, receiver, None)
        with interpreter.called_at(site.origin):
            return self._run_body(func, env, receiver, site)

    def _run_body(
        self, func: Func, env: Env, receiver: Value | None, site: CallSite | None
    ) -> Value:
        interpreter = self.interpreter
        frame = self._new_frame(func, env, receiver)
        frame.site = site
        interpreter.frames.append(frame)
        before = interpreter.store
        known = len(interpreter.timeline.scopes)
        try:
            if isinstance(func.node, s.Lambda):
                return interpreter.expressions.evaluate(func.node.body)
            falls = interpreter.statements.run_block(func.node.body)
            value = self._leave(frame, falls, before)
            interpreter.recorder.close_blocks(known)
            return value
        finally:
            interpreter.frames.pop()

    def _new_frame(self, func: Func, env: Env, receiver: Value | None) -> Frame:
        if self.interpreter.program.is_support(func.module.path):
            self.interpreter.test_modules[func.module.path] = func.module
        function = func.node if isinstance(func.node, s.Function) else None
        kind = self._kinds.get((func.module.path, func.node.span), "helper")
        owner = func.owner.node if func.owner is not None else None
        return Frame(env, kind, function, owner, func.owner, receiver)

    def _leave(self, frame: Frame, falls: bool, before: Store) -> Value:
        """Merge the ways out of a body and return its value."""
        interpreter = self.interpreter
        exits = list(frame.exits)
        if falls:
            exits.append((NONE, interpreter.store, interpreter.path))
        if not exits:
            return Unknown("the function never returns")
        interpreter.store = interpreter.merge_stores(before, [store for _, store, _ in exits])
        interpreter.path = interpreter.merge_paths([path for _, _, path in exits])
        return join([value for value, _, _ in exits])

    # generators

    def iterate(
        self, generator: Generator, origin: Origin, body: Callable[[Value], bool]
    ) -> bool | None:
        """Run a generator for a loop with some ``body``; True if it may come to its end.

        None if it can't be followed. ``origin`` is what the loop goes through.
        """
        interpreter, func = self.interpreter, generator.func
        frames, node = interpreter.frames, func.node
        running = any(frame.env.node is node for frame in frames)
        if isinstance(node, s.Lambda) or running or len(frames) > MAX_DEPTH:
            return None
        if _catches_at_yield(node.body):
            return None
        frame = self._new_frame(func, generator.env, generator.receiver)
        before, via, start = interpreter.store, interpreter.via, interpreter.path
        known, ends = len(interpreter.timeline.scopes), list[Store]()

        def consume(value: Value) -> bool:
            saved = interpreter.frames, interpreter.via, interpreter.path
            interpreter.frames, interpreter.via = list(frames), via
            if interpreter.path != start:
                # in another round it may take another way
                interpreter.path = interpreter.one_of_two_ways(start)
            try:
                goes_on = body(value)
            finally:
                interpreter.frames, interpreter.via, interpreter.path = saved
            ends.append(interpreter.store)
            if not goes_on:
                interpreter.path = interpreter.one_of_two_ways(interpreter.path)
            return goes_on

        frame.consume = consume
        interpreter.frames = [*frames, frame]
        try:
            with interpreter.called_at(origin):
                if interpreter.statements.run_block(node.body):
                    frame.exits.append((NONE, interpreter.store, interpreter.path))
        finally:
            interpreter.frames = frames
        if not frame.exits:
            return False
        ends += [store for _, store, _ in frame.exits]
        interpreter.store = interpreter.merge_stores(before, ends)
        interpreter.path = interpreter.merge_paths([path for _, _, path in frame.exits])
        interpreter.recorder.close_blocks(known)
        return True

    def start(self, generator: Generator) -> tuple[Value, Exit]:
        """Run a generator to its ``yield``; return what it yields, and how to finish it."""
        interpreter = self.interpreter
        func = generator.func
        body = func.node.body if isinstance(func.node, s.Function) else ()
        node = func.node
        frames = interpreter.frames
        if len(frames) > MAX_DEPTH or any(frame.env.node is node for frame in frames):
            raise OutOfBudget
        frame = self._new_frame(func, generator.env, generator.receiver)
        frame.suspends = True
        via, lane, path = interpreter.via, interpreter.recorder.lane, interpreter.path
        frames.append(frame)
        try:
            interpreter.statements.run_block(body)
            value: Value = Unknown("the generator ends without a yield")
            suspended = False
        except Suspended as stop:
            value, suspended = stop.value, True
            if interpreter.path != path:
                # a branch decides at which of several yields it stops
                interpreter.path = path
                interpreter.escapes.mark([value], node.span)
        finally:
            interpreter.frames.pop()

        def finish() -> bool:
            if not suspended:
                return False
            outer_via, outer_lane = interpreter.via, interpreter.recorder.lane
            interpreter.via, interpreter.recorder.lane = via, lane
            interpreter.frames.append(frame)
            try:
                frame.exits.clear()
                before = interpreter.store
                self._leave(frame, interpreter.statements.resume_block(body), before)
            except Suspended:
                pass  # a second yield: the code after it never runs
            finally:
                interpreter.frames.pop()
                interpreter.via, interpreter.recorder.lane = outer_via, outer_lane
            return frame.swallows

        return value, finish


def _catches_at_yield(body: s.Block) -> bool:
    """Return whether a generator catches what a ``yield`` or the code around it raises."""
    return any(
        isinstance(one, s.Try) and one.handlers and yields(one.body) for one in statements(body)
    )


def _only_formats(func: Func) -> bool:
    """Return whether all that a function does is to return an f-string: a URL, a group's name."""
    body = func.node.body if isinstance(func.node, s.Function) else ()
    text = body[-1].value if body and isinstance(body[-1], s.Return) else None
    is_text = isinstance(text, s.Op) and text.kind == "format"
    return is_text and all(isinstance(o, s.Do) and isinstance(o.value, s.Const) for o in body[:-1])
