"""What a websocket's handler surely changes, and what it awaits before it does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from wslint.findings.span import Place
from wslint.rules.shared.handlers import leaves
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Code, Shared

_CHANGES = frozenset(
    ("add", "append", "appendleft", "insert", "extend", "update", "setdefault", "remove", "discard",
     "pop", "popitem", "popleft", "clear")
)  # fmt: skip
_DEPTH = 3


class Change(NamedTuple):
    """A change of an object that lies at the top of a module, or of an attribute of it.

    ``phase`` is what came before it: "connect" (the accept), "message" (a receive) or "end" (the
    client is gone). ``waits``: something was awaited in between.
    """

    shared: Shared
    rest: tuple[str, ...]
    place: Place
    phase: str
    waits: bool

    @property
    def written(self) -> str:
        """The name as code can write it."""
        return ".".join((self.shared.name, *self.rest))


@dataclass
class _State:
    phase: str = ""
    waits: bool = False

    def enter(self, phase: str) -> None:
        self.phase, self.waits = phase, False


@dataclass(frozen=True)
class _Body:
    """A running function; ``socket`` is its name for the socket, ``owner`` what ``me`` is."""

    code: Code
    socket: str
    me: str = ""
    owner: Shared | None = None
    depth: int = 0


def changes(code: Code) -> Iterator[Change]:
    """Give what a handler changes on every way through it, up to the first that may end it."""
    if isinstance(code.node, s.Function):
        yield from _block(_Body(code, _socket(code.node)), code.node.body, _State())


def _socket(function: s.Function) -> str:
    for param in function.params:
        if isinstance(param.annotation, s.Ref) and param.annotation.parts[-1] == "WebSocket":
            return param.name
    return function.params[0].name if function.params else ""


def _block(body: _Body, block: s.Block, state: _State) -> Iterator[Change]:
    for statement in block:
        yield from _statement(body, statement, state)
        if isinstance(statement, (s.Return, s.Raise, s.Jump)) or _endless(statement):
            return
        # who is let in has come past what refuses others
        maybe = isinstance(statement, s.Branch) and state.phase
        if (maybe or isinstance(statement, s.Loop)) and leaves((statement,)):
            return


def _endless(statement: s.Stmt) -> bool:
    if not isinstance(statement, s.Loop) or statement.target is not None:
        return False
    return isinstance(statement.head, s.Const) and bool(statement.head.value)


def _statement(body: _Body, statement: s.Stmt, state: _State) -> Iterator[Change]:
    if isinstance(statement, s.Try):
        yield from _try(body, statement, state)
    elif isinstance(statement, s.With):
        for item in statement.items:
            yield from _awaits(body, item.value, state)
        yield from _block(body, statement.body, state)
    elif isinstance(statement, s.Loop):
        yield from _loop(body, statement, state)
    elif isinstance(statement, (s.Do, s.Assign, s.Return)):
        yield from _awaits(body, statement.value, state)
        target = _changed(statement)
        found = _resolved(body, target) if target else None
        if found is not None:
            place = Place(body.code.path, statement.span)
            yield Change(*found, place, state.phase, state.waits)


def _loop(body: _Body, loop: s.Loop, state: _State) -> Iterator[Change]:
    head = loop.head.func if isinstance(loop.head, s.Call) else loop.head
    receives = isinstance(head, s.Ref) and head.parts[0] == body.socket
    if loop.is_async and receives:
        state.enter("message")
        yield from _block(body, loop.body, state)
        state.enter("end")
    elif _endless(loop):
        yield from _block(body, loop.body, state)


def _try(body: _Body, statement: s.Try, state: _State) -> Iterator[Change]:
    """Do what a ``try`` does: a receive that raises leads to the handlers.

    What is done finally is done behind a cancelled await as well.
    """
    yield from _block(body, statement.body, state)
    ends = state.phase in ("message", "end")
    if state.phase == "message":
        state.enter("end")
        for handler in statement.handlers:
            ref = handler.type
            if isinstance(ref, s.Ref) and ref.parts[-1] == "WebSocketDisconnect":
                yield from _block(body, handler.body, state)
                break
    final = _State("end") if ends else state
    yield from _block(body, statement.final, final)
    state.waits = state.waits or final.waits


def _awaits(body: _Body, node: object, state: _State) -> Iterator[Change]:
    """Do what the awaits in an expression do, from the inside out."""
    if isinstance(node, (s.Lambda, s.Comp)):
        return
    if isinstance(node, tuple):
        for item in node:
            yield from _awaits(body, item, state)
        return
    for name in getattr(node, "__dataclass_fields__", ()):
        yield from _awaits(body, getattr(node, name), state)
    if isinstance(node, s.Await):
        yield from _await(body, node.value, state)


def _await(body: _Body, value: s.Expr, state: _State) -> Iterator[Change]:
    func = value.func if isinstance(value, s.Call) else None
    if isinstance(func, s.Ref) and isinstance(value, s.Call):
        name = func.parts[-1]
        if func.parts[0] == body.socket:
            if name == "accept":
                state.enter("connect")
            elif name.startswith("receive"):
                state.enter("message")
            return
        inner = _called(body, func, value)
        if inner is not None and isinstance(inner.code.node, s.Function):
            if body.depth < _DEPTH:
                yield from _block(inner, inner.code.node.body, state)
            return
    state.waits = True


def _called(body: _Body, func: s.Ref, call: s.Call) -> _Body | None:
    """Give the project function that a call runs, with its own name for the socket."""
    used = body.code.uses.get(".".join(func.parts))
    owner: Shared | None = None
    if isinstance(used, Code) and isinstance(used.node, s.Function):
        code, offset = used, 0
    else:
        first = body.code.uses.get(func.parts[0])
        owner = first if isinstance(first, Shared) else None
        if body.owner is not None and func.parts[0] == body.me:
            owner = body.owner
        method = _method(owner, func.parts[1]) if owner and len(func.parts) == 2 else None
        if method is None:
            return None
        code, offset = method, 1
    params = [param.name for param in code.node.params] if isinstance(code.node, s.Function) else []
    socket = ""
    for number, arg in enumerate(call.args):
        given = isinstance(arg.value, s.Ref) and arg.value.parts == (body.socket,)
        if given and (arg.keyword or number + offset < len(params)):
            socket = arg.keyword or params[number + offset]
    me = params[0] if offset and params else ""
    return _Body(code, socket, me, owner, body.depth + 1)


def _method(owner: Shared, name: str) -> Code | None:
    klass = owner.code
    for statement in klass.node.body if klass is not None else ():
        if isinstance(statement, s.Function) and statement.name == name and klass is not None:
            return Code(klass.path, statement, klass.uses)
    return None


def _changed(statement: s.Stmt) -> tuple[str, ...]:
    """Give the dotted name of what a statement changes, () for nothing that is seen."""
    if isinstance(statement, s.Assign):
        target: s.Expr = statement.targets[0]
        if isinstance(target, s.Ref) and len(target.parts) > 1:
            return target.parts
        return _container(target) if isinstance(target, s.Item) else ()
    value = statement.value if isinstance(statement, s.Do) else None
    if isinstance(value, s.Op) and value.kind == "delete":
        return _container(value.operands[0]) if isinstance(value.operands[0], s.Item) else ()
    func = value.func if isinstance(value, s.Call) else None
    if isinstance(func, s.Ref) and func.parts[-1] in _CHANGES:
        return func.parts[:-1]
    if isinstance(func, s.Attr) and func.name in _CHANGES:
        return _container(func.value)
    return ()


def _container(expr: s.Expr) -> tuple[str, ...]:
    while isinstance(expr, s.Item):
        expr = expr.value
    return expr.parts if isinstance(expr, s.Ref) else ()


def _resolved(body: _Body, parts: tuple[str, ...]) -> tuple[Shared, tuple[str, ...]] | None:
    if body.owner is not None and parts[0] == body.me:
        return body.owner, parts[1:]
    for length in (2, 1):
        used = body.code.uses.get(".".join(parts[:length])) if length <= len(parts) else None
        if isinstance(used, Shared):
            return used, parts[length:]
    return None
