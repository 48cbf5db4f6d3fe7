"""What several fixes write."""

from __future__ import annotations

from wslint.findings.actions import Symbol
from wslint.rules.shared.code import is_decorated
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements
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
    """Return an assertion for a function: in unittest's style in the methods of its classes.

    Not where they only have statements, as for pytest.
    """
    owner = _with_assertions(test, function)
    if not owner or (function is not None and _has_only_statements(function)):
        return f"assert {condition}"
    method = "assertFalse" if condition.startswith("not ") else "assertTrue"
    return f"{owner}.{method}({condition.removeprefix('not ')})"


def _has_only_statements(function: s.Function) -> bool:
    """Return whether a function asserts by statements, and by no method."""
    methods = (ref.parts[-1].startswith("assert") for ref in refs(function.body))
    has_any = any(isinstance(one, s.Assert) for one in statements(function.body))
    return has_any and not any(methods)


def _with_assertions(test: TestCase, function: s.Function | None) -> str:
    """Return the name of the test case in a method of its class, or in a function of the test.

    "" if a function has none.
    """
    if test.kind != "method" or function is None:
        return ""
    if test.function.span.contains(function.span) and test.function.params:
        name = self_name(test.function)
        is_hidden = function is not test.function and name in {p.name for p in function.params}
        return "" if is_hidden else name
    is_own = test.owner is not None and any(function is one for one in test.owner.body)
    is_plain = not is_decorated(function, "staticmethod", "classmethod")
    return self_name(function) if is_own and is_plain and function.params else ""


def has_enter_context(timeline: Timeline, function: s.Function) -> bool:
    """Return whether ``enterContext`` surely exists (Python 3.11 or later).

    Either the project requires such a Python, or the method uses it already. Otherwise fixes
    write what works in every version.
    """
    known = timeline.environment.is_at_least("python", (3, 11))
    return known or mentions(function.body, _METHODS)
