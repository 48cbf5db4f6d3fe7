"""Connects of communicators: what a test makes of the result, and the fixes at both ends.

The result is a pair: (accepted, subprotocol).
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Literal, NamedTuple

from wslint.findings.actions import (
    Action,
    AddDecorator,
    BindResult,
    Code,
    InsertStatement,
    ReplaceExpression,
    ReplaceStatement,
    Symbol,
)
from wslint.findings.finding import Applicability, Fix
from wslint.findings.span import Place, Span
from wslint.rules.shared.code import (
    assigned_name,
    blocks_of,
    called_name,
    callee,
    dotted,
    is_name,
    simple_name,
)
from wslint.rules.shared.database import (
    TRANSACTIONAL_MARK,
    add_keepalive,
    driven_communicators,
    has_keepalive,
    keepalive_around,
)
from wslint.rules.shared.fixes import assertion, self_name
from wslint.rules.shared.swallowing import asserts
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, remembering_last, statements, walk
from wslint.timeline.model import Event, Origin, Resource, TestCase, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import calls_of, expectations, subject_of
from wslint.vocabulary import RECEIVES

Outcome = Literal["accepted", "refused", "always true", "dropped", "unused", "unknown"]

HELP = "unpack the result, `connected, _ = await ….connect()`, and assert `connected`"

# receive_nothing() succeeds on a refused connection
_REFUSALS = (
    "reject", "refus", "denie", "deny", "unauthor", "unauthenticated", "forbid", "not_allowed",
    "cannot_connect", "cant_connect", "disallow", "blocked", "banned", "without_token", "no_token",
    "invalid_token", "bad_token", "expired",
)  # fmt: skip
_ASSERTIONS = ("assertTrue", "assertIsNotNone")
_RESULTS = ("answer", "received", "result")
_RECEIVES = tuple(RECEIVES)
# a receive from a refused communicator times out
_TIMEOUTS = frozenset(("Exception", "BaseException", "TimeoutError"))
_TEAR_DOWNS = ("asyncTearDown", "tearDown", "doCleanups", "stop", "stopall")


def connects(timeline: Timeline) -> Iterator[tuple[Event, Outcome]]:
    """Yield each connect of a communicator with its outcome."""
    for event in timeline.events_of("Communicator"):
        if event.name == "connect":
            yield event, outcome(event)


def received_later(timeline: Timeline, connect: Event) -> list[Event]:
    """Return the receives from the communicator, which fail after a refusal."""
    return [
        event
        for event in timeline.events_of("Communicator")
        if event.subject == connect.subject and event.name.startswith(_RECEIVES)
    ]


def is_tolerated(timeline: Timeline, receive: Event) -> bool:
    """Return whether a receive may fail, as it does after a refusal, and the test goes on."""
    around = (
        scope for scope in expectations(timeline)
        if _TIMEOUTS.intersection(name.rpartition(".")[2] for name in scope.expected)
        and is_open(timeline, scope, receive.at) is True
    )  # fmt: skip
    return any(
        not isinstance(scope.statement, s.Try)
        or not any(
            asserts(one) for handler in scope.statement.handlers for one in statements(handler.body)
        )
        for scope in around
    )


def outcome(connect: Event) -> Outcome:
    """Return what the test makes of the result of a connect, as far as it is known."""
    uses = connect.result_uses
    if "used" in uses and not uses & {"accepted", "refused"}:
        return "unknown"
    order: tuple[Outcome, ...] = ("refused", "accepted", "always true", "unused", "dropped")
    return next((known for known in order if known in uses), "unknown")


def _asserted_true(statement: s.Stmt) -> s.Expr | None:
    """Return what a statement asserts to be true, or not to be None, by unittest's methods too."""
    if isinstance(statement, s.Assert):
        return statement.test
    call = statement.value if isinstance(statement, s.Do) else None
    if isinstance(call, s.Call) and call.args and called_name(call) in _ASSERTIONS:
        return call.args[0].value
    return None


def is_discarded(timeline: Timeline, connect: Event) -> bool:
    """Return whether a test says by a `_` that it doesn't want what its helper returns."""
    given = _given_back(timeline, connect)
    return given is not None and simple_name(given.target) == "_"


def dropped_at(timeline: Timeline, connect: Event) -> Origin:
    """Return where the result of a connect is dropped: at the call of a helper that returns it."""
    given, via = _given_back(timeline, connect), connect.origin.via
    return connect.origin if given is None else Origin(given.place, via[:-1])


