"""What a message surely says, and what a test claims of the message that it receives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from wslint.rules.shared.code import (
    assigned_name,
    call_in,
    called_name,
    dotted,
    keyword_of,
    names_assigned,
    position,
    simple_name,
    values_assigned,
)
from wslint.rules.shared.greetings import Greeting
from wslint.syntax import nodes as s
from wslint.syntax.search import refs
from wslint.timeline.application_model import Shared


class _Unknown:
    """What isn't known: a value, or as a key of a dict that there may be further keys."""


UNKNOWN: Final = _Unknown()
Value = object
"""A text, number, bool, None, list or dict, with ``UNKNOWN`` in places."""


class Claim(NamedTuple):
    """An assertion that the ``value`` is found at some keys of a message."""

    keys: tuple[str, ...]
    value: Value


def said_by(greeting: Greeting) -> Value:
    """Return what is sent; JSON as the object that it stands for."""
    args = greeting.call.args
    given = next((arg.value for arg in args if not arg.keyword), None)
    for keyword in ("text_data", "content", "data", "text"):
        given = given or keyword_of(greeting.call, keyword)
    return _value(given, greeting) if given is not None else UNKNOWN


def literal(expr: s.Expr) -> Value:
    """Return the value that is written out; that of ``json.dumps`` is its argument's."""
    return _value(expr, None)


def contradicts(said: Value, claim: Claim) -> bool:
    """Return whether a claim surely fails for a message."""
    for key in claim.keys:
        if not isinstance(said, Mapping):
            return False
        if key not in said:
            return UNKNOWN not in said
        said = said[key]
    return _differ(said, claim.value)


def _differ(one: Value, other: Value) -> bool:
    if one is UNKNOWN or other is UNKNOWN:
        return False
    if isinstance(one, str) is not isinstance(other, str):
        return False  # the text may be the JSON of the other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        is_known = UNKNOWN not in one and UNKNOWN not in other
        return (is_known and one.keys() != other.keys()) or any(
            _differ(one[key], other[key]) for key in one.keys() & other.keys()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) != len(other) or any(map(_differ, one, other))
    return one != other


def claims(block: s.Block, statement: s.Stmt, call: s.Call) -> list[Claim]:
    """Return what a test claims of what a call receives, in the block with its statement."""
    where = position(block, statement)
    if where is None:
        return []
    if not isinstance(statement, s.Assign) or _read(statement.value) is not call:
        return list(_claims_of(statement, call, frozenset()))
    names, found = {assigned_name(statement)} - {""}, list[Claim]()
    for one in block[where + 1 :] if names else ():
        if not names.isdisjoint(names_assigned(one)):
            break
        found += _claims_of(one, None, names)
        if isinstance(one, s.Assign) and simple_name(_read(one.value)) in names:
            names.add(assigned_name(one))
    return found


def _claims_of(statement: s.Stmt, call: s.Call | None, names: AbstractSet[str]) -> Iterator[Claim]:
    sides = _compared(statement)
    for left, right in (sides, sides[::-1]) if sides else ():
        keys, inner = _keys(left)
        if inner is call or simple_name(inner) in names:
            yield Claim(keys, _value(right, None))


def _read(expr: object) -> object:
    """Return what an expression awaits or reads as JSON, else the expression."""
    while isinstance(expr, (s.Await, s.Call)):
        if isinstance(expr, s.Await):
            expr = expr.value
        elif called_name(expr) == "loads" and expr.args:
            expr = expr.args[0].value
        else:
            break
    return expr


def _compared(statement: s.Stmt) -> tuple[s.Expr, s.Expr] | None:
    """Return the two sides that a statement asserts to be equal."""
    if isinstance(statement, s.Assert) and isinstance(statement.test, s.Compare):
        is_equal = statement.test.ops == ("==",)
        return (statement.test.left, statement.test.rights[0]) if is_equal else None
    made = call_in(statement)
    if made is None or called_name(made) not in ("assertEqual", "assertEquals", "assertDictEqual"):
        return None
    first, second = [arg.value for arg in made.args[:2]] if len(made.args) > 1 else (None, None)
    return (first, second) if first is not None and second is not None else None


def _keys(expr: s.Expr) -> tuple[tuple[str, ...], object]:
    """Return the keys by which an expression looks into another, and that."""
    keys: tuple[str, ...] = ()
    while isinstance(expr, s.Item) and isinstance(expr.index, s.Const):
        if not isinstance(expr.index.value, str):
            break
        keys, expr = (expr.index.value, *keys), expr.value
    return keys, _read(expr)


def _value(expr: s.Expr, greeting: Greeting | None) -> Value:
    if isinstance(expr, s.Const):
        return expr.value
    if isinstance(expr, s.Mapping):
        return {
            (key.value if isinstance(key, s.Const) else UNKNOWN): _value(value, greeting)
            for key, value in expr.items
        }
    if isinstance(expr, s.Seq) and expr.kind == "list":
        if any(isinstance(item, s.Op) and item.kind == "star" for item in expr.items):
            return UNKNOWN
        return [_value(item, greeting) for item in expr.items]
    if isinstance(expr, s.Call) and dotted(expr.func)[-1:] == ("dumps",) and expr.args:
        return _value(expr.args[0].value, greeting)
    parts = dotted(expr)
    if greeting is not None and parts:
        used = greeting.code.uses.get(".".join(parts))
        if isinstance(used, Shared) and used.value is not None:
            return used.value
        assigned = values_assigned(greeting.function, parts)
        uses = [ref for ref in refs(greeting.function.body) if ref.parts[:1] == parts]
        # one more may change it
        if len(assigned) == 1 and assigned[0] is not None and len(uses) == 2:
            return _value(assigned[0], greeting)
    return UNKNOWN
