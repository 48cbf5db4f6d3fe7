"""The fixes of blocks that swallow a failure: what may fail stays inside, what checks comes out."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    Code,
    InsertStatement,
    MoveToElse,
    RemoveHandlers,
    RemoveWithItem,
    ReplaceExpression,
    ReplaceStatement,
)
from wslint.findings.finding import Fix
from wslint.findings.span import Place, Span
from wslint.rules.shared.code import assigned_name, blocks_of, dotted, with_item
from wslint.rules.shared.fixes import RAISES, assertion
from wslint.rules.shared.swallowing import LOOKUP_ERRORS, asserts
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements, walk
from wslint.timeline.model import Origin, Scope, Timeline

_NAMES = ("message", "answer", "received")
_LEAVES = "what the loop does depends on the exception"


def let_assert_fail(timeline: Timeline, scope: Scope, asserted: Origin) -> Fix | str:
    """Return the fix that takes an assert out of a block, and leaves in it what it tolerates."""
    statement, path = scope.statement, scope.origin.place.path
    if not isinstance(statement, s.Try) or _catches_only_checks(statement):
        return let_all_fail(scope)
    uses = [place.span for place in _uses(timeline, scope, statement.body)]
    place = asserted.seen_inside(path, statement.span) or asserted.place
    check = next((number for number, part in enumerate(statement.body)
                  if any(map(asserts, statements((part,))))
                  or part.span.contains(place.span)), 0)  # fmt: skip
    part = statement.body[check]
    within = [use for use in uses if part.span.contains(use)]
    after = [use for use in uses if use.line > part.span.end_line]
    before = [number for number, one in enumerate(statement.body[:check])
              if any(one.span.contains(use) for use in uses)]  # fmt: skip
    actions: list[Action] = []
    first = part
    if within:
        receive = _own_expression(part, within[0])
        names = [n for n in _NAMES if scope.function and not mentions(scope.function, {n})]
        # in a helper, the receive and the assert are one call
        is_own = place == asserted.place and part.span.contains(place.span)
        if len(within) > 1 or receive is None or not names or not is_own:
            return let_all_fail(scope)
        bound = Code(f"{names[0]} = {{0}}")
        actions = [
            InsertStatement(path, part.span, bound, after=False, sources=(receive,)),
            ReplaceExpression(path, receive, Code(names[0])),
        ]
    elif not before:
        return let_all_fail(scope)
    elif len(statement.handlers) == 1 and not after:
        # a call may be what is tolerated, and other handlers for what is done with the message
        for one in reversed(statement.body[before[-1] + 1 : check]):
            if any(isinstance(node, (s.Call, s.Await)) for node in walk(one)):
                break
            first = one
    actions.append(MoveToElse(path, statement.span, first.span))
    title = "check what was received outside of what may fail"
    may_fail = after or any(map(_may_fail, statement.body[check + 1 :]))
    return Fix("display-only" if may_fail else "unsafe", title, tuple(actions))


def _may_fail(statement: s.Stmt) -> bool:
    """Return whether a statement calls something, other than to check it."""
    calls = any(isinstance(node, s.Call) for node in walk(statement))
    return calls and not asserts(statement)


def let_receive_fail(timeline: Timeline, scope: Scope, function: s.Function) -> Fix | str:
    """Return the fix that asserts the flag which the block sets, or that lets its receive fail."""
    statement = scope.statement
    found = _unread_flag(function, statement) if statement is not None else None
    if found is not None:
        name, outermost = found
        check = Code(assertion(timeline.test, function, name))
        action = InsertStatement(scope.origin.place.path, outermost.span, check)
        return Fix("display-only", f"assert `{name}` at the end", (action,))
    return let_all_fail(scope)


def expect_the_failure(scope: Scope) -> Fix | str:
    """Return the fix that expects the exceptions which a block names, or that lets any pass."""
    statement, path = scope.statement, scope.origin.place.path
    if isinstance(statement, s.With):
        return let_all_fail(scope)
    if not isinstance(statement, s.Try) or len(statement.handlers) != 1:
        return "the block has several handlers"
    kinds = statement.handlers[0].type
    names = kinds.items if isinstance(kinds, s.Seq) else (kinds,)
    written = [".".join(dotted(name)) for name in names]
    if not all(written) or {"Exception", "BaseException"} & set(written):
        return let_all_fail(scope)
    if len(statement.body) != 1 or statement.final:
        return "the block holds more than the connect"
    kind = written[0] if len(written) == 1 else f"({', '.join(written)})"
    new = Code(f"with {{a}}({kind}):\n    {{0}}", (RAISES,))
    action = ReplaceStatement(path, statement.span, new, statement.body[0].span)
    return Fix("display-only", "expect the failure", (action,))


def let_all_fail(scope: Scope) -> Fix | str:
    """Return the fix that removes what swallows."""
    statement, place = scope.statement, scope.origin.place
    action: Action
    if isinstance(statement, s.With):
        item = with_item(statement, place.span)
        if item is None or item.target is not None:
            return "the block is not a plain `with` statement"
        action = RemoveWithItem(place.path, place.span)
    elif isinstance(statement, s.Try):
        if any(isinstance(one, s.Jump) for h in statement.handlers for one in h.body):
            return _LEAVES
        action = RemoveHandlers(place.path, statement.span)
    else:
        return "it is not known which failure was meant to be tolerated"
    return Fix("display-only", "let it fail", (action,))


def _catches_only_checks(statement: s.Try) -> bool:
    """Return whether no handler is for what a receive raises."""
    return all(
        "".join(dotted(handler.type)[-1:]) in {"AssertionError", *LOOKUP_ERRORS}
        for handler in statement.handlers
    )


def _uses(timeline: Timeline, scope: Scope, body: s.Block) -> Iterator[Place]:
    """Yield the places in a block's own code that use a websocket or communicator."""
    path = scope.origin.place.path
    for event in timeline.events:
        if event.kind in ("Communicator", "Socket"):
            inside = (event.origin.seen_inside(path, part.span) for part in body)
            yield from (place for place in inside if place is not None)


def _own_expression(statement: s.Stmt, call: Span) -> Span | None:
    """Return the call at a span, or the ``await`` of it, if a simple statement makes it once."""
    if blocks_of(statement):
        return None
    for node in walk(statement, skip=(s.Lambda, s.Comp)):
        if isinstance(node, s.Await) and node.value.span == call:
            return node.span
        if isinstance(node, s.Call) and node.span == call:
            return node.span
    return None


def _unread_flag(function: s.Function, inside: s.Stmt) -> tuple[str, s.Stmt] | None:
    """Return a name that is False at first, is set in a block and then never asked for.

    With it comes the outermost statement around the block, after which it can be asked for.
    """
    for number, statement in enumerate(function.body):
        if not statement.span.contains(inside.span):
            continue
        set_inside = {assigned_name(one) for one in statements((inside,))} - {""}
        for before in function.body[:number]:
            name = assigned_name(before)
            value = before.value if isinstance(before, s.Assign) else None
            is_false = isinstance(value, s.Const) and value.value is False
            if (
                is_false
                and name in set_inside
                and not mentions(function.body[number + 1 :], {name})
            ):
                return name, statement
    return None
