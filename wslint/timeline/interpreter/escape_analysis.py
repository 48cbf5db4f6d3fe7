"""Escape analysis: values passed to code that can't be read, which may do anything with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.timeline.interpreter import connect_results
from wslint.timeline.interpreter.values import (
    Adapted,
    Arguments,
    Around,
    Bound,
    Cached,
    CallSite,
    ConnectResult,
    Coroutine,
    Descriptor,
    Func,
    Generator,
    Items,
    LibraryObject,
    ManagerCall,
    Method,
    Object,
    OneOf,
    Partial,
    ResourceRef,
    Super,
    Table,
    Value,
)
from wslint.timeline.model import Lane

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

_MAX_DEPTH = 3


class EscapeAnalysis:
    """Follows resources into code that is not followed."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def _held_by(self, value: Value) -> list[Value]:
        """Return what can be reached from a value in one step."""
        if isinstance(value, (Items, OneOf)):
            return list(value.values)
        if isinstance(value, Table):
            return list(value.values.values())
        if isinstance(value, (Object, LibraryObject)):
            return list(self.interpreter.store.of(value.id).values())
        if isinstance(value, Partial):
            return [value.func, *value.args.all()]
        if isinstance(value, ManagerCall):
            return value.args.all()
        if isinstance(value, (Bound, Method, Super)):
            return [value.receiver]
        if isinstance(value, (Adapted, Around, Cached, Descriptor)):
            return [value.inner]
        if isinstance(value, Generator):
            return list(self.interpreter.store.of(value.env.id).values())
        return []

    def holds_resource(self, values: list[Value], depth: int = 0) -> bool:
        """Return whether a resource or a coroutine can be reached from some values."""
        if not self.interpreter.timeline.resources or depth > _MAX_DEPTH:
            return False
        for value in values:
            if isinstance(value, (ResourceRef, Coroutine)):
                return True
            if isinstance(value, Func):
                if value.module.supports_tests and value.env is not None:
                    return True
            elif self.holds_resource(self._held_by(value), depth + 1):
                return True
        return False

    def mark(self, values: list[Value], span: Span, depth: int = 0) -> None:
        """Record that code which can't be read gets these values."""
        if not self.interpreter.timeline.resources or depth > _MAX_DEPTH:
            return
        recorder = self.interpreter.recorder
        for value in values:
            if isinstance(value, ResourceRef):
                value.resource.escaped.append(recorder.now())
            elif isinstance(value, ConnectResult):
                connect_results.use([value])
            elif isinstance(value, (Func, Partial, Around)) and self._is_local(value):
                self.run_in_background(value, Arguments(exact=False), recorder.site(span))
            elif isinstance(value, Coroutine):
                with recorder.in_lane("background", None, concurrent=True):
                    value.run()
            else:
                self.mark(self._held_by(value), span, depth + 1)

    def end_sockets(self, happened: int) -> None:
        """Record that an event from number ``happened`` on may have raised an exception.

        A receive that raises is the end of its socket, so it is unknown which are still open.
        """
        timeline = self.interpreter.timeline
        for event in timeline.events[happened:]:
            if event.kind == "Socket" and event.subject is not None:
                timeline.resources[event.subject].escaped.append(self.interpreter.recorder.now())

    @staticmethod
    def _is_local(value: Value) -> bool:
        while isinstance(value, (Partial, Around)):
            value = value.func if isinstance(value, Partial) else value.inner
        return isinstance(value, Func) and value.env is not None and value.env.node is not None

    def run_in_background(self, func: Value, args: Arguments, site: CallSite) -> Lane:
        """Run a function concurrently, at times that are unknown; return its lane."""
        interpreter = self.interpreter
        with interpreter.recorder.in_lane("background", site.origin, concurrent=True) as lane:
            before = interpreter.store
            interpreter.store = before.fork()
            value = interpreter.calls.call(func, args, site)
            if isinstance(value, Coroutine):
                value.run()
            interpreter.store = interpreter.merge_stores(before, [before, interpreter.store])
        return lane
