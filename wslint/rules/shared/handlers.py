"""The handlers of an application: which one a test reaches, and what it surely reads and changes.

Everything here is sure: what may be skipped on some way through a handler is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from wslint.findings.span import Place
from wslint.rules.shared.code import (
    called_name,
    callee,
    caught_names,
    dotted,
    is_endless,
    is_name,
    leaves,
    methods_of,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import global_names, statements, walk
from wslint.timeline.application_model import (
    Application,
    Code,
    Handler,
    Shared,
    method_of,
)
from wslint.timeline.model import HOLE, Scope, Timeline
from wslint.timeline.query import subject_of

_DEPTH = 3
BOUND_TO_A_LOOP = ("asyncio.", "anyio.", "aiohttp.", "redis.asyncio.", "httpx.AsyncClient")
"""How the names of classes begin whose objects belong to the event loop that first uses them."""
# as in Starlette 1.10.0
_CONVERTERS = {
    ":path": ".*",
    ":int": "[0-9]+",
    ":float": r"[0-9]+(\.[0-9]+)?",
    ":uuid": "[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}",
}
_CATCHES = frozenset(("AttributeError", "KeyError", "Exception", "BaseException"))
_CHANGES = frozenset(
    ("add", "append", "appendleft", "insert", "extend", "update", "setdefault", "remove", "discard",
     "pop", "popitem", "popleft", "clear")
)  # fmt: skip
_REMOVES = frozenset(("remove", "discard", "pop", "popitem", "popleft", "clear"))


# Which handler answers


def handlers_of(timeline: Timeline, socket: Scope) -> list[Handler]:
    """Return the handler that a websocket reaches, or all that it may reach."""
    app = timeline.application_of(socket)
    return [] if app is None else reached(app, "websocket", subject_of(timeline, socket).url)


def only_handler(timeline: Timeline, socket: Scope) -> Handler | None:
    """Return the handler that a websocket reaches, None if it isn't known."""
    handlers = handlers_of(timeline, socket)
    return handlers[0] if len(handlers) == 1 else None


def reached(app: Application, kind: str, url: str | None, method: str = "") -> list[Handler]:
    """Return the handler that answers a URL, or all that may answer one that isn't known."""
    handlers = [
        handler
        for handler in app.handlers
        if handler.kind == kind and (not method or handler.method in ("", method))
    ]
    if url is None:
        return handlers
    found: list[Handler] = []
    path = re.sub(r"^\w+://[^/]*", "", url).partition("?")[0]
    for handler in handlers:
        if handler.route is None:
            return []
        if _matches(handler.route, path):
            return [*found, handler]
        if HOLE in path and _may_match(handler.route, path):
            found.append(handler)
    return found


def _may_match(route: str, path: str) -> bool:
    """Return whether a path may match whose unknown parts, each inside a segment, are ``HOLE``."""
    ours, theirs = path.split("/"), route.split("/")
    return ":path}" in route or (
        len(ours) == len(theirs)
        and all(a == b or HOLE in a or "{" in b for a, b in zip(ours, theirs, strict=True))
    )


def _matches(route: str, path: str) -> bool:
    parts = re.split(r"\{\w+(:\w+)?\}", route)
    kinds = [kind or "" for kind in parts[1::2]]
    pattern = re.escape(parts[0])
    for kind, text in zip(kinds, parts[2::2], strict=True):
        pattern += _CONVERTERS.get(kind, "[^/]+") + re.escape(text)
    return re.fullmatch(pattern, path) is not None


def socket_name(function: s.Function) -> str:
    """Return the parameter by which a handler gets its websocket."""
    annotated = (p.name for p in function.params if dotted(p.annotation)[-1:] == ("WebSocket",))
    return next(annotated, function.params[0].name if function.params else "")


def socket_name_of(code: Code) -> str:
    """Return the same for code, "" if it is no function."""
    return socket_name(code.node) if isinstance(code.node, s.Function) else ""


