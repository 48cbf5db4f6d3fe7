"""What a handler surely changes of the objects that it shares, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from wslint.findings.span import Place
from wslint.rules.shared.code import called_name, callee, dotted, is_endless, leaves
from wslint.rules.shared.handlers import called, container, given_socket, socket_name
from wslint.rules.shared.messages import UNKNOWN, Value
from wslint.syntax import nodes as s
from wslint.syntax.search import outer_names, refs, walk
from wslint.timeline.application_model import Code, Shared

_DEPTH = 3
_STEPS = 8
_CHANGES = frozenset(
    ("add", "append", "appendleft", "insert", "extend", "update", "setdefault", "remove", "discard",
     "pop", "popitem", "popleft", "clear")
)  # fmt: skip
_REMOVES = frozenset(("remove", "discard", "pop", "popitem", "popleft", "clear"))


class Change(NamedTuple):
    """A change of a module-level object, or of an attribute of one.

    ``phase`` is what came before it: "connect" (the accept), "message" (a receive) or "end" (the
    client has disconnected). ``waits``: something was awaited in between. ``removes``: it takes
    something out of a container. ``may_not``: besides the message, it depends on something else.
    """

    shared: Shared
    rest: tuple[str, ...]
    place: Place
    phase: str
    waits: bool
    removes: bool
    may_not: bool = False

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
    """A running function, its name for the socket, and what it receives.

    ``may_not``: a condition that isn't known has led here.
    """

    code: Code
    socket: str
    depth: int = 0
    message: Value = UNKNOWN
    may_not: bool = False


def changes(code: Code, message: Value = UNKNOWN) -> Iterator[Change]:
    """Yield what a handler changes on every way through it, up to the first that may end it.

    So are conditions that a ``message`` decides about.
    """
    if isinstance(code.node, s.Function):
        body = _Body(code, socket_name(code.node), message=message)
        yield from _block(body, code.node.body, _State())


def _block(body: _Body, block: s.Block, state: _State) -> Iterator[Change]:
    for statement in block:
        yield from _statement(body, statement, state)
        if isinstance(statement, (s.Return, s.Raise, s.Jump)):
            return
        if isinstance(statement, s.Loop) and (is_endless(statement) or leaves((statement,))):
            return
        # before the accept, a branch that leaves refuses the connection
        if isinstance(statement, s.Branch) and state.phase and leaves((statement,)):
            return


def _statement(body: _Body, statement: s.Stmt, state: _State) -> Iterator[Change]:
    if isinstance(statement, s.Try):
        yield from _try(body, statement, state)
    elif isinstance(statement, s.With):
        for item in statement.items:
            yield from _awaits(body, item.value, state)
        yield from _block(body, statement.body, state)
    elif isinstance(statement, s.Loop):
        yield from _loop(body, statement, state)
    elif isinstance(statement, s.Branch):
        yield from _branch(body, statement, state)
    elif isinstance(statement, (s.Do, s.Assign, s.Return)):
        yield from _awaits(body, statement.value, state)
        target = _changed(body, statement)
        found = _resolved(body, target) if target else None
        if found is not None:
            place = Place(body.code.path, statement.span)
            removes = _removes(statement)
            yield Change(*found, place, state.phase, state.waits, removes, body.may_not)


def _branch(body: _Body, branch: s.Branch, state: _State) -> Iterator[Change]:
    """Follow the arm to which the message leads."""
    if state.phase != "message" or len(branch.arms) != 2:
        return
    test = branch.test
    parts = test.operands if isinstance(test, s.Op) and test.kind == "and" else (test,)
    answers = [_holds(body, part) for part in parts]
    if False in answers:
        yield from _block(body, branch.arms[1], state)
    elif True in answers:
        inner = replace(body, may_not=body.may_not or None in answers)
        yield from _block(inner, branch.arms[0], state)


def _holds(body: _Body, test: s.Expr) -> bool | None:
    """Return whether a comparison holds for the message, None if that isn't known."""
    if not isinstance(test, s.Compare) or test.ops not in (("==",), ("!=",)):
        return None
    left, right = _said(body, test.left), _said(body, test.rights[0])
    is_known = isinstance(left, (str, int)) and isinstance(right, (str, int))
    return (left == right) is (test.ops == ("==",)) if is_known else None


def _said(body: _Body, expr: object, depth: int = 0) -> Value:
    """Return the part of the message for which an expression stands, or a literal."""
    if depth > _STEPS:
        return UNKNOWN
    if isinstance(expr, s.Const):
        return expr.value
    if isinstance(expr, s.Walrus):
        return _said(body, expr.value, depth + 1)
    if isinstance(expr, s.Ref):
        values = [_said(body, value, depth + 1) for value in _assigned(body, expr)]
        return values[0] if values and all(value is values[0] for value in values) else UNKNOWN
    if isinstance(expr, s.Item):
        return _part(_said(body, expr.value, depth + 1), expr.index)
    call = expr.value if isinstance(expr, s.Await) else expr
    if not isinstance(call, s.Call):
        return UNKNOWN
    owner, name = dotted(call.func)[:-1], called_name(call)
    if owner == (body.socket,) and name.startswith(("receive_", "iter_")):
        return body.message
    if name == "loads" and call.args:
        return _said(body, call.args[0].value, depth + 1)
    if name == "get" and owner and call.args:
        return _part(_said(body, s.Ref(owner, call.span), depth + 1), call.args[0].value)
    return UNKNOWN


