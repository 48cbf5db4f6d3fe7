"""What the rules about expected refusals share: which blocks expect one, and the fix."""

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
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open

DISCONNECTS = frozenset(
    ("starlette.websockets.WebSocketDisconnect", "fastapi.WebSocketDisconnect",
     "fastapi.websockets.WebSocketDisconnect")
)  # fmt: skip
_NAMES = ("refused", "refusal", "refused_connect")


def around_connects(
    timeline: Timeline, kind: Literal["Raises", "Try"]
) -> Iterator[tuple[Scope, Scope]]:
    """Give each scope of a kind in which a websocket is opened, with the first such socket."""
    sockets = [
        socket
        for socket in timeline.scopes_of("Socket")
        if (client := socket.client) is not None and timeline.resources[client].role == "TestClient"
    ]
    for scope in timeline.scopes_of(kind):
        inside = [socket for socket in sockets if is_open(timeline, scope, socket.opened) is True]
        if inside:
            yield scope, inside[0]


def is_looked_at(scope: Scope) -> bool:
    """Tell whether a test may look at the exception that a ``raises`` block has caught.

    So it is where the block matches the text, where its name is used, and wherever the block is
    not a plain ``with`` statement.
    """
    statement, function = scope.statement, scope.function
    item = _item(scope)
    if scope.matched or item is None or function is None or not isinstance(statement, s.With):
        return True
    if item.target is None:
        return False
    if not isinstance(item.target, s.Ref) or len(item.target.parts) != 1:
        return True
    names = {item.target.parts[0]}
    others = [other for other in statement.items if other is not item]
    outside = _without(function.body, statement)
    return mentions((*others, *statement.body, *outside), names)


def _item(scope: Scope) -> s.WithItem | None:
    statement = scope.statement
    for item in statement.items if isinstance(statement, s.With) else ():
        if item.value.span == scope.origin.place.span and isinstance(item.value, s.Call):
            return item
    return None


def _without(body: s.Block, left_out: s.Stmt) -> Iterator[s.Stmt]:
    """Give the innermost statements of a body, without those of one statement."""
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


def blocks_of(statement: s.Stmt) -> list[s.Block]:
    """Give the blocks of a compound statement."""
    if isinstance(statement, (s.With, s.Function, s.Class)):
        return [statement.body]
    if isinstance(statement, s.Loop):
        return [statement.body, statement.orelse]
    if isinstance(statement, s.Branch):
        return list(statement.arms)
    if isinstance(statement, s.Try):
        handlers = [handler.body for handler in statement.handlers]
        return [statement.body, *handlers, statement.orelse, statement.final]
    return []


def assert_the_code(timeline: Timeline, scope: Scope, socket: Scope) -> Fix | str:
    """Give the fix that expects a WebSocketDisconnect, and not that of a missing route.

    Only shown: an application that refuses with no code of its own closes with 1000 as well.
    """
    statement, function, item = scope.statement, scope.function, _item(scope)
    call = item.value if item is not None else None
    if statement is None or item is None or not isinstance(call, s.Call) or not call.args:
        return "the block is not a plain with statement"
    path = scope.origin.place.path
    client = timeline.resources[socket.client].name if socket.client is not None else ""
    library = "fastapi" if client.startswith("fastapi") else "starlette.websockets"
    symbol = Symbol(f"{library}.WebSocketDisconnect", library, "WebSocketDisconnect")
    actions: list[Action] = []
    if not DISCONNECTS.issuperset(scope.expected):
        given = next(
            (arg for arg in call.args if arg.keyword == "expected_exception"), call.args[0]
        )
        actions.append(ReplaceExpression(path, given.value.span, Code("{a}", (symbol,))))
    if isinstance(item.target, s.Ref):
        name = item.target.parts[0]
    else:
        free = [name for name in _NAMES if not mentions(function, {name})]
        if not free:
            return "the names for the exception are taken"
        name = free[0]
        actions.append(NameWithItem(path, call.span, name))
    func = call.func
    if isinstance(func, s.Ref) and func.parts[-1].startswith("assert"):
        owner = ".".join(func.parts[:-1])
        check = f"{owner}.assertNotEqual({name}.exception.code, 1000)"
    else:
        check = f"assert {name}.value.code != 1000"
    code = Code(f"{check}  # the code of a route that does not exist")
    actions.append(InsertStatement(path, statement.span, code))
    return Fix("display-only", "expect the refusal of a route that exists", tuple(actions))
