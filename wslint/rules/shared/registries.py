"""Sockets that an application keeps: where it registers them, sends to them and removes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wslint.findings.span import Place
from wslint.rules.shared.code import (
    assigned_name,
    call_in,
    callee,
    dotted,
    is_name,
    methods_of,
    sure_statements,
)
from wslint.rules.shared.handlers import container, socket_name
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements, walk
from wslint.timeline.application_model import Application, Code, Handler, Shared

_DEPTH = 3
_ADDS = frozenset(("add", "append", "appendleft", "insert"))
_REMOVES = frozenset(("remove", "discard", "pop", "popitem", "popleft", "clear",
                      "difference_update", "intersection_update"))  # fmt: skip
_MAKERS = frozenset(("set", "list", "dict", "defaultdict", "deque", "OrderedDict"))
_CONTAINERS = frozenset(
    ("set", "list", "dict", "builtins.set", "builtins.list", "builtins.dict",
     "collections.defaultdict", "collections.deque", "collections.OrderedDict")
)  # fmt: skip


class Registry(NamedTuple):
    """A container that keeps a handler's socket from ``place`` on.

    ``attribute`` is its name if it belongs to the shared object. ``senders`` are the names of the
    functions that send to everything in it.
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
    """Yield what surely gets the handler's socket, never loses one, and is sent to later."""
    yield from _filled(app, handler.code, 0)


def _filled(app: Application, code: Code, depth: int) -> Iterator[Registry]:
    """Yield the same for a function that gets the socket."""
    if not isinstance(code.node, s.Function) or not code.node.params or depth > _DEPTH:
        return
    socket = socket_name(code.node)
    for statement in sure_statements(code.node.body):
        found = _registered(statement, socket)
        shared = code.uses.get(found) if found else None
        if isinstance(shared, Shared) and shared.kind in _CONTAINERS:
            yield from _kept(app, Registry(shared, "", Place(code.path, statement.span)))
        holder, _, attribute = found.rpartition(".")
        new = _new_object(code, holder) if holder else None
        if new is not None and _is_of_all(new, attribute):
            yield from _kept(app, Registry(new, attribute, Place(code.path, statement.span)))
        call = call_in(statement)
        func = dotted(call.func) if call is not None else ()
        at = [
            n
            for n, arg in enumerate(call.args if call is not None else ())
            if is_name(arg.value, socket) and not arg.keyword
        ]
        used = code.uses.get(".".join(func)) if at else None
        if isinstance(used, Code):
            yield from _filled(app, used, depth + 1)
        owner, name = _owner_of(code, call.func) if call is not None and at else (None, "")
        if owner is not None and owner.code is not None:
            yield from _in_object(app, owner, owner.code, name, at[0])


def _owner_of(code: Code, func: s.Expr) -> tuple[Shared | None, str]:
    """Return the object whose method is called, and the name of the method."""
    if isinstance(func, s.Attr):
        return _new_object(code, ".".join(callee(func.value))), func.name
    parts = dotted(func)
    owner = code.uses.get(parts[0]) if len(parts) == 2 else None
    if isinstance(owner, Shared) and owner.kind == "object":
        return owner, parts[1]
    return _new_object(code, ".".join(parts[:-1])), "".join(parts[-1:])


def _new_object(code: Code, name: str) -> Shared | None:
    """Return what the name of a class, or of a new object, stands for in some code."""
    used = code.uses.get(name)
    if used is None:
        made = [one for one in statements(code.node.body) if assigned_name(one) == name]
        call = call_in(made[0]) if len(made) == 1 else None
        used = code.uses.get(".".join(callee(call))) if call is not None else None
    if isinstance(used, Code) and isinstance(used.node, s.Class):
        return Shared(used.node.name, "new", Place(used.path, used.node.name_span), used)
    return used if isinstance(used, Shared) and used.kind == "new" else None


def _is_of_all(new: Shared, attribute: str) -> bool:
    """Return whether all objects of a class have the same container in an attribute.

    It is made in the body of the class, or there is only one object, which ``__new__`` keeps.
    """
    klass = new.code.node if new.code is not None else None
    if not isinstance(klass, s.Class) or klass.decorators:
        return False
    methods = methods_of(klass)
    new_one = methods.pop("__new__", None)
    if any(
        isinstance(part, s.Assign) and any(dotted(t)[1:] == (attribute,) for t in part.targets)
        for method in methods.values()
        for part in walk(method.body)
    ):
        return False
    if new_one is not None and _sets_once(new_one, attribute):
        return True
    made = [one for one in klass.body if assigned_name(one) == attribute]
    return len(made) == 1 and isinstance(made[0], s.Assign) and _is_container(made[0].value)


def _sets_once(new_one: s.Function, attribute: str) -> bool:
    """Return whether ``__new__`` sets an attribute of the one object that the class keeps."""
    parts = list(walk(new_one.body))
    kept = {dotted(part.value) for part in parts if isinstance(part, s.Return)}
    me = (new_one.params[0].name,) if new_one.params else ()
    name = kept.pop() if len(kept) == 1 else ()
    return name[:-1] == me and any(
        isinstance(part, s.Assign) and any(dotted(t) == (*name, attribute) for t in part.targets)
        for branch in parts
        if isinstance(branch, s.Branch)
        for part in walk(branch.arms)
    )


