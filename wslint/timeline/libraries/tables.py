"""The tables that a machine consults, and how a family of roles puts itself into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.values import Arguments, Handle, Klass, Made, Value
from wslint.vocabulary import Role

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine


@dataclass(slots=True)
class LibraryCall:
    """A call of a library's function or class; ``klass`` is the user's subclass, if any."""

    name: str
    role: Role
    args: Arguments
    span: Span
    klass: Klass | None = None


@dataclass(slots=True)
class MethodCall:
    """A call of a resource's method."""

    name: str
    args: Arguments
    span: Span


CallRule = Callable[["Machine", LibraryCall], Value]
MethodRule = Callable[["Machine", Handle, MethodCall], "Value | None"]
MadeRule = Callable[["Machine", Made, MethodCall], "Value | None"]
EnterRule = Callable[["Machine", Handle, Span], "tuple[Value, Exit]"]

CALLS: dict[str, CallRule] = {}
METHODS: dict[str, MethodRule] = {}
MADE_METHODS: dict[str, MadeRule] = {}
ENTERS: dict[str, EnterRule] = {}


def calls(*roles: str) -> Callable[[CallRule], CallRule]:
    """Register what calling something of these roles does."""

    def register(rule: CallRule) -> CallRule:
        CALLS.update(dict.fromkeys(roles, rule))
        return rule

    return register


def methods(*roles: str) -> Callable[[MethodRule], MethodRule]:
    """Register what the methods of a resource of these roles do; None: nothing special."""

    def register(rule: MethodRule) -> MethodRule:
        METHODS.update(dict.fromkeys(roles, rule))
        return rule

    return register


def made_methods(*names: str) -> Callable[[MadeRule], MadeRule]:
    """Register what the methods of a plain library object do, by its class's name."""

    def register(rule: MadeRule) -> MadeRule:
        MADE_METHODS.update(dict.fromkeys(names, rule))
        return rule

    return register


def enters(*roles: str) -> Callable[[EnterRule], EnterRule]:
    """Register what entering a resource of these roles does."""

    def register(rule: EnterRule) -> EnterRule:
        ENTERS.update(dict.fromkeys(roles, rule))
        return rule

    return register


def nothing() -> None:
    """Leave a context manager that has nothing to close."""
