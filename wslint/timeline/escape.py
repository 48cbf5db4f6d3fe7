"""What is given away: code that can't be read may do anything with what it gets hold of."""

from __future__ import annotations

from wslint.spans import Span
from wslint.timeline.evaluate import Evaluator
from wslint.timeline.values import (
    Arguments,
    Around,
    Bound,
    Choice,
    Coroutine,
    Func,
    Handle,
    Items,
    Object,
    Partial,
    Table,
    Value,
)


class Escaping(Evaluator):
    """Follows resources into calls that are not followed."""

    def holds_resource(self, values: list[Value], depth: int = 0) -> bool:
        """Tell whether a client, socket or the like can be reached from values."""
        if not self.timeline.resources or depth > 2:
            return False
        for value in values:
            inner: list[Value] = []
            if isinstance(value, Handle):
                return True
            if isinstance(value, Items):
                inner = value.values
            elif isinstance(value, Choice):
                inner = list(value.values)
            elif isinstance(value, Table):
                inner = list(value.values.values())
            elif isinstance(value, Object):
                inner = list(self.store.of(value.id).values())
            elif isinstance(value, Func):
                if value.module.supports_tests and value.env is not None:
                    return True
            elif isinstance(value, (Partial, Bound)):
                inner = value.args.all() if isinstance(value, Partial) else [value.receiver]
            if inner and self.holds_resource(inner, depth + 1):
                return True
        return False

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
                self.escape(list(self.store.of(value.id).values()), span, depth + 1)
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
            before = self.store
            self.store = before.fork()
            value = self.call(func, args or Arguments(exact=False), span)
            if isinstance(value, Coroutine):
                value.run()
            self.store = self.joined(before, [before, self.store])
