"""Context managers: what entering one gives, and what leaving it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.interpreter.swallowing import swallowed
from wslint.timeline.interpreter.tables import do_nothing
from wslint.timeline.interpreter.values import (
    Arguments,
    Bound,
    CallSite,
    Constant,
    Exit,
    Func,
    Generator,
    Items,
    Library,
    LibraryObject,
    ManagerCall,
    Object,
    OneOf,
    ResourceRef,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

_SUPPRESS = "contextlib.suppress"


class ContextManagers:
    """Enters context managers, and keeps the exits of stacks."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._stacks: dict[int, list[Exit]] = {}

    def enter(self, value: Value, site: CallSite) -> tuple[Value, Exit]:
        """Enter a context manager; return what ``as`` binds, and how to leave it."""
        interpreter = self.interpreter
        if isinstance(value, OneOf):
            value = interpreter.recorder.merge_alternatives(value)
        if isinstance(value, ResourceRef) and value.klass is None:
            return self._enter_resource(value, site)
        if isinstance(value, (Object, ResourceRef)):
            return self._enter_object(value, site)
        if isinstance(value, ManagerCall):
            made = interpreter.calls.call(value.inner, value.args, site)
            if isinstance(made, Generator):
                with interpreter.called_at(site.origin):
                    entered = interpreter.functions.start(made)
                return self._swallowing(*entered, made.func, site)
            given = Unknown("a context manager that can't be followed")
            return self._swallowing(given, do_nothing, value.inner, site)
        if isinstance(value, LibraryObject):
            handler = interpreter.libraries.object_enters.get(value.name)
            if handler is not None:
                return handler(interpreter, value, site)
            return value, lambda: self.leave_stack(value)
        interpreter.escapes.mark([value], site.span)
        return value if isinstance(value, Unknown) else Unknown("what it gives"), do_nothing

    def _enter_resource(self, value: ResourceRef, site: CallSite) -> tuple[Value, Exit]:
        handler = self.interpreter.libraries.enters.get(value.resource.role)
        return (value, do_nothing) if handler is None else handler(self.interpreter, value, site)

    def _enter_object(self, value: Object | ResourceRef, site: CallSite) -> tuple[Value, Exit]:
        attributes, calls = self.interpreter.attributes, self.interpreter.calls
        for opening, closing in (("__enter__", "__exit__"), ("__aenter__", "__aexit__")):
            method = attributes.get(value, opening, site.span)
            if isinstance(method, Bound):
                entered = calls.settle(calls.call(method, Arguments(), site))
                leaving = attributes.get(value, closing, site.span)

                def leave(leaving: Value = leaving) -> bool:
                    calls.settle(calls.call(leaving, Arguments([Constant(None)] * 3), site))
                    return _may_swallow(leaving)

                func = leaving.func if isinstance(leaving, Bound) else None
                return self._swallowing(entered, leave, func, site)
        if isinstance(value, ResourceRef):
            return self._enter_resource(value, site)
        self.interpreter.escapes.mark([value], site.span)
        return Unknown("what it gives"), do_nothing

    def _swallowing(
        self, entered: Value, leave: Exit, by: Value | None, site: CallSite
    ) -> tuple[Value, Exit]:
        """Enter what is like ``suppress``, too, if a function does nothing but swallow."""
        kinds = swallowed(by.node) if isinstance(by, Func) else None
        if not isinstance(by, Func) or not kinds:
            return entered, leave
        interpreter = self.interpreter
        env = interpreter.names.module_env(by.module)
        values = [interpreter.expressions.evaluate_at_import(kind, env) for kind in kinds]
        if not all(isinstance(value, (Library, Items)) for value in values):
            return entered, leave
        suppress = interpreter.calls.library_object(_SUPPRESS, Arguments(values), site)
        end = interpreter.libraries.object_enters[_SUPPRESS](interpreter, suppress, site)[1]

        def leave_both() -> bool:
            end()
            leave()
            return True

        return entered, leave_both

    def stack_of(self, stack: LibraryObject | Object) -> list[Exit]:
        """Return the exits that wait on a stack."""
        return self._stacks.setdefault(stack.id, [])

    def leave_stack(self, stack: LibraryObject | Object) -> bool:
        """Run the exits that wait on a stack, last first; True if one may swallow exceptions."""
        exits, swallows = self.stack_of(stack), False
        while exits:
            swallows = bool(exits.pop()()) or swallows
        return swallows


def _may_swallow(leaving: Value) -> bool:
    """Return whether an ``__exit__`` of the project may return something true."""
    func = leaving.func if isinstance(leaving, Bound) else None
    body = func.node.body if isinstance(func, Func) else ()
    returned = [node.value for node in walk(body) if isinstance(node, s.Return)]
    return any(value is not None and not _is_false(value) for value in returned)


def _is_false(value: s.Expr) -> bool:
    return isinstance(value, s.Const) and not value.value
