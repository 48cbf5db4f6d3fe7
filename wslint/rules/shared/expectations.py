"""What assertions say of a value that is known."""

from __future__ import annotations

from collections.abc import Callable

from wslint.findings.span import Span
from wslint.rules.shared.code import called_name
from wslint.syntax import nodes as s

_COMPARISONS = {
    "assertEqual": "==", "assertEquals": "==", "assertIs": "is", "assertNotEqual": "!=",
    "assertIn": "in", "assertNotIn": "not in",
}  # fmt: skip
_OF_TRUTH = ("assertTrue", "assertIsNotNone")
_OF_ONE = {"assertIsNone": ("is", None), "assertIsNotNone": ("is not", None)}


def asserted(statement: s.Stmt) -> s.Expr | None:
    """Return what a statement asserts to be true, as one expression; None if it asserts nothing."""
    if isinstance(statement, s.Assert):
        return statement.test
    call = statement.value if isinstance(statement, s.Do) else None
    if not isinstance(call, s.Call) or not call.args:
        return None
    name, given = called_name(call), [arg.value for arg in call.args]
    if name == "assertTrue":
        return given[0]
    if name == "assertFalse":
        return s.Op("not", (given[0],), call.span)
    if name in _OF_ONE:
        operator, constant = _OF_ONE[name]
        return s.Compare(given[0], (operator,), (s.Const(constant, call.span),), call.span)
    if name in _COMPARISONS and len(given) > 1:
        return s.Compare(given[0], (_COMPARISONS[name],), (given[1],), call.span)
    return None


def asserted_true(statement: s.Stmt | None) -> s.Expr | None:
    """Return what a statement asserts to be true, or not to be None, as it is written."""
    if isinstance(statement, s.Assert):
        return statement.test
    call = statement.value if isinstance(statement, s.Do) else None
    if isinstance(call, s.Call) and call.args and called_name(call) in _OF_TRUTH:
        return call.args[0].value
    return None


def asserts_absence(statement: s.Stmt) -> bool:
    """Return whether a statement asserts that nothing is there, or not a certain thing."""
    test = asserted(statement)
    is_missing = isinstance(test, s.Compare) and test.ops == ("not in",)
    return is_missing or asserts_emptiness(statement)


def asserts_emptiness(statement: s.Stmt) -> bool:
    """Return whether a statement asserts that nothing is there."""
    test = asserted(statement)
    if isinstance(test, s.Op):
        return test.kind == "not"
    if not isinstance(test, s.Compare) or len(test.rights) != 1:
        return False
    right = test.rights[0]
    is_nothing = (isinstance(right, s.Const) and not right.value) or (
        isinstance(right, (s.Seq, s.Mapping)) and not right.items
    )
    return test.ops[0] in ("==", "is") and is_nothing


def condition(statement: s.Stmt) -> tuple[str, tuple[Span, ...]] | None:
    """Return what a statement asserts as a template, and the expressions for its holes."""
    if isinstance(statement, s.Assert):
        return "{0}", (statement.test.span,)
    call = statement.value if isinstance(statement, s.Do) else None
    args = call.args if isinstance(call, s.Call) else ()
    name, given = called_name(call), [arg.value for arg in args]
    if any(isinstance(one, (s.Compare, s.Op, s.Lambda)) for one in given) and name != "assertTrue":
        return None
    if name in ("assertTrue", "assertFalse") and given:
        return "{0}" if name == "assertTrue" else "not {0}", (given[0].span,)
    if name in _OF_ONE and given:
        return f"{{0}} {_OF_ONE[name][0]} None", (given[0].span,)
    if name in _COMPARISONS and len(given) > 1:
        return f"{{0}} {_COMPARISONS[name]} {{1}}", (given[0].span, given[1].span)
    return None


def truth_for(test: s.Expr, is_value: Callable[[s.Expr], bool], value: s.Const) -> bool | None:
    """Return whether a test holds if some part of it has a value; None if that isn't known."""
    if is_value(test):
        return bool(value.value)
    if isinstance(test, s.Op) and test.kind == "not":
        inner = truth_for(test.operands[0], is_value, value)
        return None if inner is None else not inner
    if not isinstance(test, s.Compare) or len(test.rights) != 1:
        return None
    operator, right = test.ops[0], test.rights[0]
    if operator in ("in", "not in"):
        listed = right.items if isinstance(right, s.Seq) and is_value(test.left) else ()
        found = [one.value for one in listed if isinstance(one, s.Const)]
        is_known = bool(found) and len(found) == len(listed)
        return (value.value in found) is (operator == "in") if is_known else None
    others = [side for side in (test.left, right) if not is_value(side)]
    if len(others) != 1 or not isinstance(others[0], s.Const):
        return None
    same = others[0].value == value.value and type(others[0].value) is type(value.value)
    return same is (operator in ("==", "is")) if operator in ("==", "is", "!=", "is not") else None
