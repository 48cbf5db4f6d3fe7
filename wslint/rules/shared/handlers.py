"""The handlers of an application: which one a test reaches, and what it surely reads and changes.

Everything here is sure: what may be skipped on some way through a handler is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

from wslint.rules.shared.code import callee, dotted, is_name, methods_of
from wslint.rules.shared.evaluation import evaluated, names_read
from wslint.syntax import nodes as s
from wslint.syntax.search import statements, walk
from wslint.timeline.application_model import Application, Code, Handler, Shared, method_of
from wslint.timeline.model import HOLE, Event, Scope, Timeline
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


def answers_by_itself(app: Application | None) -> TypeGuard[Application]:
    """Return whether Starlette or FastAPI surely decides what becomes of an exception."""
    known = (".FastAPI", ".Starlette")
    return app is not None and app.name.endswith(known) and not app.handles_exceptions


def asked_by_http(timeline: Timeline, call: Event) -> Handler | None:
    """Return the handler of the websocket whose path an HTTP request has, if nothing else answers.

    None if that isn't sure, as with a mount or a middleware that may answer.
    """
    app, url = timeline.applications.get(call.subject or 0), call.url or HOLE
    if not answers_by_itself(app):
        return None
    if HOLE in url or any(handler.route is None for handler in app.handlers):
        return None
    path = url.partition("?")[0]
    # another slash at the end is redirected
    paths = path, path[:-1] if path.endswith("/") else f"{path}/"
    handlers = reached(app, "websocket", path)
    if len(handlers) != 1 or None in handlers[0].before:
        return None
    is_page = any(reached(app, "http", one) for one in paths)
    return None if is_page or app.may_answer(path) else handlers[0]


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


def given_socket(code: Code, call: s.Call, socket: str) -> tuple[Code, str] | None:
    """Return the project's function to which a call gives the socket, and its name there."""
    inner = called(code, call)
    given = arguments(code, inner, call).items() if inner is not None else ()
    name = next((name for name, value in given if is_name(value, socket)), "")
    return (inner, name) if inner is not None and name else None


def called(code: Code, call: s.Call) -> Code | None:
    """Return the project's function that a call runs."""
    found = function_of(code, dotted(call.func))
    return found if found is not None and isinstance(found.node, s.Function) else None


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
            yield init_of(used)


def init_of(code: Code) -> Code:
    """Return the ``__init__`` of a class that has one, else the same code."""
    init = methods_of(code.node).get("__init__")
    return code if init is None else Code.made_of(code.path, init, code.uses)


def function_of(code: Code, parts: tuple[str, ...]) -> Code | None:
    """Return the project's function or method that a name refers to."""
    used = code.uses.get(".".join(parts))
    owner = code.uses.get(".".join(parts[:-1])) if used is None else None
    if isinstance(owner, Shared):
        return method_of(owner, parts[-1])
    return used if isinstance(used, Code) else None


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


def arguments(code: Code, called: Code, call: s.Call) -> dict[str, s.Expr]:
    """Return what a call in some code gives the parameters of the function that it runs."""
    is_method = code.uses.get(".".join(dotted(call.func))) is not called
    node = called.node
    params = [param.name for param in node.params] if isinstance(node, s.Function) else []
    by_place = zip(params[is_method:], call.args, strict=False)
    given = {name: arg.value for name, arg in by_place if not arg.keyword and not arg.star}
    return given | {arg.keyword: arg.value for arg in call.args if arg.keyword in params}


def container(expr: s.Expr) -> tuple[str, ...]:
    """Return the name of the object that an item or a ``setdefault`` is a part of."""
    while isinstance(expr, s.Item):
        expr = expr.value
    found = callee(expr) if isinstance(expr, s.Call) else ()
    return found[:-1] if found[-1:] == ("setdefault",) else dotted(expr)
