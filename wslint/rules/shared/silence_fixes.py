"""The fixes that wait for silence, instead of a receive that times out or before it."""

from __future__ import annotations

from typing import TypeGuard

from wslint.findings.actions import (
    Action,
    Code,
    InsertStatement,
    RemoveHandlers,
    ReplaceExpression,
    ReplaceStatement,
)
from wslint.findings.finding import Applicability, Fix
from wslint.rules.shared.code import (
    assigned_name,
    callee,
    dotted,
    is_endless,
    leaves,
    position,
)
from wslint.rules.shared.fixes import assertion
from wslint.rules.shared.swallowing import fails
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.model import Caught, Event, Timeline
from wslint.vocabulary import TIME_LIMITS

_LIMITS = tuple((name.rpartition(".")[2],) for name in TIME_LIMITS)
_MORE = "the block holds more than the receive"


def wait_for_silence(
    timeline: Timeline, caught: Caught, receive: Event, *, is_raised: bool, may_be_other: bool
) -> Fix | str:
    """Return the fix of a receive whose timeout is caught.

    ``is_raised``: the test goes on only if the receive raises. ``may_be_other``: what it raises may
    be no timeout.
    """
    statement, path = caught.statement, receive.origin.place.path
    silence = _silence(receive)
    if receive.at.lane != caught.at.lane:
        return "the receive runs in a task"
    if isinstance(statement, s.With) and not excepted_block(statement):
        return "the exception is used after the block"
    if isinstance(statement, s.Try) and (continues(statement) or ended_loop(timeline, caught)):
        return _in_a_loop(timeline, caught, statement, receive, may_be_other=may_be_other)
    body = excepted_block(statement) if statement is not None else ()
    if statement is None or not body or not receive.receiver:
        return _MORE
    if not silence:
        return "the timeout of the receive is not a number"
    reveals = (timeline.test.qualname,)
    # in a try, what comes after the receive only fails, so it may go too
    only = body[0] if len(body) == 1 or (is_raised and isinstance(statement, s.Try)) else None
    if is_raised and only is not None and receive.node and _awaits(only, receive.node):
        new = Code(assertion(timeline.test, receive.function, silence))
        action = ReplaceStatement(path, statement.span, new)
        tier: Applicability = "unsafe" if may_be_other else "safe"
        return Fix(tier, "wait for silence", (action,), reveals=reveals)
    word = "if"
    if isinstance(only, s.Loop) and is_drain(only):
        word, only = "while", only.body[0] if len(only.body) == 1 else None
    elif is_raised:
        only = None
    if only is None or not _is_receive(only, receive):
        return _MORE
    # what the test expects of a close stays
    whole = only if may_be_other else statement
    new = Code(f"{word} not {silence}:\n    {{0}}")
    action = ReplaceStatement(path, whole.span, new, only.span)
    return Fix("safe", "receive only if something comes", (action,), reveals=reveals)


def _in_a_loop(
    timeline: Timeline, caught: Caught, statement: s.Try, receive: Event, *, may_be_other: bool
) -> Fix | str:
    """Return the fix of a loop that tries again after a timeout, or ends with it."""
    path, loop, silence = receive.origin.place.path, ended_loop(timeline, caught), _silence(receive)
    reveals = (timeline.test.qualname,)
    if len(statement.handlers) > 1:
        return "the loop goes on after other exceptions as well"
    only = statement.body[0]
    is_plain = len(statement.body) == 1 and not statement.final
    if not is_plain or not receive.receiver or not _is_receive(only, receive):
        return _MORE
    if not silence:
        return "the timeout of the receive is not a number"
    if loop is None:
        if statement.orelse:
            return _MORE
        new = Code(f"if {silence}:\n    continue\n{{0}}")
        action = ReplaceStatement(path, statement.span, new, only.span)
        return Fix("safe", "try again without a timeout", (action,), reveals=reveals)
    if loop.body[0] is not statement:
        return "the loop does something before the receive"
    actions: list[Action] = [
        ReplaceExpression(path, loop.head.span, Code(f"not {silence}")),
        RemoveHandlers(path, statement.span),
    ]
    (end,) = statement.handlers[0].body
    if isinstance(end, s.Return):
        value = () if end.value is None else (end.value.span,)
        code = Code("return {0}" if value else "return")
        actions.append(InsertStatement(path, loop.span, code, sources=value))
    tier: Applicability = "unsafe" if may_be_other else "safe"
    return Fix(tier, "receive as long as something comes", tuple(actions), reveals=reveals)


