"""Channels' routers and middleware: the consumers to which an application leads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from wslint.findings.span import Place
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables
from wslint.timeline.interpreter.values import (
    Constant,
    Func,
    Items,
    Klass,
    Library,
    LibraryObject,
    Method,
    Object,
    Reached,
    Table,
    Template,
    Unknown,
    Value,
    is_asgi,
    text_of,
)
from wslint.timeline.model import HOLE, Consumer, Unfinished
from wslint.vocabulary import Role

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_DEPTH = 8
_BASE = "channels.middleware.BaseMiddleware"
_PROTOCOLS: dict[Role, str] = {"WebsocketCommunicator": "websocket", "HttpCommunicator": "http"}
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_CONVERTERS = {
    "": "[^/]+",
    "str": "[^/]+",
    "int": "[0-9]+",
    "slug": r"[\w-]+",
    "uuid": "[0-9a-f-]+",
}
# what an unknown part of a path may be
_EXAMPLES = ("1", "a", "00000000-0000-0000-0000-000000000000")
# What a regular expression of a route may consist of to be tried here. Each repetition ends at
# a slash, so that none takes more than linear time.
_PLAIN_ROUTE = re.compile(
    r"\^?(?:[\w/-]|\(\?P<\w+>(?:\\w|\\d|\[\^/\]|\[[\w\\-]{1,16}\])\+\)(?=/|\$|$))*(?:/\?)?\$?"
)


def consumer_role(interpreter: Interpreter, app: Value | None) -> Role:
    """Return the kind of consumer that an application is, "" if it isn't known."""
    if isinstance(app, LibraryObject) and app.name != "as_asgi":
        app = Library(app.name.removesuffix(".as_asgi")) if app.name.endswith(".as_asgi") else app
    consumer = _consumer(app)
    if isinstance(consumer, Klass):
        role, _ = interpreter.classes.role(consumer)
        return role if role in ("AsyncConsumer", "SyncConsumer") else ""
    return interpreter.vocabulary.role(consumer.name) if isinstance(consumer, Library) else ""


def unfinished(interpreter: Interpreter, app: Value | None) -> Unfinished:
    """Return what an application still needs: "as_asgi" (a class), "call" (as_asgi itself), ""."""
    is_uncalled = (isinstance(app, Method) and app.name == "as_asgi") or (
        isinstance(app, Library) and app.name.endswith(".as_asgi")
    )
    if is_uncalled:
        uncalled = Library(app.name.removesuffix(".as_asgi")) if isinstance(app, Library) else app
        return "call" if consumer_role(interpreter, uncalled) else ""
    is_class = isinstance(app, (Klass, Library)) and consumer_role(interpreter, app)
    return "as_asgi" if is_class else ""


def _consumer(app: Value | None) -> Value | None:
    """Return the class of what may be a consumer, or its ``as_asgi()``."""
    if isinstance(app, Method) and app.name == "as_asgi":
        return app.receiver
    return app.args.get(0) if isinstance(app, LibraryObject) and app.name == "as_asgi" else app


def default_application(interpreter: Interpreter, call: LibraryCall) -> Value | None:
    """``get_default_application()``, which the settings name; None for another call."""
    if call.name != "channels.routing.get_default_application":
        return None
    timeline, program = interpreter.timeline, interpreter.program
    package, _, name = timeline.environment.asgi_application.rpartition(".")
    path = program.find(package, 0, timeline.test.path) if package else ""
    module = program.module(path) if path.endswith(".py") else None
    found = interpreter.names.module_name(module, name) if module is not None else None
    return found or Unknown("the application of the settings")


def make_middleware(interpreter: Interpreter, call: LibraryCall) -> Value | None:
    """A middleware of the project, with what it is put around; None for another class."""
    bases = interpreter.classes.mro(call.klass) if call.klass is not None else ()
    inner = call.args.get(0, "inner")
    if inner is None or not any(isinstance(b, Library) and b.name == _BASE for b in bases):
        return None
    made = Object(interpreter.number(), call.klass)
    interpreter.store.put(made.id, "inner", inner)
    return made