def answer_of(handler: Handler) -> str:
    """Return how a handler surely answers each message: "text", "bytes" or "json"; "" if not."""
    body = _Body(handler.code, socket_name_of(handler.code))
    for loop in walk(handler.code.node.body):
        if not isinstance(loop, s.Loop) or not body.socket:
            continue
        reads = loop.is_async and callee(loop.head)[:1] == (body.socket,)
        for name in _sure_calls(body, loop.body):
            reads = reads or name.startswith("receive")
            if reads and name.startswith("send_"):
                return name.removeprefix("send_")
    return ""


def _sure_calls(body: _Body, block: s.Block) -> Iterator[str]:
    """Yield the names of the socket's methods that a block surely calls, in order."""
    for call in (call for expr in evaluated(block) for call in _calls(expr)):
        if not isinstance(call.func, s.Ref):
            continue
        if call.func.parts[:-1] == (body.socket,):
            yield call.func.parts[-1]
            continue
        inner = _called(body, call.func, call)
        if inner is not None and inner.socket and inner.depth < _DEPTH:
            yield from _sure_calls(inner, inner.code.node.body)


def _calls(expr: s.Expr) -> list[s.Call]:
    """Return the calls in an expression, those in the arguments of another one before it."""
    calls = [node for node in walk(expr) if isinstance(node, s.Call)]
    return sorted(calls, key=lambda call: call.span[2:])


def given_socket(code: Code, call: s.Call, socket: str) -> tuple[Code, str] | None:
    """Return the project's function to which a call gives the socket, and its name there."""
    inner = _called(_Body(code, socket), call.func, call) if isinstance(call.func, s.Ref) else None
    return (inner.code, inner.socket) if inner is not None and inner.socket else None


def is_wrapped(function: s.Function) -> bool:
    """Return whether a decorator other than that of a route may refuse before the handler."""
    return any(len(callee(decorator)) < 2 for decorator in function.decorators)


# What it reads


def sure_refs(
    code: Code, *, receives: bool, overridden: bool = False, depth: int = 0
) -> Iterator[tuple[s.Ref, Code]]:
    """Yield the dotted names that a handler surely reads, with the code that reads each.

    Without ``receives``, only what runs before it first waits for a message. Dependencies that
    are ``overridden`` are left out.
    """
    if not isinstance(code.node, s.Function):
        return
    if depth == 0 and not overridden:
        for dependency in _dependencies(code, 0):
            yield from sure_refs(dependency, receives=True, depth=1)
    for expr in evaluated(code.node.body):
        for ref, is_called in names_read(expr):
            if not receives and ref.parts[-1].startswith(("receive", "iter_")):
                return
            yield ref, code
            used = function_of(code, ref.parts) if is_called and depth < _DEPTH else None
            if used is not None:
                yield from sure_refs(used, receives=receives, depth=depth + 1)


def _dependencies(code: Code, depth: int) -> Iterator[Code]:
    """Yield the functions that FastAPI calls before one, those for their parameters first."""
    for used in code.depends.values() if depth < _DEPTH else ():
        if used is not None:
            yield from _dependencies(used, depth + 1)
            init = methods_of(used.node).get("__init__")
            yield used if init is None else Code.made_of(used.path, init, used.uses)


def function_of(code: Code, parts: tuple[str, ...]) -> Code | None:
    """Return the project's function or method that a name refers to."""
    used = code.uses.get(".".join(parts))
    owner = code.uses.get(".".join(parts[:-1])) if used is None else None
    if isinstance(owner, Shared):
        return method_of(owner, parts[-1])
    return used if isinstance(used, Code) else None


def tolerates(handler: s.Handler) -> bool:
    """Return whether an ``except`` catches that something is missing."""
    return handler.type is None or not _CATCHES.isdisjoint(caught_names(handler))


def evaluated(body: s.Block, tolerates: Callable[[s.Handler], bool] = tolerates) -> list[s.Expr]:
    """Return the expressions that a body surely evaluates, and that may not fail unnoticed."""
    found: list[s.Expr] = []
    _run(body, found, tolerates)
    return found


