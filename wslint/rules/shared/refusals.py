"""Blocks around a connect that expect an exception, and the fix that asserts the close code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from wslint.findings.actions import (
    Action,
    Code,
    InsertStatement,
    NameWithItem,
    ReplaceExpression,
    Symbol,
)
from wslint.findings.finding import Fix
from wslint.rules.shared.code import blocks_of, dotted, simple_name, with_item
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open

HELP = "assert the close code the application refuses with; an unknown route closes with 1000"

DISCONNECTS = frozenset(
    ("starlette.websockets.WebSocketDisconnect", "fastapi.WebSocketDisconnect",
     "fastapi.websockets.WebSocketDisconnect")
)  # fmt: skip
_NAMES = ("refused", "refusal", "refused_connect")


def around_connects(
    timeline: Timeline, kind: Literal["Raises", "Try"]
) -> Iterator[tuple[Scope, Scope]]:
    """Yield each scope of a kind in which a websocket opens, with the first such websocket."""
    sockets = [
        socket
        for socket in timeline.scopes_of("Socket")
        if (client := socket.client) is not None and timeline.resources[client].role == "TestClient"
    ]
    for scope in timeline.scopes_of(kind):
        inside = [socket for socket in sockets if is_open(timeline, scope, socket.opened) is True]
        if inside:
            yield scope, inside[0]


def is_checked(scope: Scope) -> bool:
    """Return whether a test may check the exception that a ``raises`` block catches.

    It may if the block matches the text, if its name is used, or if the block isn't a plain
    ``with`` statement.
    """
    statement, function = scope.statement, scope.function
    item = with_item(statement, scope.origin.place.span)
    if scope.matched or item is None or function is None or not isinstance(statement, s.With):
        return True
    if not isinstance(item.value, s.Call):
        return True
    if item.target is None:
        return False
    others = [other for other in statement.items if other is not item]
    outside = _without(function.body, statement)
    name = simple_name(item.target)
    return not name or mentions((*others, *statement.body, *outside), {name})


def _without(body: s.Block, left_out: s.Stmt) -> Iterator[s.Stmt]:
    """Yield the innermost statements of a body, without those of one statement."""
    for statement in body:
        if statement is left_out:
            continue
        blocks = blocks_of(statement)
        if not any(_holds(block, left_out) for block in blocks):
            yield statement
        for block in blocks:
            if _holds(block, left_out):
                yield from _without(block, left_out)


def _holds(body: s.Block, wanted: s.Stmt) -> bool:
    return any(
        statement is wanted or any(_holds(block, wanted) for block in blocks_of(statement))
        for statement in body
    )


def assert_the_code(timeline: Timeline, scope: Scope, socket: Scope) -> Fix | str:
    """Return the fix that expects a WebSocketDisconnect other than that of a missing route.

    It is only shown: an application that refuses without a code closes with 1000 as well.
    """
    statement, function = scope.statement, scope.function
    item = with_item(statement, scope.origin.place.span)
    call = item.value if item is not None else None
    if statement is None or item is None or not isinstance(call, s.Call) or not call.args:
        return "the block is not a plain `with` statement"
    path = scope.origin.place.path
    client = timeline.resources[socket.client].name if socket.client is not None else ""
    library = "fastapi" if client.startswith("fastapi") else "starlette.websockets"
    symbol = Symbol(f"{library}.WebSocketDisconnect", library, "WebSocketDisconnect")
    actions: list[Action] = []
    if not DISCONNECTS.issuperset(scope.expected):
        by_keyword = (arg for arg in call.args if arg.keyword == "expected_exception")
        given = next(by_keyword, call.args[0])
        actions.append(ReplaceExpression(path, given.value.span, Code("{a}", (symbol,))))
    if isinstance(item.target, s.Ref):
        name = item.target.parts[0]
    else:
        free = [name for name in _NAMES if not mentions(function, {name})]
        if not free:
            return "the names for the exception are taken"
        name = free[0]
        actions.append(NameWithItem(path, call.span, name))
    func = dotted(call.func)
    if func and func[-1].startswith("assert"):
        check = f"{'.'.join(func[:-1])}.assertNotEqual({name}.exception.code, 1000)"
    else:
        check = f"assert {name}.value.code != 1000"
    code = Code(f"{check}  # the code of a route that does not exist")
    actions.append(InsertStatement(path, statement.span, code))
    return Fix("display-only", "expect a refusal by a route that exists", tuple(actions))