class _Around(NamedTuple):
    """A router or middleware; ``own`` is its code in the project."""

    name: str
    own: Klass | Func | None = None


class _Path(NamedTuple):
    """What is left of a path, None if it isn't known, and what the routes so far took from it.

    ``view`` is what the last of them leads to, as it is written there.
    """

    rest: str | None
    taken: dict[str, str]
    view: Place | None = None


class Routing:
    """The way of a connection through routers and middleware."""

    def __init__(self, interpreter: Interpreter, role: Role) -> None:
        self._interpreter = interpreter
        self._protocol = _PROTOCOLS.get(role, "")
        self._lost = False
        self._is_known = True

    def path_instead(self, app: Value | None, path: str | None) -> str | None:
        """Return a path like one for which ``consumers`` has found none, "" if there is no such.

        None if it may have a route.
        """
        if path is None or HOLE in path or not (self._lost and self._is_known):
            return None
        route, mark, query = path.partition("?")
        ways = (f"{route}/", route.rstrip("/"), re.sub("^/?[^/]+/", "/", route))
        found = (way + mark + query for way in ways if any(self.consumers(app, way)))
        return next(found, "")

    def consumers(self, app: Value | None, path: str | None) -> Iterator[Reached]:
        """Yield the consumers to which ``path`` may lead."""
        if path is None:
            yield from self._follow(app, _Path(None, {}), (), 0)
            return
        seen: set[int] = set()
        for value in _EXAMPLES if HOLE in path else ("",):
            full = path.replace(HOLE, value).partition("?")[0]
            for found in self._follow(app, _Path(full, {}), (), 0):
                key = id(found.klass.node) if found.klass is not None else id(found.consumer)
                if key not in seen:
                    seen.add(key)
                    if HOLE in path:  # an example is not what the path has
                        found.consumer.taken = {}
                    yield found

    def _follow(
        self, app: Value | None, path: _Path, around: tuple[_Around, ...], depth: int
    ) -> Iterator[Reached]:
        role = consumer_role(self._interpreter, app)
        if role:
            klass = _consumer(app)
            known = klass if isinstance(klass, Klass) else None
            node = known.node if known is not None else None
            missing = unfinished(self._interpreter, app) if path.view is not None else ""
            view = path.view if missing else None
            names = tuple(one.name for one in around)
            consumer = Consumer(
                role, node, names, unfinished=missing, unfinished_view=view, taken=path.taken
            )
            yield Reached(consumer, known, tuple(one.own for one in around if one.own is not None))
        elif depth < _DEPTH:
            if isinstance(app, LibraryObject) and app.name.endswith(".URLRouter"):
                routes = app.args.get(0, "routes")
                found = list(_routed(routes, path))
                self._lost = self._lost or not found
                self._is_known = self._is_known and _are_known(routes)
                for inner, rest in found:
                    yield from self._follow(inner, rest, (*around, _Around(app.name)), depth + 1)
                return
            wrapped = path._replace(view=None)  # a middleware may call as_asgi itself
            wrapping = list(self._inside(app))
            is_plain = isinstance(app, (Constant, Template))
            self._is_known = self._is_known and (is_plain or (bool(wrapping) and not _moves(app)))
            for inner, by in wrapping:
                yield from self._follow(inner, wrapped, (*around, *by), depth + 1)

    def _inside(self, app: Value | None) -> Iterator[tuple[Value, tuple[_Around, ...]]]:
        """Yield what is inside a middleware, with that."""
        if isinstance(app, LibraryObject):
            for value in app.args.all():
                yield value, (_Around(_described(app)),)
        elif isinstance(app, Items):
            for value in app.values:
                yield value, ()
        elif isinstance(app, Table):
            only = app.values.get(self._protocol)
            for value in app.values.values() if only is None else (only,):
                yield value, ()
        elif isinstance(app, Object) and app.klass is not None:
            for value in self._interpreter.store.of(app.id).values():
                yield value, (_Around(app.klass.node.name, app.klass),)
        elif isinstance(app, Func) and app.env is not None and is_asgi(app.node):
            for value in self._interpreter.store.of(app.env.id).values():
                yield value, (_Around("", app),)