def _run(body: s.Block, found: list[s.Expr], tolerates: Callable[[s.Handler], bool]) -> bool:
    """Collect what is surely evaluated; False if control may not reach the end."""
    for statement in body:
        if isinstance(statement, s.With):
            found += [item.value for item in statement.items]
            goes_on = _run(statement.body, found, tolerates)
        elif isinstance(statement, s.Try):
            if any(map(tolerates, statement.handlers)):
                return False
            goes_on = all(_run(block, found, tolerates)
                          for block in (statement.body, statement.orelse))  # fmt: skip
        elif isinstance(statement, s.Branch):
            found.append(statement.test)
            goes_on = not any(leaves(arm) for arm in statement.arms)
        elif isinstance(statement, s.Loop):
            found.append(statement.head)
            if is_endless(statement):
                _run(statement.body, found, tolerates)
                return False
            goes_on = not leaves(statement.body)
        else:
            goes_on = not isinstance(statement, (s.Return, s.Raise, s.Jump))
            value = getattr(statement, "test", None) or getattr(statement, "value", None)
            if value is not None:
                found.append(value)
        if not goes_on:
            return False
    return True


def names_read(node: object, called: bool = False) -> Iterator[tuple[s.Ref, bool]]:
    """Yield the names that evaluating an expression surely reads, and whether each is called."""
    if isinstance(node, s.Ref):
        yield node, called
    elif isinstance(node, s.Call):
        for arg in node.args:
            yield from names_read(arg.value)
        yield from names_read(node.func, True)
    elif isinstance(node, s.Op) and node.kind in ("and", "or", "if"):
        yield from names_read(node.operands[0])
    elif isinstance(node, s.Comp):
        yield from names_read(node.loops[0].iterable)
    elif isinstance(node, tuple):
        for item in node:
            yield from names_read(item)
    elif not isinstance(node, s.Lambda):
        for name in getattr(node, "__dataclass_fields__", ()):
            yield from names_read(getattr(node, name))


def shared_by(handlers: list[Handler]) -> dict[int, str]:
    """Return the kinds of the objects that handlers use, by the key of each."""
    return {
        used.key: used.kind
        for handler in handlers
        for code in handler.code.reached()
        for used in code.uses.values()
        if isinstance(used, Shared) and used.kind not in ("constant", "new")
    }


class Keeper(NamedTuple):
    """A shared object that may keep a socket; ``is_item``: only something in it does."""

    key: int
    is_item: bool


def keepers(code: Code, depth: int = 0) -> set[Keeper]:
    """Return the shared objects to which a handler may give its socket."""
    socket = socket_name_of(code)
    if not socket or depth > _DEPTH:
        return set()
    found: set[Keeper] = set()
    aliases = dict(_aliases(code))
    for node in walk(code.node.body):
        if isinstance(node, s.Call) and any(is_name(arg.value, socket) for arg in node.args):
            parts = callee(node)
            inner = function_of(code, parts)
            owner = code.uses.get(".".join(parts[:-1])) or code.uses.get("".join(parts[:1]))
            if isinstance(owner, Shared) and owner.kind != "new":
                found.add(Keeper(owner.key, is_item=False))
            elif inner is not None:
                found |= keepers(inner, depth + 1)
            elif parts[:-1] in aliases:
                found.add(aliases[parts[:-1]])
        elif isinstance(node, s.Assign) and is_name(node.value, socket):
            kept_in = code.uses.get(".".join(container(node.targets[0])))
            found |= {Keeper(kept_in.key, is_item=False)} if isinstance(kept_in, Shared) else set()
    return found


def _aliases(code: Code) -> Iterator[tuple[tuple[str, ...], Keeper]]:
    """Yield the names and attributes that a function gives a shared object, or an item of one."""
    for one in statements(code.node.body):
        if isinstance(one, s.Assign) and isinstance(one.value, (s.Ref, s.Item)):
            shared = code.uses.get(".".join(container(one.value)))
            if isinstance(shared, Shared) and shared.kind not in ("new", "constant"):
                is_item = isinstance(one.value, s.Item)
                yield from ((dotted(to), Keeper(shared.key, is_item)) for to in one.targets)


