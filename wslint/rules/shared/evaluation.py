"""What code surely evaluates, whatever the conditions are."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wslint.rules.shared.code import caught_names, is_endless, leaves
from wslint.syntax import nodes as s

_CATCHES = frozenset(("AttributeError", "KeyError", "Exception", "BaseException"))


def names_read(node: object, called: bool = False) -> Iterator[tuple[s.Ref, bool]]:
    """Yield the names that evaluating an expression surely reads, and whether each is called."""
    if isinstance(node, s.Ref):
        yield node, called
    elif isinstance(node, s.Call):
        for arg in node.args:
            yield from names_read(arg.value)
        yield from names_read(node.func, True)
    elif isinstance(node, s.Op) and node.kind in ("and", "or", "if"):
        yield from names_read(node.operands[0])
    elif isinstance(node, s.Comp):
        yield from names_read(node.loops[0].iterable)
    elif isinstance(node, tuple):
        for item in node:
            yield from names_read(item)
    elif not isinstance(node, s.Lambda):
        for name in getattr(node, "__dataclass_fields__", ()):
            yield from names_read(getattr(node, name))


def tolerates(handler: s.Handler) -> bool:
    """Return whether an ``except`` catches that something is missing."""
    return handler.type is None or not _CATCHES.isdisjoint(caught_names(handler))


def evaluated(body: s.Block, tolerates: Callable[[s.Handler], bool] = tolerates) -> list[s.Expr]:
    """Return the expressions that a body surely evaluates, and that may not fail unnoticed."""
    found: list[s.Expr] = []
    _run(body, found, tolerates)
    return found


def _run(body: s.Block, found: list[s.Expr], tolerates: Callable[[s.Handler], bool]) -> bool:
    """Collect what is surely evaluated; False if control may not reach the end."""
    for statement in body:
        if isinstance(statement, s.With):
            found += [item.value for item in statement.items]
            goes_on = _run(statement.body, found, tolerates)
        elif isinstance(statement, s.Try):
            if any(map(tolerates, statement.handlers)):
                return False
            goes_on = all(_run(block, found, tolerates)
                          for block in (statement.body, statement.orelse))  # fmt: skip
        elif isinstance(statement, s.Branch):
            found.append(statement.test)
            goes_on = not any(leaves(arm) for arm in statement.arms)
        elif isinstance(statement, s.Loop):
            found.append(statement.head)
            if is_endless(statement):
                _run(statement.body, found, tolerates)
                return False
            goes_on = not leaves(statement.body)
        else:
            goes_on = not isinstance(statement, (s.Return, s.Raise, s.Jump))
            value = getattr(statement, "test", None) or getattr(statement, "value", None)
            if value is not None:
                found.append(value)
        if not goes_on:
            return False
    return True
