"""Sockets that an application keeps: where it registers them, sends to them, takes them out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wslint.findings.span import Place
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.application_model import Application, Code, Handler, Shared

_ADDS = frozenset(("add", "append", "appendleft", "insert"))
_REMOVES = frozenset(("remove", "discard", "pop", "popitem", "popleft", "clear",
                      "difference_update", "intersection_update"))  # fmt: skip
_CONTAINERS = frozenset(
    ("set", "list", "dict", "builtins.set", "builtins.list", "builtins.dict",
     "collections.defaultdict", "collections.deque", "collections.OrderedDict")
)  # fmt: skip


class Registry(NamedTuple):
    """A container that gets a handler's socket at ``place``, and keeps it.

    ``attribute`` is its name where it belongs to the shared object. ``senders`` are the names of
    the functions that send to all in it.
    """

    shared: Shared
    attribute: str
    place: Place
    senders: frozenset[str] = frozenset()

    @property
    def written(self) -> str:
        """The name as code can write it."""
        return f"{self.shared.name}.{self.attribute}" if self.attribute else self.shared.name


def registries(app: Application, handler: Handler) -> Iterator[Registry]:
    """Give what surely gets the handler's socket, never loses one, and is sent to later."""
    code = handler.code
    if not isinstance(code.node, s.Function) or not code.node.params:
        return
    socket = _socket(code.node)
    for statement in _top(code.node.body):
        call = _call(statement)
        found = _registered(statement, socket)
        shared = code.uses.get(found) if found else None
        if isinstance(shared, Shared) and shared.kind in _CONTAINERS:
            yield from _kept(app, Registry(shared, "", Place(code.path, statement.span)))
        func = call.func if call is not None else None
        if call is None or not isinstance(func, s.Ref) or len(func.parts) != 2:
            continue
        shared = code.uses.get(func.parts[0])
        at = [n for n, arg in enumerate(call.args) if _is(arg.value, socket) and not arg.keyword]
        if isinstance(shared, Shared) and shared.kind == "object" and at and shared.code:
            yield from _in_object(app, shared, func.parts[1], at[0])


def _in_object(app: Application, shared: Shared, name: str, at: int) -> Iterator[Registry]:
    """Give the containers of an object to which its method adds an argument."""
    klass = shared.code.node if shared.code is not None else None
    path = shared.code.path if shared.code is not None else ""
    for method in klass.body if isinstance(klass, s.Class) else ():
        if not isinstance(method, s.Function) or method.name != name:
            continue
        params = [param.name for param in method.params]
        if len(params) <= at + 1:
            continue
        for statement in _top(method.body):
            found = _registered(statement, params[at + 1])
            if found.startswith(f"{params[0]}."):
                attribute = found.partition(".")[2]
                yield from _kept(app, Registry(shared, attribute, Place(path, statement.span)))


def _socket(function: s.Function) -> str:
    for param in function.params:
        if isinstance(param.annotation, s.Ref) and param.annotation.parts[-1] == "WebSocket":
            return param.name
    return function.params[0].name


def _kept(app: Application, registry: Registry) -> Iterator[Registry]:
    """Give the registry, if nothing ever takes a socket out and something sends to all."""
    names = {registry.shared.name} if not registry.attribute else {registry.attribute}
    codes = {id(code): code for code in _codes(app, registry)}.values()
    if any(_removes(code, names) for code in codes):
        return
    senders = {
        part.name
        for code in codes
        for part in _nodes(code.node)
        if isinstance(part, s.Function) and _sends_to_all(part.body, names)
    }
    if senders:
        yield registry._replace(senders=frozenset(senders))


def sends(handler: Handler, registry: Registry) -> bool:
    """Tell whether a handler may send to all in a registry."""
    called = [code for code in handler.code.uses.values() if isinstance(code, Code)]
    return any(
        code.node.name in registry.senders or mentions(code.node, registry.senders)
        for code in (handler.code, *called)
    )


