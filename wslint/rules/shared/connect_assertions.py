"""The fixes that assert what ``connect`` returns, in the style of the test."""

from __future__ import annotations

import os
from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    BindResult,
    Code,
    InsertStatement,
    ReplaceExpression,
    ReplaceStatement,
)
from wslint.findings.finding import Fix
from wslint.rules.shared.acceptance import accepts_all, may_close_after_accept
from wslint.rules.shared.code import (
    assigned_name,
    block_of,
    blocks_of,
    call_in,
    called_name,
    calls_underscore,
    dotted,
    simple_name,
)
from wslint.rules.shared.connects import (
    GivenBack,
    Outcome,
    connects,
    given_back,
    guards_of,
    is_tolerated,
    is_under,
    received_later,
)
from wslint.rules.shared.expectations import asserted_true
from wslint.rules.shared.fixes import assertion
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, remembering_last, statements
from wslint.timeline.model import Event, TestCase, Timeline
from wslint.timeline.query import subject_of

# receive_nothing() succeeds on a refused connection
_REFUSALS = (
    "reject", "refus", "denie", "deny", "unauthor", "unauthenticated", "forbid", "not_allowed",
    "cannot_connect", "cant_connect", "disallow", "blocked", "banned", "without_token", "no_token",
    "invalid_token", "bad_token", "expired", "exceed", "too_many", "over_limit", "capacity_limit",
    "non_member", "nonmember", "not_a_member", "outsider", "stranger", "mismatch",
)  # fmt: skip


def assertions(timeline: Timeline, connect: Event, outcome: Outcome) -> list[Fix | str]:
    """Return the fix that unpacks the result and asserts what the test means, and the opposite.

    A helper serves other tests too, so there it is only asserted that it connects.
    """
    given = given_back(timeline, connect)
    is_own = given is not None or timeline.test.holds(connect.origin)
    refused = is_own and _means_refusal(timeline, connect)
    if refused and any(map(may_close_after_accept, subject_of(timeline, connect).consumers)):
        return ["the consumer may accept before it closes, so what to assert is not known"]
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
    if function is None or statement is None or not _is_beside(path, test.path):
        return "the connect is in a helper of another folder"
    actions = _actions(test, path, function, statement, outcome, refused=refused)
    if isinstance(actions, str):
        return actions
    what = "refused" if refused else "accepted"
    title = f"unpack the result and assert that the connection was {what}"
    return Fix("unsafe", title, actions, reveals=(timeline.test.qualname,))


def _is_beside(path: str, test: str) -> bool:
    """Return whether a file is in the folder of a test, or in that above it."""
    folder = os.path.dirname(test)
    return os.path.dirname(path) in (folder, os.path.dirname(folder))


def _assert_given_back(timeline: Timeline, given: GivenBack, *, refused: bool) -> Fix | str:
    """Return the fix that asserts the result which a helper has returned to the test."""
    test, target = timeline.test, given.target
    name = simple_name(target)
    actions: tuple[Action, ...] = ()
    if isinstance(given.statement, s.Do) and given.parts is not None:
        count, at = given.parts
        name, other = _free_names(test.function.body)
        bound = ", ".join(name if number == at else other for number in range(count))
        actions = (BindResult(given.place.path, given.statement.value.span, bound),)
    elif given.statement is None or target is None or not name:
        return "the test drops what its helper returns"
    elif name == "_":
        name, _ = _free_names(test.function.body)
        actions = (ReplaceExpression(given.place.path, target.span, Code(name)),)
    check = assertion(test, test.function, f"not {name}" if refused else name)
    insert = InsertStatement(given.place.path, given.statement.span, Code(check))
    title = f"assert that the connection was {'refused' if refused else 'accepted'}"
    return Fix("unsafe", title, (*actions, insert), reveals=(test.qualname,))


def _means_refusal(timeline: Timeline, connect: Event) -> bool:
    """Return whether name or docstring of a test say that its only connection is to be refused.

    It doesn't mean the connection if the consumer accepts all, or if the test receives something.
    """
    consumers = subject_of(timeline, connect).consumers
    guards = guards_of(connect)
    received = [
        one
        for one in received_later(timeline, connect)
        if one.name != "receive_nothing" and not is_under(one.origin, guards)
    ]
    if consumers and all(map(accepts_all, consumers)):
        return False
    if any(not is_tolerated(timeline, one) for one in received):
        return False
    function = timeline.test.function
    said = f"{function.name} {function.docstring.replace(' ', '_')}".lower()
    connected = {event.subject for event, _ in connects(timeline)}
    return len(connected) == 1 and any(word in said for word in _REFUSALS)


@remembering_last
def _free_names(body: s.Block) -> tuple[str, str]:
    """Return names for the two parts of the result of a connect."""
    name = "accepted" if mentions(body, {"connected"}) else "connected"
    return name, "subprotocol" if calls_underscore(body) else "_"


