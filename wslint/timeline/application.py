"""What is known of the application that a client was made of, as plain data.

``describe`` looks only at what names lead to: the routes and hooks that the application was made
with or that its decorators and methods have registered, the functions those name, and the objects
at the top of a module that they share.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wslint.findings.span import Place
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.syntax.search import refs
from wslint.timeline.application_model import Application, Code, Handler, Shared
from wslint.timeline.interpreter.values import (
    Adapted,
    Around,
    Bound,
    Constant,
    Descriptor,
    Func,
    Items,
    Klass,
    Made,
    Manager,
    Object,
    Partial,
    ProjectModule,
    Table,
    Value,
)
from wslint.timeline.startup import startup_state
from wslint.vocabulary import HTTP_METHODS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

_DEPTH = 4
_WEBSOCKET = frozenset(("websocket", "websocket_route", "add_websocket_route",
                        "add_api_websocket_route"))  # fmt: skip
_HTTP = HTTP_METHODS | {"route", "api_route", "add_route", "add_api_route"}
_INCLUDES = frozenset(("include_router", "mount"))
_HOOKS = frozenset(("on_event", "add_event_handler"))
REGISTERS = _WEBSOCKET | _HTTP | _INCLUDES | _HOOKS
"""Methods of an application or router that take a handler, a hook or a part."""


@dataclass(slots=True)
class Registration:
    """A call of one of these methods; ``made`` is what it gave, which may be a decorator."""

    method: str
    args: list[Value]
    keywords: dict[str, Value]
    made: Made


@dataclass
class _Look:
    """One look at an application."""

    m: Machine
    loaded: set[str] = field(default_factory=set)
    codes: dict[tuple[str, str, int], Code] = field(default_factory=dict)


def describe(m: Machine, app: Value | None) -> Application | None:
    """Describe an application; None where what a client was made of can't be followed."""
    if not isinstance(app, Made) or m.vocabulary.role(app.name) != "Application":
        return None
    look = _Look(m)
    _load(look, app)
    handlers = tuple(_handlers(look, app, "", 0))
    startup = [code for hook in _hooks(look, app) if (code := _code(look, hook, 0)) is not None]
    found = Application(app.name, app.origin.place, tuple(startup), handlers)
    test = m.timeline.test.path
    found.sets = tuple(startup_state(m.program, found, test))
    around = [m.program.module(path) for path in m.program.around(test)]
    found.texts = tuple(module.text for module in around if module is not None)
    found.overridden = found.is_spoken_of("dependency_overrides")
    first = around[0].first_definition if around[0] is not None else None
    found.top = first.span if first is not None else None
    return found


def _load(look: _Look, owner: Made) -> None:
    """Run what registers handlers at the top of the module in which an object is made."""
    m, path = look.m, owner.origin.place.path
    if path in look.loaded:
        return
    look.loaded.add(path)
    module = m.program.module(path)
    if module is None:
        return
    for statement in module.calling(REGISTERS):
        if isinstance(statement, (s.Function, s.Class)):
            called = [d.func for d in statement.decorators if isinstance(d, s.Call)]
            if any(_registers(func) for func in called):
                m.module_name(module, statement.name)
            continue
        value = statement.value if isinstance(statement, s.Do) else None
        if not isinstance(value, s.Call) or not _registers(value.func):
            continue
        if (path, statement.span) not in m.run_once:
            m.run_once.add((path, statement.span))
            env = m.module_env(module)
            m.at_import(env, lambda statement=statement: m.run_statement(statement))  # type: ignore[misc]


def _registers(func: s.Expr) -> bool:
    return isinstance(func, s.Ref) and len(func.parts) > 1 and func.parts[-1] in REGISTERS


def _handlers(look: _Look, owner: Made, prefix: str | None, depth: int) -> Iterator[Handler]:
    """Give the handlers of an application or router, in order."""
    if depth > _DEPTH:
        return
    _load(look, owner)
    prefix = _joined(prefix, owner.args.keywords.get("prefix"), absent="")
    routes = owner.args.keywords.get("routes") or owner.args.get(1)
    if isinstance(routes, Items):
        for route in routes.values:
            if isinstance(route, Made):
                yield from _route(look, route, prefix, depth)
    for entry in look.m.registrations.get(owner.id, ()):
        first = entry.args[0] if entry.args else entry.keywords.get("path")
        if entry.method in _INCLUDES:
            router = entry.keywords.get("router") or entry.keywords.get("app")
            at = entry.keywords.get("prefix")
            if entry.method == "mount":
                router, at = router or _second(entry), first
            else:
                router = router or first
            if isinstance(router, Made):
                yield from _handlers(look, router, _joined(prefix, at, absent=""), depth + 1)
        elif entry.method in _WEBSOCKET | _HTTP:
            kind = "websocket" if entry.method in _WEBSOCKET else "http"
            endpoint = look.m.decorated.get(entry.made.id)
            if endpoint is None:
                endpoint = entry.keywords.get("endpoint") or _second(entry)
            method = entry.method if entry.method in HTTP_METHODS else ""
            yield from _handler(look, kind, _joined(prefix, first), endpoint, method)


def _second(entry: Registration) -> Value | None:
    return entry.args[1] if len(entry.args) > 1 else None


