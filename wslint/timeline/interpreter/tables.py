"""What libraries do, as tables by role or name, which the interpreter consults.

Each family of ``wslint.timeline.libraries`` fills tables of its own; the interpreter is given all
of them merged, and knows none of the families.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, TypeVar

from wslint.timeline.interpreter.values import (
    Arguments,
    CallSite,
    Exit,
    Klass,
    LibraryObject,
    ResourceRef,
    Value,
)
from wslint.timeline.model import Origin
from wslint.vocabulary import Role

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter


@dataclass(slots=True)
class LibraryCall:
    """A call of a library's function or class; ``klass`` is the project's subclass, if any."""

    name: str
    role: Role
    args: Arguments
    site: CallSite
    klass: Klass | None = None


@dataclass(slots=True)
class MethodCall:
    """A call of a method that isn't project code."""

    name: str
    args: Arguments
    site: CallSite


CallHandler = Callable[["Interpreter", LibraryCall], Value]
MethodHandler = Callable[["Interpreter", ResourceRef, MethodCall], "Value | None"]
ObjectHandler = Callable[["Interpreter", LibraryObject, MethodCall], "Value | None"]
EnterHandler = Callable[["Interpreter", ResourceRef, CallSite], "tuple[Value, Exit]"]
EnterObjectHandler = Callable[["Interpreter", LibraryObject, CallSite], "tuple[Value, Exit]"]
IterationHandler = Callable[["Interpreter", LibraryObject, CallSite, bool], Value]
InheritedHandler = Callable[["Interpreter", MethodCall], "Value | None"]
AssignmentHandler = Callable[["Interpreter", str, Value, Origin], None]
AnyCallHandler = Callable[["Interpreter", LibraryCall], "Value | None"]
AnyMethodHandler = Callable[["Interpreter", Value, MethodCall], "Value | None"]

Key = TypeVar("Key")
Handler = TypeVar("Handler")


class HandlerTable(dict[Key, Handler]):
    """Handlers by role or name; called with some of these, it is a decorator that adds one."""

    def __call__(self, *keys: Key) -> Callable[[Handler], Handler]:
        """Return a decorator that adds a handler under some keys."""

        def add(handler: Handler) -> Handler:
            self.update(dict.fromkeys(keys, handler))
            return handler

        return add


@dataclass(slots=True)
class LibraryTables:
    """The handlers of one family, or of all.

    A handler that returns None leaves the call to others: that of a method means nothing special.
    The lists are asked about whatever no table decides.
    """

    calls: HandlerTable[Role, CallHandler] = field(default_factory=HandlerTable)
    """By the role of the function or class."""
    methods: HandlerTable[Role, MethodHandler] = field(default_factory=HandlerTable)
    """By the role of the resource."""
    object_methods: HandlerTable[str, ObjectHandler] = field(default_factory=HandlerTable)
    """By the name of the class."""
    inherited_methods: HandlerTable[Role, InheritedHandler] = field(default_factory=HandlerTable)
    """By the role of the base class that has the method."""
    enters: HandlerTable[Role, EnterHandler] = field(default_factory=HandlerTable)
    """By the role of the resource."""
    object_enters: HandlerTable[str, EnterObjectHandler] = field(default_factory=HandlerTable)
    """By the name of the class."""
    object_iterations: HandlerTable[str, IterationHandler] = field(default_factory=HandlerTable)
    """By the name of the class; a handler is told whether the loop is async."""
    assignments: HandlerTable[str, AssignmentHandler] = field(default_factory=HandlerTable)
    """By the name of what is replaced."""
    any_call: list[AnyCallHandler] = field(default_factory=list)
    """Asked about each call of a library, before its role is."""
    any_class: list[AnyCallHandler] = field(default_factory=list)
    """Asked about each instance of a project class without a role."""
    any_method: list[AnyMethodHandler] = field(default_factory=list)
    """Asked about each method call that no other table knows."""


def merge_tables(families: Iterable[LibraryTables]) -> LibraryTables:
    """Return the tables of several families as one."""
    merged = LibraryTables()
    for family in families:
        for each in fields(LibraryTables):
            into, new = getattr(merged, each.name), getattr(family, each.name)
            if isinstance(into, list):
                into.extend(new)
            else:
                into.update(new)
    return merged


def do_nothing() -> None:
    """Leave a context manager that has nothing to close."""