def _codes(app: Application, registry: Registry) -> Iterator[Code]:
    todo = [handler.code for handler in app.handlers] + list(app.startup)
    if registry.shared.code is not None:
        todo.append(registry.shared.code)
    seen: set[int] = set()
    while todo:
        code = todo.pop()
        if id(code) in seen:
            continue
        seen.add(id(code))
        yield code
        for used in code.uses.values():
            inner = used.code if isinstance(used, Shared) else used
            if inner is not None:
                todo.append(inner)


def _registered(statement: s.Stmt, socket: str) -> str:
    """Give the dotted name of the container to which a statement adds the socket, "" for none."""
    call = _call(statement)
    if call is not None and any(_is(arg.value, socket) for arg in call.args):
        func = call.func
        if isinstance(func, s.Ref) and func.parts[-1] in _ADDS:
            return ".".join(func.parts[:-1])
        if isinstance(func, s.Attr) and func.name in _ADDS:
            return _container(func.value)
    if isinstance(statement, s.Assign) and not statement.augmented:
        target = statement.targets[0]
        if isinstance(target, s.Item) and statement.value is not None:
            return _container(target) if _is(statement.value, socket) else ""
    return ""


def _container(expr: s.Expr) -> str:
    """Give the name in ``name[key]`` and ``name.setdefault(key, set())``."""
    while isinstance(expr, s.Item):
        expr = expr.value
    if isinstance(expr, s.Call) and isinstance(expr.func, s.Ref):
        return ".".join(expr.func.parts[:-1]) if expr.func.parts[-1] == "setdefault" else ""
    return ".".join(expr.parts) if isinstance(expr, s.Ref) else ""


def _is(expr: s.Expr, name: str) -> bool:
    return isinstance(expr, s.Ref) and expr.parts == (name,)


def _call(statement: s.Stmt) -> s.Call | None:
    value = statement.value if isinstance(statement, (s.Do, s.Assign)) else None
    if isinstance(value, s.Await):
        value = value.value
    return value if isinstance(value, s.Call) else None


def _top(body: s.Block) -> Iterator[s.Stmt]:
    """Give the statements that run whatever the conditions are."""
    for statement in body:
        if isinstance(statement, (s.With, s.Try)):
            yield from _top(statement.body)
        else:
            yield statement


def _nodes(node: object) -> Iterator[object]:
    yield node
    children = node if isinstance(node, tuple) else ()
    for child in children:
        yield from _nodes(child)
    for name in getattr(node, "__dataclass_fields__", ()):
        yield from _nodes(getattr(node, name))


def _speaks_of(node: object, names: set[str]) -> bool:
    return any(isinstance(n, s.Ref) and not names.isdisjoint(n.parts) for n in _nodes(node))


def _removes(code: Code, names: set[str]) -> bool:
    """Tell whether code may take something out of a container, or puts another in its place.

    What has another name there may be the container too.
    """
    for part in _nodes(code.node):
        if isinstance(part, s.Ref) and part.parts[-1] in _REMOVES:
            other = len(part.parts) == 2 and part.parts[0] not in code.uses
            found = other or not names.isdisjoint(part.parts)
        elif isinstance(part, s.Attr):
            found = part.name in _REMOVES
        elif isinstance(part, s.Assign):
            found = (part.augmented or _renames(part, names)) and _speaks_of(part, names)
        else:
            found = isinstance(part, s.Op) and (
                part.kind == "opaque" or (part.kind == "delete" and _speaks_of(part, names))
            )
        if found:
            return True
    return False


def _renames(node: s.Assign, names: set[str]) -> bool:
    value = node.value
    given = value.parts if isinstance(value, s.Ref) else ()
    return bool(given) and given[-1] in names


def _sends_to_all(node: object, names: set[str]) -> bool:
    """Tell whether a loop over the container sends to each, and stops at the first error."""
    for part in _nodes(node):
        if isinstance(part, s.Loop) and part.target is not None and _speaks_of(part.head, names):
            caught = any(isinstance(inner, s.Try) for inner in _nodes(part.body))
            sends = any(
                isinstance(inner, s.Ref) and inner.parts[-1].startswith("send")
                for inner in _nodes(part.body)
            )
            if sends and not caught:
                return True
    return False