def _route(look: _Look, route: Made, prefix: str | None, depth: int) -> Iterator[Handler]:
    """Give the handlers of one route that an application was made with."""
    kind = route.name.rpartition(".")[2]
    path = _joined(prefix, route.args.get(0, "path"))
    target = route.args.get(1, "app" if kind == "Mount" else "endpoint")
    if kind == "Mount":
        routes = route.args.keywords.get("routes")
        for inner in routes.values if isinstance(routes, Items) else ():
            if isinstance(inner, Made):
                yield from _route(look, inner, path, depth + 1)
        if isinstance(target, Made):
            yield from _handlers(look, target, path, depth + 1)
    elif kind in ("WebSocketRoute", "APIWebSocketRoute", "Route", "APIRoute"):
        yield from _handler(look, "websocket" if "WebSocket" in kind else "http", path, target, "")


def _handler(
    look: _Look, kind: str, path: str | None, endpoint: Value | None, method: str
) -> Iterator[Handler]:
    code = _code(look, endpoint, 0)
    if code is not None:
        yield Handler(kind, path, code, method)


def _joined(prefix: str | None, part: Value | None, absent: str | None = None) -> str | None:
    """Join a path; None where a part of it is not known, ``absent`` where it isn't given."""
    if part is None:
        return None if prefix is None or absent is None else prefix + absent
    if prefix is None or not isinstance(part, Constant) or not isinstance(part.value, str):
        return None
    return prefix.rstrip("/") + part.value


def _hooks(look: _Look, app: Made) -> Iterator[Value]:
    """Give what surely runs when the application starts."""
    lifespan = app.args.keywords.get("lifespan")
    if lifespan is not None:
        yield lifespan
        # an application with a lifespan does not run the older hooks
        return
    startup = app.args.keywords.get("on_startup")
    if isinstance(startup, Items) and startup.exact:
        yield from startup.values
    for entry in look.m.registrations.get(app.id, ()):
        event = entry.args[0] if entry.args else None
        if entry.method in _HOOKS and isinstance(event, Constant) and event.value == "startup":
            hook = look.m.decorated.get(entry.made.id)
            if hook is None and len(entry.args) > 1:
                hook = entry.args[1]
            if hook is not None:
                yield hook


# code


def _code(look: _Look, value: Value | None, depth: int) -> Code | None:
    """Describe a function or class of the application, and what it names."""
    while isinstance(value, (Manager, Around, Adapted, Descriptor, Bound, Partial)):
        value = value.func if isinstance(value, (Bound, Partial)) else value.inner
    if not isinstance(value, (Func, Klass)) or isinstance(value.node, s.Lambda):
        return None
    node = value.node
    key = (value.module.path, node.qualname, node.span.line)
    if key not in look.codes:
        look.codes[key] = code = Code(value.module.path, node)
        if depth < _DEPTH:
            for parts in dict.fromkeys(ref.parts[:2] for ref in refs(node)):
                found = _named(look, value, parts, depth + 1)
                if found is not None:
                    code.uses[found[0]] = found[1]
    return look.codes[key]


def _named(
    look: _Look, owner: Func | Klass, parts: tuple[str, ...], depth: int
) -> tuple[str, Code | Shared] | None:
    """Describe what a name in a function stands for, if it is bound outside of it."""
    m, module, name = look.m, owner.module, parts[0]
    outer = owner.env
    inner = outer is not None and outer.node is not None
    if not inner and name not in module:
        return None
    found = m.lookup(name, outer) if inner and outer is not None else m.module_name(module, name)
    if isinstance(found, ProjectModule) and found.path.endswith(".py") and len(parts) > 1:
        below = m.program.module(found.path)
        if below is None or parts[1] not in below:
            return None
        module, name = below, parts[1]
        found = m.module_name(module, name)
    code = _code(look, found, depth)
    used = code if code is not None else _shared(look, found, module, name, depth)
    return None if used is None else (name if name == parts[0] else f"{parts[0]}.{name}", used)


def _shared(
    look: _Look, value: Value | None, module: Module, name: str, depth: int
) -> Shared | None:
    """Describe an object that is made once, when its module is imported."""
    if name not in module or look.m.module_name(module, name) is not value:
        return None
    code = None
    if isinstance(value, Object) and value.klass is not None:
        kind, code = "object", _code(look, value.klass, depth)
    elif isinstance(value, (Items, Table)):
        kind = value.kind if isinstance(value, Items) else "dict"
    elif isinstance(value, Made):
        kind = value.name
    elif isinstance(value, Constant):
        kind = "None" if value.value is None else "constant"
    else:
        return None
    home, own = _home(look, module, name)
    place = None
    for statement in home.bindings(own):
        if isinstance(statement, s.Assign):
            place = Place(home.path, statement.span)
    stem = os.path.splitext(os.path.basename(home.path))[0]
    dotted = ".".join(filter(None, (home.package, "" if stem == "__init__" else stem)))
    return Shared(own, kind, place, code, dotted, id(value))


def _home(look: _Look, module: Module, name: str) -> tuple[Module, str]:
    """Find the module that binds a name by an assignment, and its name there."""
    for statement in reversed(module.bindings(name)):
        if isinstance(statement, s.Import) and statement.name:
            path = look.m.program.find(statement.module, statement.level, module.path)
            found = look.m.program.module(path) if path.endswith(".py") else None
            if found is not None and found is not module and statement.name in found:
                return _home(look, found, statement.name)
    return module, name