def _is_container(value: s.Expr | None) -> bool:
    return isinstance(value, (s.Seq, s.Mapping)) or (
        isinstance(value, s.Call) and callee(value)[-1:] in {(name,) for name in _MAKERS}
    )


def _in_object(
    app: Application, shared: Shared, code: Code, name: str, at: int
) -> Iterator[Registry]:
    """Yield the containers of an object to which its method adds an argument."""
    for method in code.node.body if isinstance(code.node, s.Class) else ():
        if not isinstance(method, s.Function) or method.name != name:
            continue
        params = [param.name for param in method.params]
        for statement in sure_statements(method.body) if len(params) > at + 1 else ():
            found = _registered(statement, params[at + 1])
            if found.startswith(f"{params[0]}."):
                attribute = found.partition(".")[2]
                if shared.kind == "new" and not _is_of_all(shared, attribute):
                    continue
                yield from _kept(app, Registry(shared, attribute, Place(code.path, statement.span)))


def _kept(app: Application, registry: Registry) -> Iterator[Registry]:
    """Yield the registry if nothing ever removes a socket and something sends to all.

    One without a place may belong to an application that each test makes anew.
    """
    if registry.shared.place is None:
        return
    names = {registry.attribute or registry.shared.name}
    codes = list(_codes(app, registry))
    owner = registry.shared.code
    if any(_removes(code.node, code, names) for code in codes if code is not owner):
        return
    if owner is not None and _is_asked_to_remove(owner, names, registry.shared, codes):
        return
    senders = {
        part.name
        for code in codes
        for part in walk(code.node)
        if isinstance(part, s.Function) and _sends_to_all(part.body, names)
    }
    if senders:
        yield registry._replace(senders=frozenset(senders))


def sends(handler: Handler, registry: Registry) -> bool:
    """Return whether a handler may send to all in a registry."""
    called = [code for code in handler.code.uses.values() if isinstance(code, Code)]
    return any(
        code.node.name in registry.senders or mentions(code.node, registry.senders)
        for code in (handler.code, *called)
    )


def _codes(app: Application, registry: Registry) -> Iterator[Code]:
    """Yield all code of an application that may touch a registry."""
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
    """Return the dotted name of the container to which a statement adds the socket, or ""."""
    call = call_in(statement)
    if call is not None and any(is_name(arg.value, socket) for arg in call.args):
        func = call.func
        if isinstance(func, s.Ref) and func.parts[-1] in _ADDS:
            return ".".join(func.parts[:-1])
        if isinstance(func, s.Attr) and func.name in _ADDS:
            return ".".join(container(func.value))
    if isinstance(statement, s.Assign) and not statement.augmented:
        target = statement.targets[0]
        if isinstance(target, s.Item) and is_name(statement.value, socket):
            return ".".join(container(target))
    return ""


def _names_one(node: object, names: set[str]) -> bool:
    return any(not names.isdisjoint(ref.parts) for ref in refs(node))


def _is_asked_to_remove(owner: Code, names: set[str], shared: Shared, codes: list[Code]) -> bool:
    """Return whether any code calls a method of an object that may remove from its container."""
    methods = methods_of(owner.node)
    removers = {name for name, method in methods.items() if _removes(method, owner, names)}
    removers.discard("__init__")
    called: set[str] = set()
    while removers != called:
        called = set(removers)
        removers |= {name for name, method in methods.items() if mentions(method.body, called)}
    return any(
        (isinstance(part, s.Attr) and part.name in removers)
        or (
            isinstance(part, s.Ref)
            and part.parts[-1] in removers
            and _may_be(code, part.parts[:-1], shared)
        )
        for code in codes
        if code is not owner
        for part in walk(code.node)
    )


def _may_be(code: Code, parts: tuple[str, ...], shared: Shared) -> bool:
    """Return whether a name in code may be that of an object."""
    found = code.uses.get(".".join(parts)) or code.uses.get(".".join(parts[:1]))
    return not isinstance(found, Shared) or found.key == shared.key


def _removes(node: s.Function | s.Class, code: Code, names: set[str]) -> bool:
    """Return whether a part of some code may remove something from a container, or replace it.

    The container may have another name there, too.
    """
    for part in walk(node):
        if isinstance(part, s.Ref) and part.parts[-1] in _REMOVES:
            other = len(part.parts) == 2 and part.parts[0] not in code.uses
            found = other or not names.isdisjoint(part.parts)
        elif isinstance(part, s.Attr):
            found = part.name in _REMOVES
        elif isinstance(part, s.Assign):
            is_alias = not names.isdisjoint(dotted(part.value)[-1:])
            found = (part.augmented or is_alias) and _names_one(part, names)
        else:
            found = isinstance(part, s.Op) and (
                part.kind == "opaque" or (part.kind == "delete" and _names_one(part, names))
            )
        if found:
            return True
    return False


def _sends_to_all(node: object, names: set[str]) -> bool:
    """Return whether a loop over the container sends to each and stops at the first error."""
    return any(
        isinstance(part, s.Loop)
        and part.target is not None
        and _names_one(part.head, names)
        and any(ref.parts[-1].startswith("send") for ref in refs(part.body))
        and not any(isinstance(inner, s.Try) for inner in walk(part.body))
        for part in walk(node)
    )