# What it changes


class Change(NamedTuple):
    """A change of a module-level object, or of an attribute of one.

    ``phase`` is what came before it: "connect" (the accept), "message" (a receive) or "end" (the
    client has disconnected). ``waits``: something was awaited in between. ``removes``: it takes
    something out of a container.
    """

    shared: Shared
    rest: tuple[str, ...]
    place: Place
    phase: str
    waits: bool
    removes: bool

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
    """A running function, and its name for the socket."""

    code: Code
    socket: str
    depth: int = 0


def changes(code: Code) -> Iterator[Change]:
    """Yield what a handler changes on every way through it, up to the first that may end it."""
    if isinstance(code.node, s.Function):
        yield from _block(_Body(code, socket_name(code.node)), code.node.body, _State())


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
    elif isinstance(statement, (s.Do, s.Assign, s.Return)):
        yield from _awaits(body, statement.value, state)
        target = _changed(body, statement)
        found = _resolved(body, target) if target else None
        if found is not None:
            place = Place(body.code.path, statement.span)
            yield Change(*found, place, state.phase, state.waits, _removes(statement))


def _loop(body: _Body, loop: s.Loop, state: _State) -> Iterator[Change]:
    if loop.is_async and callee(loop.head)[:1] == (body.socket,):
        state.enter("message")
        yield from _block(body, loop.body, state)
        state.enter("end")
    elif is_endless(loop):
        yield from _block(body, loop.body, state)


def _try(body: _Body, statement: s.Try, state: _State) -> Iterator[Change]:
    """Follow a ``try``: a receive that raises leads to the handlers.

    The ``finally`` runs after a cancelled await as well.
    """
    yield from _block(body, statement.body, state)
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
        inner = _called(body, func, value)
        if inner is not None:
            if body.depth < _DEPTH:
                yield from _block(inner, inner.code.node.body, state)
            return
    state.waits = True


def _called(body: _Body, func: s.Ref, call: s.Call) -> _Body | None:
    """Return the project's function that a call runs, with its own name for the socket."""
    code = function_of(body.code, func.parts)
    if code is None or not isinstance(code.node, s.Function):
        return None
    given = arguments(body.code, code, call).items()
    socket = next((name for name, value in given if is_name(value, body.socket)), "")
    return _Body(code, socket, body.depth + 1)


def arguments(code: Code, called: Code, call: s.Call) -> dict[str, s.Expr]:
    """Return what a call in some code gives the parameters of the function that it runs."""
    is_method = code.uses.get(".".join(dotted(call.func))) is not called
    node = called.node
    params = [param.name for param in node.params] if isinstance(node, s.Function) else []
    by_place = zip(params[is_method:], call.args, strict=False)
    given = {name: arg.value for name, arg in by_place if not arg.keyword and not arg.star}
    return given | {arg.keyword: arg.value for arg in call.args if arg.keyword in params}


def _changed(body: _Body, statement: s.Stmt) -> tuple[str, ...]:
    """Return the dotted name of what a statement changes, () if it is not known."""
    if isinstance(statement, s.Assign):
        target: s.Expr = statement.targets[0]
        if isinstance(target, s.Ref):
            is_global = target.parts[0] in global_names(body.code.node.body)
            return target.parts if is_global or len(target.parts) > 1 else ()
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


def container(expr: s.Expr) -> tuple[str, ...]:
    """Return the name of the object that an item or a ``setdefault`` is a part of."""
    while isinstance(expr, s.Item):
        expr = expr.value
    found = callee(expr) if isinstance(expr, s.Call) else ()
    return found[:-1] if found[-1:] == ("setdefault",) else dotted(expr)


def _resolved(body: _Body, parts: tuple[str, ...]) -> tuple[Shared, tuple[str, ...]] | None:
    for length in range(len(parts), 0, -1):
        used = body.code.uses.get(".".join(parts[:length]))
        if isinstance(used, Shared):
            return used, parts[length:]
    return None
