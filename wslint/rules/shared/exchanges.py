"""What a handler surely sends and receives over its websocket, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from wslint.rules.shared.code import caught_names, dotted, is_endless, leaves
from wslint.rules.shared.handlers import given_socket, is_wrapped, names_read, socket_name_of
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, walk
from wslint.timeline.application_model import Code

Operation = Literal["send", "receive"]

_DEPTH = 3
_READ = frozenset(
    ("query_params", "path_params", "headers", "url", "cookies", "client", "state", "app", "scope",
     "session", "user", "auth", "base_url", "client_state", "application_state")
)  # fmt: skip
# what a receive or a send raises when the test has gone
_ENDS = frozenset(("WebSocketDisconnect", "CancelledError", "ClosedResourceError"))


class _Unclear(Exception):
    """From here on, the handler may do one thing or another."""


def waits_for_a_message(code: Code, sent: int, received: int) -> bool:
    """Return whether a handler surely has nothing more to send until it gets a message.

    The test has ``sent`` that many messages to it, and ``received`` that many from it.
    """
    for operation in _operations(code):
        if operation == "send":
            received -= 1
            if received < 0:
                return False
        elif not sent:
            return received == 0
        else:
            sent -= 1
    return False


def _operations(code: Code) -> Iterator[Operation]:
    """Yield what a handler does with its socket, as far as that is sure."""
    function, socket = code.node, socket_name_of(code)
    if not isinstance(function, s.Function) or not socket or is_wrapped(function) or code.depends:
        return
    try:
        yield from _block(code, socket, function.body, 0)
    except _Unclear:
        return


def _block(code: Code, socket: str, block: s.Block, depth: int) -> Iterator[Operation]:
    for statement in block:
        yield from _statement(code, socket, statement, depth)


def _statement(code: Code, socket: str, statement: s.Stmt, depth: int) -> Iterator[Operation]:
    if isinstance(statement, s.With):
        for item in statement.items:
            yield from _expression(code, socket, item.value, depth)
        yield from _block(code, socket, statement.body, depth)
    elif isinstance(statement, s.Try):
        if any(not caught_names(handler) <= _ENDS for handler in statement.handlers):
            raise _Unclear
        for block in (statement.body, statement.orelse, statement.final):
            yield from _block(code, socket, block, depth)
    elif isinstance(statement, s.Branch):
        yield from _expression(code, socket, statement.test, depth)
        if mentions(statement.arms, {socket}) or any(map(leaves, statement.arms)):
            raise _Unclear
    elif isinstance(statement, s.Loop):
        yield from _loop(code, socket, statement, depth)
    elif isinstance(statement, (s.Function, s.Class)):
        if mentions(statement, {socket}):
            raise _Unclear
    else:
        for part in (getattr(statement, name, None) for name in ("value", "test", "targets")):
            yield from _expression(code, socket, part, depth)
        if isinstance(statement, (s.Return, s.Raise, s.Jump)):
            raise _Unclear


def _loop(code: Code, socket: str, loop: s.Loop, depth: int) -> Iterator[Operation]:
    head = loop.head.func if isinstance(loop.head, s.Call) else None
    parts = dotted(head)
    receives = loop.is_async and parts[:1] == (socket,) and parts[-1].startswith("iter_")
    if not receives and not is_endless(loop):
        if mentions(loop, {socket}) or leaves(loop.body):
            raise _Unclear
        return
    while True:
        if receives:
            yield "receive"
        operation = None
        for operation in _block(code, socket, loop.body, depth):
            yield operation
        if not receives and operation is None:
            raise _Unclear


def _expression(code: Code, socket: str, expr: object, depth: int) -> Iterator[Operation]:
    """Yield what evaluating an expression does with the socket."""
    used = [ref for ref in refs(expr) if ref.parts[0] == socket]
    if not used:
        return
    sure = {id(ref) for ref, _ in names_read(expr)}
    if any(id(ref) not in sure for ref in used):
        raise _Unclear
    clear = {id(ref) for ref in used if len(ref.parts) > 1 and ref.parts[1] in _READ}
    awaited = {id(node.value) for node in walk(expr) if isinstance(node, s.Await)}
    calls = [node for node in walk(expr) if isinstance(node, s.Call)]
    for call in sorted(calls, key=lambda call: call.span[2:]):
        name = dotted(call.func)
        if name[:-1] == (socket,) and id(call) in awaited:
            clear.add(id(call.func))
            if name[-1].startswith(("send", "receive")):
                yield "send" if name[-1].startswith("send") else "receive"
            elif name[-1] != "accept":
                raise _Unclear
            continue
        inner = given_socket(code, call, socket)
        function = inner[0].node if inner is not None else None
        if inner is None or not isinstance(function, s.Function) or id(call) not in awaited:
            continue
        if depth >= _DEPTH or is_wrapped(function) or function.is_generator:
            raise _Unclear
        clear.update(id(arg.value) for arg in call.args)
        yield from _called(inner, function, depth)
    if any(id(ref) not in clear for ref in used):
        raise _Unclear


def _called(inner: tuple[Code, str], function: s.Function, depth: int) -> Iterator[Operation]:
    """Yield what a function does that is given the socket; its last statement may return."""
    code, socket = inner
    *before, last = function.body
    yield from _block(code, socket, tuple(before), depth + 1)
    if isinstance(last, s.Return):
        yield from _expression(code, socket, last.value, depth + 1)
    else:
        yield from _statement(code, socket, last, depth + 1)
