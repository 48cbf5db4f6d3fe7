"""Blocks that swallow exceptions: whether a handler does nothing, and what is checked outside."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.rules.shared.code import blocks_of, called_name, inner_blocks
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.vocabulary import LOGS

LOOKUP_ERRORS = frozenset(("KeyError", "LookupError"))
_SKIPS = frozenset(("skip", "skipTest"))
_FAILURES = frozenset(("AssertionError", "Exception"))
_CHECKS = ("assert", "check", "verify", "expect", "fail", "raises")


def does_nothing(body: s.Block) -> bool:
    """Return whether a handler does nothing but skip, log or return."""
    for statement in body:
        if isinstance(statement, s.Branch) and all(map(does_nothing, statement.arms)):
            continue
        if isinstance(statement, s.Return) and statement.value is None:
            continue
        value = statement.value if isinstance(statement, s.Do) else None
        skips = isinstance(value, s.Call) and mentions(value.func, _SKIPS)
        if not skips and called_name(value) not in LOGS and not isinstance(value, (s.Const, s.Op)):
            return False
    return True


def only_goes_on(body: s.Block) -> bool:
    """Return whether a handler ends as if nothing had failed: it may log, or leave its loop."""
    return all(
        isinstance(statement, s.Jump)
        or cannot_fail(statement)
        or _gives_none(statement)
        or does_nothing((statement,))
        for statement in body
    )


def cannot_fail(statement: s.Stmt) -> bool:
    """Return whether a statement is ``assert True``, or of another true constant."""
    test = statement.test if isinstance(statement, s.Assert) else None
    return isinstance(test, s.Const) and bool(test.value)


def _gives_none(statement: s.Stmt) -> bool:
    """Return whether a statement is ``return None``."""
    return (
        isinstance(statement, s.Return)
        and isinstance(statement.value, s.Const)
        and statement.value.value is None
    )


def returns(body: s.Block) -> bool:
    """Return whether a block has a way out of its function or loop."""
    return any(
        isinstance(statement, (s.Return, s.Jump)) or any(map(returns, blocks_of(statement)))
        for statement in body
    )


def leaves_loop(body: s.Block) -> bool:
    """Return whether a handler ends its function or loop, so that nothing is tried again."""
    return any(
        isinstance(statement, s.Return)
        or (isinstance(statement, s.Jump) and statement.kind == "break")
        for statement in body
    )


def checks_at_end(statement: s.Try) -> bool:
    """Return whether the ``finally`` of a ``try`` checks something, or is a way out."""
    return returns(statement.final) or any(map(asserts, statements(statement.final)))


def unswallowed(body: s.Block) -> Iterator[s.Stmt]:
    """Yield the statements of a body and of its blocks, outside of any ``try``."""
    for statement in body:
        yield statement
        for block in inner_blocks(statement) if not isinstance(statement, s.Try) else ():
            yield from unswallowed(block)


def fails(statement: s.Stmt) -> bool:
    """Return whether a statement fails whenever it is reached."""
    if isinstance(statement, s.Assert):
        return isinstance(statement.test, s.Const) and not statement.test.value
    if isinstance(statement, s.Do):
        return called_name(statement.value) == "fail"
    return isinstance(statement, s.Raise) and called_name(statement.value) in _FAILURES


def asserts(statement: s.Stmt) -> bool:
    """Return whether a statement checks something."""
    if isinstance(statement, (s.Assert, s.Raise)):
        return not cannot_fail(statement)
    if isinstance(statement, s.With):
        return any(_is_check(item.value) for item in statement.items)
    return isinstance(statement, s.Do) and _is_check(statement.value)


def _is_check(expr: s.Expr) -> bool:
    return called_name(expr).lstrip("_").startswith(_CHECKS)