def _actions(
    test: TestCase,
    path: str,
    function: s.Function,
    statement: s.Stmt,
    outcome: Outcome,
    *,
    refused: bool,
) -> tuple[Action, ...] | str:
    body = function.body
    name, other = _free_names(body)
    given = asserted_true(statement)
    if given is not None:
        if _has_message(statement, given):
            return (ReplaceExpression(path, given.span, Code("({0})[0]")),)
        check = assertion(test, function, name)
        new = Code(f"{name}, {other} = {{0}}\n{check}")
        return (ReplaceStatement(path, statement.span, new, given.span),)
    condition = "not {}" if refused else "{}"
    gathered = call_in(statement)
    if called_name(gathered) == "gather":
        return _of_each(test, path, function, statement, gathered, (name, other))
    if isinstance(statement, s.Do):
        bind = BindResult(path, statement.value.span, f"{name}, {other}")
        check = assertion(test, function, condition.format(name))
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
    if (
        outcome in ("always true", "guards")
        and name_of is target
        and not _is_only_asserted(body, name)
    ):
        # what is done with the pair stays
        check = assertion(test, function, condition.format(f"{name}[0]"))
        return (InsertStatement(path, statement.span, Code(check)),)
    vacuous = _vacuous_assert(body, statement, name) if outcome == "always true" else None
    if vacuous is not None and name_of is not target:
        asserted = ReplaceExpression(path, vacuous.span, Code(condition.format(name)))
        return (asserted, *_unbound(path, body, target, vacuous, other))
    lines = [f"{name}, {other} = {{0}}"] if name_of is target else ["{0}"]
    if outcome != "always true" or name_of is not target:
        lines.append(assertion(test, function, condition.format(name)))
    source = statement.value.span if name_of is target else statement.span
    return (ReplaceStatement(path, statement.span, Code("\n".join(lines)), source),)


def _of_each(
    test: TestCase,
    path: str,
    function: s.Function,
    statement: s.Stmt,
    gathered: s.Call | None,
    names: tuple[str, str],
) -> tuple[Action, ...] | str:
    """Return the actions that assert each result of ``await asyncio.gather(…)``."""
    args = [arg.value for arg in gathered.args] if gathered is not None else []
    coroutines = [arg.element if isinstance(arg, s.Comp) else arg for arg in args]
    if not all(called_name(one) == "connect" for one in coroutines):
        return "the results of other coroutines are gathered, too"
    check = assertion(test, function, names[0])
    loop = f"for {names[0]}, {names[1]} in {{0}}:\n    {check}"
    if isinstance(statement, s.Do):
        new = Code(loop)
        return (ReplaceStatement(path, statement.span, new, statement.value.span),)
    results = assigned_name(statement)
    if results:
        return (InsertStatement(path, statement.span, Code(loop.format(results))),)
    target = statement.targets[0] if isinstance(statement, s.Assign) else None
    pairs = target.items if isinstance(target, s.Seq) else ()
    bound = [simple_name(pair.items[0]) if isinstance(pair, s.Seq) else "" for pair in pairs]
    if "" in bound or "_" in bound or not bound:
        return "the result is bound in a way that cannot be rewritten"
    checks = "\n".join(assertion(test, function, name) for name in bound)
    return (InsertStatement(path, statement.span, Code(checks)),)


def _vacuous_assert(body: s.Block, connect: s.Assign, name: str) -> s.Expr | None:
    """Return what the ``assert`` right after a connect says, if it is only that of its result."""
    block = block_of(body, connect)
    following = block[block.index(connect) + 1 :][:1] if block else ()
    if not following or not isinstance(following[0], s.Assert):
        return None
    test = following[0].test
    known = {ref.parts for ref in refs(connect.targets)} | {("isinstance",), ("bool",)}
    is_whole = not isinstance(test, s.Op) or test.kind == "or"
    only = is_whole and mentions(test, {name}) and {ref.parts for ref in refs(test)} <= known
    return test if only else None


def _unbound(
    path: str, body: s.Block, target: s.Expr, vacuous: s.Expr, other: str
) -> Iterator[Action]:
    """Yield the action that no longer binds the second half, if only an assert uses it."""
    second = target.items[-1] if isinstance(target, s.Seq) and len(target.items) == 2 else None
    name = simple_name(second)
    uses = [ref for ref in refs(body) if ref.parts[0] == name and second is not ref]
    only = bool(uses) and all(vacuous.span.contains(ref.span) for ref in uses)
    if second is not None and name != "_" and only:
        yield ReplaceExpression(path, second.span, Code(other))


def _is_only_asserted(body: s.Block, name: str) -> bool:
    """Return whether all that is done with what a name is bound to is to assert that it is true."""
    uses = tuple(one for one in statements(body) if mentions(one, {name}) and not blocks_of(one))
    in_heads = sum(name in ref.parts for ref in refs(body)) > sum(
        name in ref.parts for ref in refs(uses)
    )
    return not in_heads and all(
        assigned_name(one) == name or ".".join(dotted(asserted_true(one))) == name for one in uses
    )


def _has_message(statement: s.Stmt, asserted: s.Expr) -> bool:
    """Return whether an assertion may have a message."""
    if isinstance(statement, s.Assert):
        return statement.span[2:] != asserted.span[2:]
    call = statement.value if isinstance(statement, s.Do) else None
    return isinstance(call, s.Call) and len(call.args) > 1
