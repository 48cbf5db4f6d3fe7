"""The fix that disconnects a communicator where the test is done with it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Literal

from wslint.findings.actions import (
    Action,
    AddDecorator,
    Code,
    InsertStatement,
    ReplaceStatement,
    Symbol,
)
from wslint.findings.finding import Applicability, Fix
from wslint.findings.span import Span
from wslint.linking.module import bound_names
from wslint.rules.shared.code import assigned_name, called_name
from wslint.rules.shared.database import (
    TRANSACTIONAL_MARK,
    add_keepalive,
    driven_communicators,
    has_keepalive,
    keepalive_around,
)
from wslint.rules.shared.fixes import self_name
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.model import Event, Resource, Timeline
from wslint.timeline.query import calls_of, subject_of

_RESULTS = ("answer", "received", "result")
_TEAR_DOWNS = ("asyncTearDown", "tearDown", "doCleanups", "stop", "stopall")


def disconnect_at_end(timeline: Timeline, connect: Event) -> Fix | str:
    """Return the fix that disconnects a communicator at the end of the test.

    That is the end of the function, or of the block in which all is done with the communicator.
    """
    test = timeline.test
    if connect.function is not None and connect.function.name == "asyncSetUp" and connect.receiver:
        return _clean_up(connect, self_name(connect.function))
    function, receiver = _named_by(timeline, subject_of(timeline, connect))
    if function is None or not receiver:
        return "the test itself has no name for the communicator"
    if not function.is_async:
        return "the communicator is not used in an async function"
    seen = connect.origin.seen_inside(test.path, function.span)
    born = subject_of(timeline, connect).origin.seen_inside(test.path, function.span)
    made_at = born.span if born is not None else function.name_span
    block = _block(function.body, seen.span, {receiver[0]}, made_at) if seen is not None else None
    if block is None:
        return "the communicator is connected in a loop or a branch, or outside the function"
    if seen is not None:
        block = _before_other_value(block, seen.span, receiver[0])
    last = _last_before_tear_down(block, receiver[0])
    returns = [one for one in statements(block) if isinstance(one, s.Return) and one is not last]
    if seen is not None and any(one.span[:2] > seen.span[:2] for one in returns):
        return "the test may return earlier: disconnect it in a `finally`"
    call = f"await {'.'.join(receiver)}.disconnect()"
    precaution = _precaution(timeline, connect)
    symbols: tuple[Symbol, ...] = ()
    if precaution == "keepalive" and (around := keepalive_around(timeline, call)) is not None:
        call, symbols = around.text, around.symbols
    disconnect: Action
    if isinstance(last, s.Return) and last.value is not None and mentions(last, {receiver[0]}):
        name = next((name for name in _RESULTS if not mentions(function, {name})), "")
        if not name:
            return "the names for what the function returns are taken"
        new = Code(f"{name} = {{0}}\n{call}\nreturn {name}", symbols)
        disconnect = ReplaceStatement(test.path, last.span, new, last.value.span)
    else:
        after = not isinstance(last, (s.Return, s.Raise))
        disconnect = InsertStatement(test.path, last.span, Code(call, symbols), after=after)
    beside: tuple[Action, ...] = ()
    if precaution == "keepalive" and not symbols:
        beside = add_keepalive(timeline, test.function.name_span)
    elif precaution == "mark":
        beside = (AddDecorator(test.path, test.function.name_span, TRANSACTIONAL_MARK),)
    tier: Applicability = "safe" if precaution == "none" else "unsafe"
    title = "disconnect at the end"
    if precaution == "keepalive":
        title += ", and keep the database connection open"
    return Fix(tier, title, (disconnect, *beside))


def _before_other_value(block: s.Block, connect: Span, name: str) -> s.Block:
    """Return a block up to where a name gets another value after the connect."""
    for number, statement in enumerate(block):
        is_later = statement.span[:2] > connect[2:]
        if is_later and any(name in bound_names(one) for one in statements((statement,))):
            return block[:number]
    return block


def _last_before_tear_down(block: s.Block, communicator: str) -> s.Stmt:
    """Return the last statement of a block before those that end patches and fixtures."""
    at = len(block) - 1
    while at and _tears_down(block[at]) and not mentions(block[at], {communicator}):
        at -= 1
    return block[at]


def _tears_down(statement: s.Stmt) -> bool:
    return isinstance(statement, s.Do) and called_name(statement.value) in _TEAR_DOWNS


def _named_by(timeline: Timeline, made: Resource) -> tuple[s.Function | None, tuple[str, ...]]:
    """Return the function in which the test has a name for a communicator, and the name."""
    calls = calls_of(timeline, made)
    uses = [call for call in calls if timeline.test.holds(call.origin) and call.receiver]
    if uses:
        return uses[-1].function, uses[-1].receiver
    step = made.birth[0] if made.birth else None
    if step is None or step.frame != "test" or not _gives(step.statement, made):
        return None, ()
    name = assigned_name(step.statement)
    return (step.function, (name,)) if name else (None, ())


def _gives(statement: s.Stmt | None, made: Resource) -> bool:
    """Return whether what a statement assigns is the communicator itself."""
    value = statement.value if isinstance(statement, s.Assign) else None
    value = value.value if isinstance(value, s.Await) else value
    chain = (*made.origin.via, made.origin.place)
    return value is not None and any(place.span == value.span for place in chain)


def _makes_each(loop: s.Loop, born: Span) -> bool:
    """Return whether each round of a loop makes something, and goes on to its end."""
    jumps = any(isinstance(one, s.Jump) for one in statements(loop.body))
    return any(one.span.contains(born) for one in loop.body) and not jumps


def _block(body: s.Block, place: Span, names: AbstractSet[str], born: Span) -> s.Block | None:
    """Return the innermost block around a place in which all is done with some names.

    None if the place isn't in the body, or in a part of it that may be skipped, or repeated with
    what is made (``born``) outside of it.
    """
    at = next((n for n, one in enumerate(body) if one.span.contains(place)), None)
    if at is None:
        return None
    statement = body[at]
    if isinstance(statement, s.Branch) and statement.test.span.contains(place):
        return body
    if isinstance(statement, s.Loop) and _makes_each(statement, born):
        is_done = not mentions(body[at + 1 :], names)
        return _block(statement.body, place, names, born) if is_done else None
    if isinstance(statement, (s.Branch, s.Loop, s.Function)):
        return None
    if not isinstance(statement, (s.With, s.Try)):
        return body
    inner = _block(statement.body, place, names, born)
    if inner is None:
        items = statement.items if isinstance(statement, s.With) else ()
        return body if any(item.value.span.contains(place) for item in items) else None
    return body if mentions(body[at + 1 :], names) else inner


def _clean_up(connect: Event, me: str) -> Fix | str:
    """Return the fix that makes the runner of an IsolatedAsyncioTestCase disconnect."""
    if connect.statement is None or connect.function is None:
        return "the communicator is connected in a way that cannot be rewritten"
    if connect.statement not in connect.function.body:
        return "the communicator is connected in a block of asyncSetUp"
    code = Code(f"{me}.addAsyncCleanup({'.'.join(connect.receiver)}.disconnect)")
    action = InsertStatement(connect.origin.place.path, connect.statement.span, code)
    return Fix("unsafe", "disconnect when the test is over", (action,))


def _precaution(
    timeline: Timeline, connect: Event
) -> Literal["none", "keepalive", "mark", "unknown"]:
    """Return what the disconnect needs beside it; "none" if it cannot do any harm.

    Channels closes the database connection after it. In a sync test that is the test's own, if an
    earlier test has left it one. In an async test it is that of an earlier async test, and
    pytest-django forbids a test without a mark to touch either.
    """
    test = timeline.test
    if test.database == "transactional" or timeline.environment.test_database == "none":
        return "none"
    for scope in driven_communicators(timeline):
        if scope.subject == connect.subject:
            # SQLite in memory ignores close()
            in_memory = timeline.environment.test_database == "sqlite-memory"
            is_kept = in_memory or has_keepalive(timeline, scope)
            return "none" if is_kept else "keepalive"
    environment = timeline.environment
    unmarked = test.kind == "function" and test.is_async and not test.database
    if unmarked and environment.pytest_django and environment.version("channels") >= (4, 2):
        return "mark"
    return "unknown"