class _GivenBack(NamedTuple):
    """A call of a helper that returns the result of its connect, in the test's file.

    ``target`` is what the caller binds the first part of the result to, None if it isn't known.
    """

    place: Place
    statement: s.Stmt | None
    target: s.Expr | None


def _given_back(timeline: Timeline, connect: Event) -> _GivenBack | None:
    test, via = timeline.test, connect.origin.via
    returned = _returned(connect) if via and via[-1].path == test.path else None
    if returned is None:
        return None
    nodes = (node for node in walk(test.function.body) if isinstance(node, s.Assign))
    call = next((node for node in nodes if node.span.contains(via[-1].span)), None)
    target = call.targets[0] if call is not None and len(call.targets) == 1 else None
    parts = target.items if isinstance(target, s.Seq) else (target,)
    at, count = returned
    return _GivenBack(via[-1], call, parts[at] if at >= 0 and len(parts) == count else None)


def _returned(connect: Event) -> tuple[int, int] | None:
    """Return at which place of how many values a helper returns what its connect gives.

    The place is -1 if it isn't known; None if it is not returned.
    """
    body = connect.function.body if connect.function is not None else ()
    bound = connect.statement.targets if isinstance(connect.statement, s.Assign) else ()
    target = bound[0] if len(bound) == 1 else None
    is_unpacked = isinstance(target, s.Seq) and bool(target.items)
    name = simple_name(target.items[0] if isinstance(target, s.Seq) and is_unpacked else target)
    values = [one.value for one in statements(body) if isinstance(one, s.Return)]
    value = values[0] if len(values) == 1 else None
    if name in ("", "_") or not mentions(value, {name}):
        return None
    items = value.items if isinstance(value, s.Seq) else (value,)
    at = next((n for n, item in enumerate(items) if is_name(item, name)), -1)
    return at if is_unpacked else -1, len(items)


def assertions(timeline: Timeline, connect: Event, outcome: Outcome) -> list[Fix | str]:
    """Return the fix that unpacks the result and asserts what the test means, and the opposite.

    A helper serves other tests too, so there it is only asserted that it connects.
    """
    given = _given_back(timeline, connect)
    is_own = given is not None or timeline.test.holds(connect.origin)
    refused = is_own and _means_refusal(timeline)
    meant, other = (
        _assert_outcome(timeline, connect, outcome, refused=one)
        if given is None
        else _assert_given_back(timeline, given, refused=one)
        for one in (refused, not refused)
    )
    if not is_own or isinstance(meant, str) or isinstance(other, str):
        return [meant]
    return [meant] if meant.actions == other.actions else [meant, other]


def _assert_outcome(
    timeline: Timeline, connect: Event, outcome: Outcome, *, refused: bool
) -> Fix | str:
    test, path = timeline.test, connect.origin.place.path
    function, statement = connect.function, connect.statement
    if function is None or statement is None or path != test.path:
        return "the connect is in a helper of another file"
    if not test.holds(connect.origin):
        test = replace(test, function=function, kind=_kind_of_helper(test, function))
    actions = _actions(test, path, function.body, statement, outcome, refused=refused)
    if isinstance(actions, str):
        return actions
    what = "refused" if refused else "accepted"
    title = f"unpack the result and assert that the connection was {what}"
    return Fix("unsafe", title, actions, reveals=(timeline.test.qualname,))


def _assert_given_back(timeline: Timeline, given: _GivenBack, *, refused: bool) -> Fix | str:
    """Return the fix that asserts the result which a helper has returned to the test."""
    test, target = timeline.test, given.target
    name = simple_name(target)
    if given.statement is None or target is None or not name:
        return "the test drops what its helper returns"
    actions: tuple[Action, ...] = ()
    if name == "_":
        name, _ = _free_names(test.function.body)
        actions = (ReplaceExpression(given.place.path, target.span, Code(name)),)
    check = assertion(test, f"not {name}" if refused else name)
    insert = InsertStatement(given.place.path, given.statement.span, Code(check))
    title = f"assert that the connection was {'refused' if refused else 'accepted'}"
    return Fix("unsafe", title, (*actions, insert), reveals=(test.qualname,))


def _kind_of_helper(test: TestCase, helper: s.Function) -> Literal["function", "method"]:
    """Return "method" for a method of the test's own unittest class."""
    is_method = test.owner is not None and helper in test.owner.body
    return "method" if test.kind == "method" and is_method else "function"


