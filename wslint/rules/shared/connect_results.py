"""What a test does with the result of ``communicator.connect()``: (accepted, subprotocol)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Timeline

Outcome = Literal["accepted", "refused", "always true", "dropped", "unused", "unknown"]

# receive_nothing() is content with a refused connection
_RECEIVES = ("receive_from", "receive_json_from", "receive_output")


def connects(timeline: Timeline) -> Iterator[tuple[Event, Outcome]]:
    """Give each connect of a communicator, and what the test makes of its result."""
    for event in timeline.events_of("Communicator"):
        if event.name == "connect":
            yield event, outcome(event)


def received_later(timeline: Timeline, connect: Event) -> list[Event]:
    """List what is received from the communicator, which fails after a refusal."""
    return [
        event
        for event in timeline.events_of("Communicator")
        if event.subject == connect.subject and event.name.startswith(_RECEIVES)
    ]


def outcome(connect: Event) -> Outcome:
    """Tell what becomes of the result, by the statement and the function around it."""
    statement, function = connect.statement, connect.function
    at = connect.origin.place.span
    if isinstance(statement, s.Do):
        if _is_result(statement.value, at):
            return "dropped"
        given = asserted_true(statement)
        return "always true" if given is not None and _is_result(given, at) else "unknown"
    if isinstance(statement, s.Assert):
        return "always true" if _is_result(statement.test, at) else "unknown"
    if not isinstance(statement, s.Assign) or not isinstance(function, s.Function):
        return "unknown"
    if statement.value is None or not _is_result(statement.value, at):
        return "unknown"
    return _of_target(statement, function)


def asserted_true(statement: s.Stmt) -> s.Expr | None:
    """Give what a statement says to be true, by ``assert`` or ``assertTrue``."""
    if isinstance(statement, s.Assert):
        return statement.test
    call = statement.value if isinstance(statement, s.Do) else None
    if isinstance(call, s.Call) and isinstance(call.func, s.Ref) and call.args:
        return call.args[0].value if call.func.parts[-1] == "assertTrue" else None
    return None


def _is_result(expr: s.Expr, at: Span) -> bool:
    """Tell whether an expression is the connect's result itself."""
    return (expr.value if isinstance(expr, s.Await) else expr).span == at


def _of_target(statement: s.Assign, function: s.Function) -> Outcome:
    target = statement.targets[0]
    whole = isinstance(target, s.Ref)
    first = target.items[0] if isinstance(target, s.Seq) and target.items else target
    if len(statement.targets) != 1 or not isinstance(first, s.Ref) or len(first.parts) != 1:
        return "unknown"
    name = first.parts[0]
    uses = _uses_until_rebound(statement, function, name)
    if not uses:
        rest = target.items[1:] if isinstance(target, s.Seq) else ()
        others = [ref.parts[0] for ref in rest if isinstance(ref, s.Ref) and ref.parts != ("_",)]
        if any(use is not statement for other in others for use in _uses(function.body, other)):
            return "unknown"  # the code of a refusal, the subprotocol
        return "dropped" if whole else "unused"
    outcomes = {_of_use(use, name) for use in uses if use.span.line > statement.span.line}
    if whole:
        return "always true" if outcomes == {"accepted"} else "unknown"
    if "refused" in outcomes:
        return "refused"
    return "accepted" if "accepted" in outcomes else "unknown"


def _uses_until_rebound(statement: s.Assign, function: s.Function, name: str) -> list[s.Stmt]:
    """Give the statements that speak of a name, up to where the same block gives it a new value."""
    uses = [use for use in _uses(function.body, name) if use is not statement]
    if statement not in function.body:
        return uses
    at = function.body.index(statement)
    again = next((other for other in function.body[at + 1 :] if _binds(other, name)), None)
    if again is None:
        return uses
    return [use for use in uses if statement.span.line < use.span.line < again.span.line]


def _binds(statement: s.Stmt, name: str) -> bool:
    return isinstance(statement, s.Assign) and mentions(statement.targets, {name})


def _uses(body: s.Block, name: str) -> Iterator[s.Stmt]:
    """Give the innermost statements that speak of a name."""
    for statement in body:
        blocks: list[s.Block] = []
        if isinstance(statement, (s.With, s.Function, s.Class)):
            blocks = [statement.body]
        elif isinstance(statement, s.Loop):
            blocks = [statement.body, statement.orelse]
        elif isinstance(statement, s.Branch):
            blocks = list(statement.arms)
        elif isinstance(statement, s.Try):
            blocks = [statement.body, statement.orelse, statement.final]
            blocks += [handler.body for handler in statement.handlers]
        if blocks:
            for block in blocks:
                yield from _uses(block, name)
            # the head of an if or a with speaks of it too
            if not any(mentions(block, {name}) for block in blocks) and mentions(statement, {name}):
                yield statement
        elif mentions(statement, {name}):
            yield statement


def _of_use(use: s.Stmt, name: str) -> Outcome:
    """Tell what a statement asserts of the first half of the result."""
    if isinstance(use, s.Assert):
        return _of_test(use.test, name)
    if isinstance(use, s.Do) and isinstance(use.value, s.Call):
        func = use.value.func
        method = func.parts[-1] if isinstance(func, s.Ref) else ""
        given = use.value.args[0].value if use.value.args else None
        if _is_name(given, name):
            known: dict[str, Outcome] = {"assertTrue": "accepted", "assertFalse": "refused"}
            return known.get(method, "unknown")
    return "unknown"


def _of_test(test: s.Expr, name: str) -> Outcome:
    if _is_name(test, name):
        return "accepted"
    if isinstance(test, s.Op) and test.kind == "not" and _is_name(test.operands[0], name):
        return "refused"
    if isinstance(test, s.Compare) and _is_name(test.left, name) and len(test.rights) == 1:
        right = test.rights[0]
        if isinstance(right, s.Const) and test.ops[0] in ("is", "==", "is not", "!="):
            positive = test.ops[0] in ("is", "==")
            return "accepted" if bool(right.value) is positive else "refused"
    return "unknown"


def _is_name(expr: s.Expr | None, name: str) -> bool:
    return isinstance(expr, s.Ref) and expr.parts == (name,)
