"""What is given away: code that can't be read may do anything with what it gets hold of."""

from __future__ import annotations

from wslint.findings.span import Span
from wslint.timeline.interpreter.expressions import Evaluator
from wslint.timeline.interpreter.values import (
    Adapted,
    Arguments,
    Around,
    Bound,
    Choice,
    Coroutine,
    Descriptor,
    Func,
    Generator,
    Handle,
    Items,
    Made,
    ManagerCall,
    Method,
    Object,
    Partial,
    Super,
    Table,
    Value,
)


class Escaping(Evaluator):
    """Follows resources into calls that are not followed."""

    def held_by(self, value: Value) -> list[Value]:
        """List what can be reached from a value in one step."""
        if isinstance(value, (Items, Choice)):
            return list(value.values)
        if isinstance(value, Table):
            return list(value.values.values())
        if isinstance(value, (Object, Made)):
            return list(self.store.of(value.id).values())
        if isinstance(value, Partial):
            return [value.func, *value.args.all()]
        if isinstance(value, ManagerCall):
            return value.args.all()
        if isinstance(value, (Bound, Method, Super)):
            return [value.receiver]
        if isinstance(value, (Adapted, Around, Descriptor)):
            return [value.inner]
        if isinstance(value, Generator):
            return list(self.store.of(value.env.id).values())
        return []

    def holds_resource(self, values: list[Value], depth: int = 0) -> bool:
        """Tell whether a client, socket or the like, or a coroutine, can be reached."""
        if not self.timeline.resources or depth > 3:
            return False
        for value in values:
            if isinstance(value, (Handle, Coroutine)):
                return True
            if isinstance(value, Func):
                if value.module.supports_tests and value.env is not None:
                    return True
            elif self.holds_resource(self.held_by(value), depth + 1):
                return True
        return False

    def escape(self, values: list[Value], span: Span, depth: int = 0) -> None:
        """Record that code which can't be read has got hold of these values."""
        if not self.timeline.resources or depth > 3:
            return
        for value in values:
            if isinstance(value, Handle):
                value.resource.escaped.append(self.now())
            elif isinstance(value, (Func, Partial, Around)) and self._is_local(value):
                self.in_background(value, span)
            elif isinstance(value, Coroutine):
                with self.in_lane("background", None, concurrent=True):
                    value.run()
            else:
                self.escape(self.held_by(value), span, depth + 1)

    def end_sockets(self, happened: int) -> None:
        """Record that an exception came out of what has run since so many events.

        A receive that raises is the end of its socket, so nobody knows which are still open.
        """
        for event in self.timeline.events[happened:]:
            if event.kind == "Socket" and event.subject is not None:
                self.timeline.resources[event.subject].escaped.append(self.now())

    @staticmethod
    def _is_local(value: Value) -> bool:
        while isinstance(value, (Partial, Around)):
            value = value.func if isinstance(value, Partial) else value.inner
        return isinstance(value, Func) and value.env is not None and value.env.node is not None

    def in_background(self, func: Value, span: Span, args: Arguments | None = None) -> None:
        """Run a function beside the rest, at times nobody knows."""
        with self.in_lane("background", self.origin(span), concurrent=True):
            before = self.store
            self.store = before.fork()
            value = self.call(func, args or Arguments(exact=False), span)
            if isinstance(value, Coroutine):
                value.run()
            self.store = self.joined(before, [before, self.store])