def _means_refusal(timeline: Timeline) -> bool:
    """Return whether the name of a test says that its only connection is to be refused."""
    name = timeline.test.function.name.lower()
    connected = {event.subject for event, _ in connects(timeline)}
    return len(connected) == 1 and any(word in name for word in _REFUSALS)


@remembering_last
def _free_names(body: s.Block) -> tuple[str, str]:
    """Return names for the two parts of the result of a connect."""
    # where _ is gettext, it must stay so
    is_called = any(isinstance(n, s.Call) and callee(n) == ("_",) for n in walk(body))
    name = "accepted" if mentions(body, {"connected"}) else "connected"
    return name, "subprotocol" if is_called else "_"


def _actions(
    test: TestCase, path: str, body: s.Block, statement: s.Stmt, outcome: Outcome, *, refused: bool
) -> tuple[Action, ...] | str:
    name, other = _free_names(body)
    given = _asserted_true(statement)
    if given is not None:
        if _has_message(statement, given):
            return (ReplaceExpression(path, given.span, Code("({0})[0]")),)
        check = assertion(test, name)
        new = Code(f"{name}, {other} = {{0}}\n{check}")
        return (ReplaceStatement(path, statement.span, new, given.span),)
    condition = "not {}" if refused else "{}"
    if isinstance(statement, s.Do):
        bind = BindResult(path, statement.value.span, f"{name}, {other}")
        check = assertion(test, condition.format(name))
        return (bind, InsertStatement(path, statement.span, Code(check)))
    if not isinstance(statement, s.Assign) or statement.value is None:
        return "the result is used in a way that wslint cannot follow"
    target = statement.targets[0]
    name_of = target.items[0] if isinstance(target, s.Seq) else target
    name = ".".join(name_of.parts) if isinstance(name_of, s.Ref) else "_"
    if name == "_":
        return "the result is bound to `_`, which marks it as unwanted"
    if len(statement.targets) > 1 or statement.annotation is not None:
        return "the result is bound in a way that cannot be rewritten"
    if outcome == "always true" and name_of is target and not _is_only_asserted(body, name):
        # what is asserted of the pair stays
        check = assertion(test, condition.format(f"{name}[0]"))
        return (InsertStatement(path, statement.span, Code(check)),)
    lines = [f"{name}, {other} = {{0}}"] if name_of is target else ["{0}"]
    if outcome != "always true" or name_of is not target:
        lines.append(assertion(test, condition.format(name)))
    source = statement.value.span if name_of is target else statement.span
    return (ReplaceStatement(path, statement.span, Code("\n".join(lines)), source),)


def _is_only_asserted(body: s.Block, name: str) -> bool:
    """Return whether all that is done with what a name is bound to is to assert that it is true."""
    uses = tuple(one for one in statements(body) if mentions(one, {name}) and not blocks_of(one))
    in_heads = sum(name in ref.parts for ref in refs(body)) > sum(
        name in ref.parts for ref in refs(uses)
    )
    return not in_heads and all(
        assigned_name(one) == name or ".".join(dotted(_asserted_true(one))) == name for one in uses
    )


def _has_message(statement: s.Stmt, asserted: s.Expr) -> bool:
    """Return whether an assertion may have a message."""
    if isinstance(statement, s.Assert):
        return statement.span[2:] != asserted.span[2:]
    call = statement.value if isinstance(statement, s.Do) else None
    return isinstance(call, s.Call) and len(call.args) > 1


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
    block = _block(function.body, seen.span, {receiver[0]}) if seen is not None else None
    if block is None:
        return "the communicator is connected in a loop or a branch, or outside the function"
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


def _block(body: s.Block, place: Span, names: AbstractSet[str]) -> s.Block | None:
    """Return the innermost block around a place in which all is done with some names.

    None if the place isn't in the body, or in a part of it that may be skipped or repeated.
    """
    at = next((n for n, one in enumerate(body) if one.span.contains(place)), None)
    if at is None:
        return None
    statement = body[at]
    if isinstance(statement, s.Branch) and statement.test.span.contains(place):
        return body
    if isinstance(statement, (s.Branch, s.Loop, s.Function)):
        return None
    if not isinstance(statement, (s.With, s.Try)):
        return body
    inner = _block(statement.body, place, names)
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
