"""What several fixes write."""

from __future__ import annotations

from wslint.findings.actions import Symbol
from wslint.rules.shared.code import is_decorated
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import TestCase, Timeline

ASYNC_TO_SYNC = Symbol("asgiref.sync.async_to_sync", module="asgiref.sync", name="async_to_sync")
RAISES = Symbol("pytest.raises", module="pytest")

_METHODS = frozenset(("enterContext", "enterClassContext"))


def symbol_of(full_name: str) -> Symbol:
    """Return what a dotted name of the project stands for, imported from its module."""
    module, _, name = full_name.rpartition(".")
    return Symbol(full_name, module=module, name=name)


def self_name(method: s.Function) -> str:
    """Return what a method calls its object."""
    return method.params[0].name if method.params else "self"


def assertion(test: TestCase, function: s.Function | None, condition: str) -> str:
    """Return an assertion for a function: in unittest's style in the methods of its classes."""
    if function is not None and _has_assertions(test, function):
        method = "assertFalse" if condition.startswith("not ") else "assertTrue"
        return f"{self_name(function)}.{method}({condition.removeprefix('not ')})"
    return f"assert {condition}"


def _has_assertions(test: TestCase, function: s.Function) -> bool:
    """Return whether a function is a method of the test's own unittest class."""
    if test.kind != "method" or not function.params:
        return False
    is_own = test.owner is not None and any(function is one for one in test.owner.body)
    is_plain = not is_decorated(function, "staticmethod", "classmethod")
    return function is test.function or (is_own and is_plain)


def has_enter_context(timeline: Timeline, function: s.Function) -> bool:
    """Return whether ``enterContext`` surely exists (Python 3.11 or later).

    Either the project requires such a Python, or the method uses it already. Otherwise fixes
    write what works in every version.
    """
    known = timeline.environment.is_at_least("python", (3, 11))
    return known or mentions(function.body, _METHODS)
