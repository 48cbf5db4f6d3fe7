"""What a test makes of the result of a communicator's ``connect``: (accepted, subprotocol).

The result is followed as a value; whatever looks at it in a way that isn't known counts as a use.
"""

from __future__ import annotations

from collections.abc import Iterable

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.values import (
    ConnectResult,
    Constant,
    Items,
    LibraryObject,
    Value,
)
from wslint.timeline.model import Event


def result_of(connect: Event) -> Items:
    """Return the pair that a connect returns."""
    halves: list[Value] = [
        ConnectResult(connect, "accepted"),
        ConnectResult(connect, "subprotocol"),
    ]
    return Items("tuple", halves)


def use(values: Iterable[Value]) -> None:
    """Record that results are looked at in a way that says nothing of them."""
    for value in values:
        if isinstance(value, ConnectResult):
            value.connect.result_uses.add("used")
        elif (connect := _pair(value)) is not None:
            connect.result_uses.add("used")
        elif isinstance(value, Items):
            use(item for item in value.values if not isinstance(item, Items) or _pair(item))


def assert_true(value: Value) -> None:
    """Record that a value is asserted to be true."""
    if isinstance(value, ConnectResult) and value.half == "accepted":
        value.connect.result_uses.add("refused" if value.negated else "accepted")
    elif isinstance(value, ConnectResult) and value.half == "answered":
        value.connect.result_uses.add("always true")
    elif (connect := _pair(value)) is not None:
        connect.result_uses.add("always true")
    elif isinstance(value, LibraryObject) and value.name == "builtins.all":
        given = value.args.get(0)
        for item in given.values if isinstance(given, Items) else ():
            assert_true(item)
    else:
        use([value])


def guard(result: ConnectResult) -> None:
    """Record that an ``if`` without ``else`` asks for a result."""
    is_guard = result.half == "accepted" and not result.negated
    result.connect.result_uses.add("guards" if is_guard else "used")


def negated(value: Value) -> ConnectResult | None:
    """Return ``not value``, if it is a result."""
    if isinstance(value, ConnectResult) and value.half == "accepted":
        return ConnectResult(value.connect, value.half, not value.negated)
    return None


def answered(value: Value | None) -> ConnectResult | None:
    """Return what is true of any result, as ``value is not None`` is; None for another value."""
    connect = value.connect if isinstance(value, ConnectResult) else _pair(value)
    return ConnectResult(connect, "answered") if connect is not None else None


def either(left: Value, right: Value) -> ConnectResult | None:
    """Return ``left or right``, if both are results of one connect."""
    results = [one for one in (left, right) if isinstance(one, ConnectResult)]
    if len(results) < 2 or results[0].connect is not results[1].connect:
        return None
    outcomes = {one.negated for one in results if one.half == "accepted"}
    if outcomes == {True}:
        return ConnectResult(results[0].connect, "accepted", negated=True)
    # the other half is the code of a refusal
    says_nothing = len(outcomes) == 2 or any(one.half != "accepted" for one in results)
    return answered(left) if says_nothing else results[0]


def compared(left: Value, operator: str, right: Value) -> ConnectResult | None:
    """Return a comparison of a result with constants, if it means whether it was accepted."""
    if operator in ("in", "not in"):
        among = _among(left, right)
        return among if operator == "in" or among is None else negated(among)
    for one, other in ((left, right), (right, left)):
        if isinstance(other, Constant) and other.value is None and operator in ("!=", "is not"):
            return answered(one)
        if _pair(one) is not None and isinstance(one, Items) and isinstance(other, Items):
            one, other = one.values[0], other.values[0] if other.values else other  # noqa: PLW2901
        if isinstance(one, ConnectResult) and one.half == "answered":
            return one
        is_half = isinstance(one, ConnectResult) and one.half == "accepted"
        if is_half and isinstance(other, Constant) and operator in ("==", "is", "!=", "is not"):
            same = bool(other.value) is (operator in ("==", "is"))
            return one if same else negated(one)  # type: ignore[return-value]
    return None


def _among(value: Value, given: Value) -> ConnectResult | None:
    """Return ``value in given``, if it means whether the connection was accepted."""
    if not isinstance(value, ConnectResult) or value.half != "accepted":
        return None
    items = given.values if isinstance(given, Items) else []
    constants = [item.value for item in items if isinstance(item, Constant)]
    if len(constants) < len(items):
        return None
    outcomes = {constant for constant in constants if constant in (True, False)}
    if len(outcomes) == 2:
        return answered(value)
    return None if not outcomes else value if True in outcomes else negated(value)


def bind(value: Value, statement: s.Stmt | None) -> None:
    """Record that the statement of a connect itself binds its result."""
    if isinstance(value, ConnectResult) and value.half == "accepted":
        if value.connect.statement is statement:
            value.connect.result_uses.add("unused")
    else:
        drop(value, statement)


def drop(value: Value, statement: s.Stmt | None) -> None:
    """Record that the statement of a connect itself drops its result, or binds it as a whole.

    It may be one of several, as those that ``asyncio.gather`` returns.
    """
    connect = _pair(value)
    if connect is not None and connect.statement is statement:
        connect.result_uses.add("dropped")
    elif connect is None and isinstance(value, Items):
        for each in filter(_pair, value.values):
            drop(each, statement)


def _pair(value: Value | None) -> Event | None:
    if isinstance(value, Items) and value.kind == "tuple" and len(value.values) == 2:
        first, second = value.values
        if isinstance(first, ConnectResult) and isinstance(second, ConnectResult):
            return first.connect if second.half == "subprotocol" else None
    return None