def _silence(receive: Event) -> str:
    """Return the code that waits for silence as long as a receive waits, "" if that isn't known."""
    args = receive.node.args if receive.node is not None else ()
    given = next((arg.value for arg in args), None)
    timeout = given.value if isinstance(given, s.Const) else ".".join(dotted(given))
    if given is None:
        timeout = 1
    if len(args) > 1 or not isinstance(timeout, (int, float, str)) or not timeout:
        return ""
    return f"await {'.'.join(receive.receiver)}.receive_nothing(timeout={timeout})"


def _is_receive(statement: s.Stmt, receive: Event) -> bool:
    """Return whether a simple statement contains a receive."""
    return isinstance(statement, (s.Do, s.Assign)) and receive.node in walk(statement)


def continues(statement: s.Stmt | None) -> TypeGuard[s.Try]:
    """Return whether whatever a ``try`` catches leads to the next round of its loop."""
    handlers = statement.handlers if isinstance(statement, s.Try) else ()
    bodies = [handler.body for handler in handlers]
    return bool(bodies) and all(
        len(body) == 1 and isinstance(body[0], s.Jump) and body[0].kind == "continue"
        for body in bodies
    )


def ended_loop(timeline: Timeline, caught: Caught) -> s.Loop | None:
    """Return the endless loop around a ``try`` whose handler alone ends it."""
    statement = caught.statement
    handlers = statement.handlers if isinstance(statement, s.Try) else ()
    if not isinstance(statement, s.Try) or len(handlers) != 1 or len(handlers[0].body) != 1:
        return None
    (end,) = handlers[0].body
    is_end = isinstance(end, s.Return) or (isinstance(end, s.Jump) and end.kind == "break")
    loops = (one.node for one in timeline.loops if is_endless(one.node))
    loop = next((one for one in loops if position(one.body, statement) is not None), None)
    if loop is None or not is_end or statement.final:
        return None
    others = tuple(one for one in loop.body if one is not statement)
    is_left = leaves((*others, *statement.body, *statement.orelse))
    # who goes through a generator may leave it as well
    return None if is_left or any(isinstance(one, s.Yield) for one in walk(loop.body)) else loop


def is_drain(statement: s.Stmt) -> bool:
    """Return whether a statement is a loop that only an exception ends."""
    return isinstance(statement, s.Loop) and is_endless(statement) and not leaves(statement.body)


def excepted_block(statement: s.Stmt) -> s.Block:
    """Return the block out of which an exception comes, () if there is more to the statement."""
    if isinstance(statement, s.With):
        is_plain = len(statement.items) == 1 and statement.items[0].target is None
        return statement.body if is_plain else ()
    if isinstance(statement, s.Try):
        is_plain = len(statement.handlers) == 1 and not statement.handlers[0].body
        no_more = not statement.final and (not statement.orelse or fails(statement.orelse[0]))
        return statement.body if is_plain and no_more else ()
    return ()


def _awaits(statement: s.Stmt, call: s.Call) -> bool:
    """Return whether a statement does nothing but await a call, at most under a longer limit."""
    if isinstance(statement, s.With) and len(statement.items) == len(statement.body) == 1:
        return callee(statement.items[0].value)[-1:] in _LIMITS and _awaits(statement.body[0], call)
    is_dropped = isinstance(statement, s.Do) or assigned_name(statement) == "_"
    awaited = statement.value if is_dropped and isinstance(statement, (s.Do, s.Assign)) else None
    value = awaited.value if isinstance(awaited, s.Await) else None
    if isinstance(value, s.Call) and callee(value)[-1:] == ("wait_for",) and value.args:
        value = value.args[0].value
    return value is call
