"""What looks like a test, or like a part of one, and never runs.

Such a test has a timeline too: of what it would do if it ran. ``Timeline.never_runs`` says so, and
only the rules about this are asked about it.
"""

from __future__ import annotations

import re
from typing import Literal

from wslint.findings.span import Place
from wslint.linking.module import Module
from wslint.linking.program import Program
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.values import (
    Adapted,
    Around,
    Descriptor,
    Fixture,
    Func,
    Klass,
    Library,
    Unknown,
    Value,
)
from wslint.timeline.model import NeverRuns
from wslint.vocabulary import LIBRARIES, Role

_ASYNC_HOOKS = ("asyncSetUp", "asyncTearDown")
_HOOKS = ("setUp", "tearDown")
# with these a class may run its tests or hooks in its own way
_OWN_WAYS = ("run", "__call__", "debug", "__getattribute__", "__init__", "__new__",
             "__init_subclass__", "_callTestMethod", "_callSetUp", "_callTearDown")  # fmt: skip


def decorated_never_runs(
    program: Program, module: Module, value: Value, node: s.Function
) -> NeverRuns | None:
    """Return why pytest never collects this name, or None if something else may call it.

    A decorator has made an adapter or a fixture of the function.
    """
    if _is_named_elsewhere(program.text(module.path, node.name), node.name):
        return None
    while isinstance(value, (Around, Descriptor)):
        value = value.inner
    if isinstance(value, Fixture) and (value.autouse or value.name or _returns_something(node)):
        return None
    kind: Literal["fixture", "adapter"] = "fixture" if isinstance(value, Fixture) else "adapter"
    by = value.origin.place if isinstance(value, Adapted) else None
    return NeverRuns(kind, Place(module.path, node.name_span), None, by)


def _is_named_elsewhere(text: bytes, name: str) -> bool:
    """Return whether a file names a function other than where it is defined."""
    return re.search(rb"(?<!def )\b" + re.escape(name.encode()) + rb"\b", text) is not None


def _returns_something(node: s.Function) -> bool:
    """Return whether a function gives a value, as no test does."""
    returned = any(isinstance(found, s.Return) and found.value for found in statements(node.body))
    return node.is_generator or returned


def coroutine_never_runs(
    interpreter: Interpreter, klass: Klass, func: Func, name: str
) -> NeverRuns | Unknown | None:
    """Return that unittest calls a coroutine function and drops the coroutine.

    Unknown if code that can't be read may drive it, None if another method does.
    """
    if not isinstance(func.node, s.Function) or _is_called(interpreter, klass, name):
        return None
    if not _is_plain(interpreter, klass) or _is_decorated_elsewhere(interpreter, func, func.node):
        return Unknown("its class or a decorator may run it in a way of its own")
    place = Place(func.module.path, func.node.name_span)
    return NeverRuns("coroutine", place, func.node)


def hook_never_runs(interpreter: Interpreter, klass: Klass, role: Role) -> NeverRuns | None:
    """Return the first setUp or tearDown of a class that is a coroutine nothing drives."""
    names = _HOOKS if role == "IsolatedTestCase" else (*_HOOKS, *_ASYNC_HOOKS)
    for name in names:
        for base in interpreter.classes.mro(klass):
            func = interpreter.classes.own_attribute(base, name)
            if func is None:
                continue
            if not isinstance(func, Func) or not isinstance(func.node, s.Function):
                break
            if not func.node.is_async or not _is_plain(interpreter, klass):
                break
            if _is_called(interpreter, klass, name):
                break
            place = Place(func.module.path, func.node.name_span)
            return NeverRuns("setup", place, func.node)
    return None


def _is_plain(interpreter: Interpreter, klass: Klass) -> bool:
    """Return whether all of a class can be read, and it runs its tests as unittest does."""
    for base in interpreter.classes.mro(klass):
        if isinstance(base, Library):
            known = interpreter.vocabulary.role(base.name).endswith("TestCase")
            if not known and base.name != "builtins.object":
                return False
        elif not isinstance(base, Klass) or base.node.decorators:
            return False  # a decorator may wrap the methods
        elif any(interpreter.classes.own_attribute(base, name) is not None for name in _OWN_WAYS):
            return False
    return True


def _is_decorated_elsewhere(interpreter: Interpreter, func: Func, node: s.Function) -> bool:
    """Return whether a decorator is of a library of which nothing is known."""
    env = func.env or interpreter.names.module_env(func.module)
    for decorator in node.decorators:
        made_by = decorator.func if isinstance(decorator, s.Call) else decorator
        value = interpreter.expressions.evaluate_at_import(made_by, env)
        if isinstance(value, Library) and value.name.partition(".")[0] not in LIBRARIES:
            return True
    return False


def _is_called(interpreter: Interpreter, klass: Klass, name: str) -> bool:
    """Return whether another method of the class mentions a method."""
    for base in interpreter.classes.mro(klass):
        for statement in base.node.body if isinstance(base, Klass) else ():
            own = isinstance(statement, s.Function) and statement.name == name
            if not own and mentions(statement, {name}):
                return True
    return False
