"""What looks like a test, or like a part of one, and is never run by any runner.

Such a test has a timeline too: of what it would do if it ran. ``Timeline.never_runs`` says so, and
only rules that are about exactly that are asked about it.
"""

from __future__ import annotations

import re
from typing import Literal

from wslint.findings.span import Place
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.interpreter.interpreter import Machine
from wslint.timeline.interpreter.values import (
    Adapted,
    Around,
    Descriptor,
    Fixture,
    Func,
    Klass,
    Library,
    Value,
)
from wslint.timeline.model import NeverRuns
from wslint.vocabulary import Role

_ASYNC_HOOKS = ("asyncSetUp", "asyncTearDown")
_HOOKS = ("setUp", "tearDown")
# with these a class may run its tests, or what belongs to them, in a way of its own
_OWN_WAYS = ("run", "__call__", "debug", "__getattribute__", "__init__", "__new__",
             "__init_subclass__", "_callTestMethod", "_callSetUp", "_callTearDown")  # fmt: skip


def idle_function(
    machine: Machine, module: Module, value: Value, node: s.Function
) -> NeverRuns | None:
    """Tell why pytest runs no function: what stands there is none. None where others may run it."""
    if _is_named_elsewhere(machine.program.text(module.path), node.name):
        return None
    while isinstance(value, (Around, Descriptor)):
        value = value.inner
    if isinstance(value, Fixture) and (value.autouse or value.name or _gives_something(node)):
        return None
    kind: Literal["fixture", "adapter"] = "fixture" if isinstance(value, Fixture) else "adapter"
    by = value.origin.place if isinstance(value, Adapted) else None
    return NeverRuns(kind, Place(module.path, node.name_span), None, by)


def _is_named_elsewhere(text: bytes, name: str) -> bool:
    """Tell whether a file names a function other than where it defines it."""
    return re.search(rb"(?<!def )\b" + re.escape(name.encode()) + rb"\b", text) is not None


def _gives_something(node: s.Function) -> bool:
    """Tell whether a function is made to give a value to others, as no test is."""
    returned = any(isinstance(found, s.Return) and found.value for found in statements(node.body))
    return node.is_generator or returned


def idle_method(machine: Machine, klass: Klass, func: Func, name: str) -> NeverRuns | None:
    """Tell that unittest calls a coroutine function and drops the coroutine."""
    if not isinstance(func.node, s.Function) or not _is_plain(machine, klass):
        return None
    if _is_called(machine, klass, name):
        return None
    place = Place(func.module.path, func.node.name_span)
    return NeverRuns("coroutine", place, func.node)


def idle_hook(machine: Machine, klass: Klass, role: Role) -> NeverRuns | None:
    """Give the first setUp or tearDown of a class that is a coroutine, which nothing drives."""
    names = _HOOKS if role == "IsolatedTestCase" else (*_HOOKS, *_ASYNC_HOOKS)
    for name in names:
        for base in machine.mro(klass):
            func = machine.own_attribute(base, name)
            if func is None:
                continue
            if not isinstance(func, Func) or not isinstance(func.node, s.Function):
                break
            if not func.node.is_async or not _is_plain(machine, klass):
                break
            if _is_called(machine, klass, name):
                break
            place = Place(func.module.path, func.node.name_span)
            return NeverRuns("setup", place, func.node)
    return None


def _is_plain(machine: Machine, klass: Klass) -> bool:
    """Tell whether all of a class is read, and runs its tests as unittest does."""
    for base in machine.mro(klass):
        if isinstance(base, Library):
            known = machine.vocabulary.role(base.name).endswith("TestCase")
            if not known and base.name != "builtins.object":
                return False
        elif not isinstance(base, Klass) or base.node.decorators:
            return False  # a decorator may wrap the methods
        elif any(machine.own_attribute(base, name) is not None for name in _OWN_WAYS):
            return False
    return True


def _is_called(machine: Machine, klass: Klass, name: str) -> bool:
    """Tell whether another method of the class speaks of a method."""
    for base in machine.mro(klass):
        for statement in base.node.body if isinstance(base, Klass) else ():
            own = isinstance(statement, s.Function) and statement.name == name
            if not own and mentions(statement, {name}):
                return True
    return False