def _part(owner: Value, key: s.Expr) -> Value:
    """Return an item of a message; one that isn't there is unknown."""
    at = key.value if isinstance(key, s.Const) else None
    return owner.get(at, UNKNOWN) if isinstance(owner, Mapping) else UNKNOWN


def _assigned(body: _Body, name: s.Ref) -> Iterator[object]:
    """Yield all that a name without dots stands for in a function."""
    for node in walk(body.code.node.body) if len(name.parts) == 1 else ():
        if isinstance(node, s.Assign) and any(
            ref.parts == name.parts for ref in refs(node.targets)
        ):
            yield node.value if dotted(node.targets[0]) == name.parts else None
        elif isinstance(node, s.Loop) and dotted(node.target) == name.parts:
            yield node.head
        elif isinstance(node, s.Walrus) and node.name == name.parts[0]:
            yield node.value


def _loop(body: _Body, loop: s.Loop, state: _State) -> Iterator[Change]:
    if loop.is_async and callee(loop.head)[:1] == (body.socket,):
        state.enter("message")
        yield from _block(body, loop.body, state)
        state.enter("end")
    elif is_endless(loop):
        yield from _block(body, loop.body, state)
    elif loop.target is None:
        yield from _awaits(body, loop.head, state)


def _try(body: _Body, statement: s.Try, state: _State) -> Iterator[Change]:
    """Follow a ``try``: a receive that raises leads to the handlers.

    The ``finally`` runs after a cancelled await as well.
    """
    receives = any(
        ref.parts[0] == body.socket and ref.parts[-1].startswith(("receive", "iter_"))
        for ref in refs(statement.body)
    )
    yield from _block(body, statement.body, state)
    if state.phase == "message" and not receives:
        yield from _block(body, statement.final, state)
        return
    ends = state.phase in ("message", "end")
    if state.phase == "message":
        state.enter("end")
        for handler in statement.handlers:
            if dotted(handler.type)[-1:] == ("WebSocketDisconnect",):
                yield from _block(body, handler.body, state)
                break
    final = _State("end") if ends else state
    yield from _block(body, statement.final, final)
    state.waits = state.waits or final.waits


def _awaits(body: _Body, node: object, state: _State) -> Iterator[Change]:
    """Follow the awaits in an expression, from the inside out."""
    if isinstance(node, tuple):
        for item in node:
            yield from _awaits(body, item, state)
    elif not isinstance(node, (s.Lambda, s.Comp)):
        for name in getattr(node, "__dataclass_fields__", ()):
            yield from _awaits(body, getattr(node, name), state)
        if isinstance(node, s.Await):
            yield from _await(body, node.value, state)


def _await(body: _Body, value: s.Expr, state: _State) -> Iterator[Change]:
    func = value.func if isinstance(value, s.Call) else None
    if isinstance(func, s.Ref) and isinstance(value, s.Call):
        name = func.parts[-1]
        if func.parts[:-1] == (body.socket,):
            if name == "accept":
                state.enter("connect")
            elif name.startswith("receive"):
                state.enter("message")
            return
        inner = called(body.code, value)
        if inner is not None:
            _, socket = given_socket(body.code, value, body.socket) or (inner, "")
            if body.depth < _DEPTH:
                yield from _block(_Body(inner, socket, body.depth + 1), inner.node.body, state)
            return
    state.waits = True


def _changed(body: _Body, statement: s.Stmt) -> tuple[str, ...]:
    """Return the dotted name of what a statement changes, () if it is not known."""
    if isinstance(statement, s.Assign):
        target: s.Expr = statement.targets[0]
        if isinstance(target, s.Ref):
            is_outer = target.parts[0] in outer_names(body.code.node.body)
            return target.parts if is_outer or len(target.parts) > 1 else ()
        return container(target) if isinstance(target, s.Item) else ()
    value = statement.value if isinstance(statement, s.Do) else None
    if isinstance(value, s.Op) and value.kind == "delete":
        return container(value.operands[0]) if isinstance(value.operands[0], s.Item) else ()
    func = value.func if isinstance(value, s.Call) else None
    if isinstance(func, s.Ref) and func.parts[-1] in _CHANGES:
        return func.parts[:-1]
    if isinstance(func, s.Attr) and func.name in _CHANGES:
        return container(func.value)
    return ()


def _removes(statement: s.Stmt) -> bool:
    """Return whether a statement takes something out of a container."""
    value = statement.value if isinstance(statement, (s.Do, s.Assign)) else None
    is_deleted = isinstance(value, s.Op) and value.kind == "delete"
    return is_deleted or called_name(value) in _REMOVES


def _resolved(body: _Body, parts: tuple[str, ...]) -> tuple[Shared, tuple[str, ...]] | None:
    for length in range(len(parts), 0, -1):
        used = body.code.uses.get(".".join(parts[:length]))
        if isinstance(used, Shared):
            return used, parts[length:]
    return None