def _described(middleware: LibraryObject) -> str:
    """Return the name of a middleware; that of an OriginValidator with its first origin."""
    if not middleware.name.endswith(".OriginValidator"):
        return middleware.name
    given = middleware.args.get(1, "allowed_origins")
    known = given.values if isinstance(given, Items) and given.exact else []
    origins = [text_of(one) for one in known]
    is_sure = bool(known) and None not in origins and "*" not in origins
    return f"{middleware.name} {origins[0]}" if is_sure else f"{middleware.name} *"


def _routed(routes: Value | None, path: _Path) -> Iterator[tuple[Value, _Path]]:
    """Yield the application of the route that a path takes, or of all that it may take."""
    for route in routes.values if isinstance(routes, Items) else ():
        if not isinstance(route, LibraryObject):
            continue
        target = route.args.get(1, "view")
        if target is None:
            continue
        place = _view(route)
        regex = _regex(route, target) if path.rest is not None else None
        if regex is None or path.rest is None:
            yield target, _Path(None, {}, place)
            continue
        # `^` matches at the beginning of a text only, not where the search starts
        match = re.match(regex, path.rest.removeprefix("/"))
        if match is not None:
            rest = match.string[match.end() :]
            yield target, _Path(rest, path.taken | match.groupdict(), place)
            return


def _are_known(routes: Value | None) -> bool:
    """Return whether all routes of a router are known."""
    values = routes.values if isinstance(routes, Items) and routes.exact else [routes]
    return all(isinstance(one, LibraryObject) for one in values)


def _moves(app: Value | None) -> bool:
    """Return whether a middleware of the project may change the path, as its code names it."""
    node = app.klass if isinstance(app, Object) else app
    code = node.node if isinstance(node, (Klass, Func)) else None
    keys = (key for part in walk(code) for key in _keys(part))
    return any(isinstance(key, s.Const) and "path" in str(key.value) for key in keys)


def _keys(node: object) -> list[s.Expr | None]:
    """Return what may be a key of the scope in an expression."""
    if isinstance(node, s.Item):
        return [node.index]
    if isinstance(node, s.Mapping):
        return [key for key, _ in node.items]
    return [arg.value for arg in node.args] if isinstance(node, s.Call) else []


def _view(route: LibraryObject) -> Place | None:
    """Return where a route names what it leads to."""
    args = route.node.args if route.node is not None else ()
    named = [arg.value for arg in args if arg.keyword == "view"]
    by_position = [arg.value for arg in args[1:2] if not arg.keyword]
    given = (*named, *by_position)
    return Place(route.origin.place.path, given[0].span) if given else None


def _regex(route: LibraryObject, target: Value) -> str | None:
    """Return the regular expression of a route, None if it isn't known."""
    written = route.args.get(0, "route")
    pattern = written.value if isinstance(written, Constant) else None
    if not isinstance(pattern, str):
        return None
    if not route.name.endswith(".path"):
        return pattern if _PLAIN_ROUTE.fullmatch(pattern) else None
    parts = _PARAMETER.split(pattern)
    if any((kind or "") not in _CONVERTERS for kind in parts[1::3]):
        return None
    regex = re.escape(parts[0])
    for kind, name, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        regex += f"(?P<{name}>{_CONVERTERS[kind or '']}){re.escape(text)}"
    is_router = isinstance(target, LibraryObject) and target.name.endswith(".URLRouter")
    return regex if is_router else rf"{regex}\Z"


TABLES.any_class.append(make_middleware)
TABLES.any_call.append(default_application)
