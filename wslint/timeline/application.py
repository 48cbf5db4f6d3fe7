"""Describes the application that a client was made with, as plain data.

Only what names lead to is read: the routes and hooks that the application is made with or that its
decorators and methods register, and the code that those name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, partial
from typing import TYPE_CHECKING, Literal, TypeGuard

from wslint.findings.span import Place, Span
from wslint.linking.module import Module
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Application, Code, DependencyOverride, Handler, Shared
from wslint.timeline.code_reader import CodeReader
from wslint.timeline.endpoints import websocket_endpoint
from wslint.timeline.interpreter.values import (
    Constant,
    Items,
    Library,
    LibraryObject,
    Registration,
    Value,
)
from wslint.timeline.patch_targets import full_name, name_at, targets
from wslint.timeline.replacements import unseen
from wslint.timeline.startup import set_again, startup_state
from wslint.vocabulary import HTTP_METHODS

if TYPE_CHECKING:
    from wslint.linking.program import Program
    from wslint.timeline.interpreter.interpreter import Interpreter

_DEPTH = 4
_Kind = Literal["websocket", "http"]
_WEBSOCKET = frozenset(("websocket", "websocket_route", "add_websocket_route",
                        "add_api_websocket_route"))  # fmt: skip
_HTTP = HTTP_METHODS | {"route", "api_route", "add_route", "add_api_route"}
_INCLUDES = frozenset(("include_router", "mount"))
_HOOKS = frozenset(("on_event", "add_event_handler"))
_MIDDLEWARE = "add_middleware"
_EXCEPTIONS = frozenset(("exception_handler", "add_exception_handler"))
REGISTERS = _WEBSOCKET | _HTTP | _INCLUDES | _HOOKS | _EXCEPTIONS | {_MIDDLEWARE}
"""Methods of an application or router that take a handler, a hook, a part or a middleware."""
# what may answer a request beside the routes
_ANSWERS_OTHERWISE = re.compile(rb"\.middleware\(|\.routes\b")
_STARTS_OTHERWISE = re.compile(rb"\.lifespan_context\s*=|\.on_startup\b")
_KNOWN_TAKERS = frozenset((b"TestClient", b"ASGITransport", b"AsyncClient", b"run"))
_REFUSALS = ("WebSocketException", "HTTPException", ".Exception")
# these let every websocket pass
_PASSES = ("CORSMiddleware", "GZipMiddleware", "SessionMiddleware")


class ApplicationReader:
    """Reads the applications of one test."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self._ran: set[tuple[str, Span]] = set()
        self._loaded: set[str] = set()
        self._apps: dict[Place, LibraryObject] = {}
        self._unknown: list[str] = []
        self._reader = CodeReader(interpreter)

    def describe(self, app: Value | None) -> Application | None:
        """Return the description of an application, None if it can't be followed."""
        interpreter = self.interpreter
        if not isinstance(app, LibraryObject):
            return None
        if interpreter.vocabulary.role(app.name) not in ("Application", "Router"):
            return None
        self._loaded, self._reader, self._unknown = set(), CodeReader(interpreter), []
        self._load(app)
        hooks = tuple(map(self._reader.code, self._hooks(app)))
        self._reader.startup = hooks
        startup = tuple(code for code in hooks if code is not None)
        handlers = tuple(self._handlers(app, "", 0, app.origin.place))
        found = Application(app.name, app.origin.place, startup, handlers)
        program, test = interpreter.program, interpreter.timeline.test.path
        found.find_sets = partial(startup_state, program, found, test)
        interpreter.at_release.append(found.release)
        around = [program.module(path) for path in program.around(test)]
        modules = {module.path: module for module in around if module} | interpreter.test_modules
        own = [*startup, *(handler.code for handler in handlers)]
        reached = cache(
            lambda: tuple({id(code): code for one in own for code in one.reached()}.values())
        )
        is_of_tests = not modules.keys().isdisjoint({found.place.path, *(one.path for one in own)})
        found.tests = tuple(
            (module, _own_spans(module, reached() if is_of_tests else ()))
            for module in modules.values()
        )
        replaced = interpreter.replacements
        files = frozenset[str]()
        if replaced or interpreter.dependency_overrides:
            find = partial(self._files, found, reached)
            key = ("files of the application", found.place)
            files = find() if is_of_tests else program.known.get(key, find)
        found.overrides = tuple(self._overrides(found, reached, files))
        names = [one for one in replaced if one.app is None]
        found.replaced = tuple(unseen(program, test, names, reached, files))
        found.set_again = tuple(set_again(program, found, test, replaced))
        if found.overrides or found.replaced:
            found.names = self._names(found, files)
        found.handles_exceptions = self._handles_exceptions(app)
        paths = {found.place.path, *(code.path for code in own)}
        if not app.args.exact:
            self._note_unknown("")
        found.unknown_routes = tuple(self._unknown)
        apps = tuple(self._apps)
        found.find_others = partial(_answers_otherwise, interpreter.program, apps, paths)
        found.starts_otherwise = not app.args.exact or any(
            _STARTS_OTHERWISE.search(program.text(path, "lifespan_context", "on_startup"))
            for path in sorted(paths)
        )
        found.overridden = found.is_mentioned("dependency_overrides")
        first = around[0].first_definition if around[0] is not None else None
        found.top = first.span if first is not None else None
        return found

    def _handles_exceptions(self, app: LibraryObject) -> bool:
        """Return whether an application may have a handler for exceptions that refuse."""
        entries = self.interpreter.registrations.get(app.id, ())
        kinds = [(*one.args, None)[0] for one in entries if one.method in _EXCEPTIONS]
        return "exception_handlers" in app.args.keywords or not all(
            isinstance(kind, Library) and not kind.name.endswith(_REFUSALS) for kind in kinds
        )

    def _load(self, owner: LibraryObject) -> None:
        """Run the registrations at the top of the module in which an object is made."""
        interpreter, path = self.interpreter, owner.origin.place.path
        if path in self._loaded:
            return
        self._loaded.add(path)
        module = interpreter.program.module(path)
        if module is None:
            return
        for statement in module.calling(REGISTERS):
            if isinstance(statement, (s.Function, s.Class)):
                called = [d.func for d in statement.decorators if isinstance(d, s.Call)]
                if any(_registers(func) for func in called):
                    interpreter.names.module_name(module, statement.name)
                continue
            value = statement.value if isinstance(statement, s.Do) else None
            if not isinstance(value, s.Call) or not _registers(value.func):
                continue
            if (path, statement.span) not in self._ran:
                self._ran.add((path, statement.span))
                env = interpreter.names.module_env(module)
                interpreter.at_import(env, partial(interpreter.statements.run, statement))

    def _handlers(
        self, owner: LibraryObject, prefix: str | None, depth: int, app: Place
    ) -> Iterator[Handler]:
        """Yield the handlers of an application or router, in order."""
        if depth > _DEPTH:
            self._note_unknown(prefix)
            return
        self._load(owner)
        before = self._before(owner.args.keywords)
        entries = self.interpreter.registrations.get(owner.id, ())
        added = [(*one.args, one.keywords.get("middleware_class"))[0]
                 for one in entries if one.method == _MIDDLEWARE]  # fmt: skip
        if not all(map(_passes, added)):
            before = (*before, None)
        if self.interpreter.vocabulary.role(owner.name) == "Application":
            app = owner.origin.place
            self._apps[app] = owner
        prefix = _joined(prefix, owner.args.keywords.get("prefix"), absent="")
        routes = owner.args.get(0 if owner.name == "starlette.routing.Router" else 1, "routes")
        if isinstance(routes, Items):
            for route in routes.values:
                if isinstance(route, LibraryObject):
                    yield from _after(before, self._route(route, prefix, depth, app))
        if not _are_objects(routes):
            self._note_unknown(prefix)
        for entry in entries:
            first = entry.args[0] if entry.args else entry.keywords.get("path")
            if entry.method in _INCLUDES:
                router = entry.keywords.get("router") or entry.keywords.get("app")
                at = entry.keywords.get("prefix")
                if entry.method == "mount":
                    router, at = router or _second(entry), first
                else:
                    router = router or first
                below = _joined(prefix, at, absent="")
                if self._has_routes(router):
                    inner = self._handlers(router, below, depth + 1, app)
                    yield from _after((*before, *self._before(entry.keywords)), inner)
                else:
                    self._note_unknown(below)
            elif entry.method in _WEBSOCKET | _HTTP:
                kind: _Kind = "websocket" if entry.method in _WEBSOCKET else "http"
                endpoint = self.interpreter.decorators.targets.get(entry.made.id)
                if endpoint is None:
                    endpoint = entry.keywords.get("endpoint") or _second(entry)
                method = entry.method if entry.method in HTTP_METHODS else ""
                found = self._handler(kind, _joined(prefix, first), endpoint, method, app)
                yield from _after((*before, *self._before(entry.keywords)), found)

    def _before(self, keywords: dict[str, Value]) -> tuple[Code | None, ...]:
        """Return what ``dependencies=[Depends(…)]`` names; None for what isn't known.

        A middleware that may answer before the handler isn't known either.
        """
        given, around = keywords.get("dependencies"), keywords.get("middleware")
        if isinstance(around, Items) and around.exact:
            classes = [one.args.get(0, "cls") if isinstance(one, LibraryObject) else None
                       for one in around.values]  # fmt: skip
            around = None if all(map(_passes, classes)) else around
        if around is not None and not isinstance(around, Constant):
            return (None,)
        if given is None:
            return ()
        if not isinstance(given, Items):
            return (None,)
        depends = [one.args.get(0, "dependency") if isinstance(one, LibraryObject) else None
                   for one in given.values]  # fmt: skip
        return tuple(map(self._reader.code, depends))

    def _route(
        self, route: LibraryObject, prefix: str | None, depth: int, app: Place
    ) -> Iterator[Handler]:
        """Yield the handlers of one route that an application is made with."""
        kind = route.name.rpartition(".")[2]
        path = _joined(prefix, route.args.get(0, "path"))
        target = route.args.get(1, "app" if kind == "Mount" else "endpoint")
        if kind == "Mount":
            routes = route.args.keywords.get("routes")
            for inner in routes.values if isinstance(routes, Items) else ():
                if isinstance(inner, LibraryObject):
                    below = self._route(inner, path, depth + 1, app)
                    yield from _after(self._before(route.args.keywords), below)
            if self._has_routes(target):
                yield from self._handlers(target, path, depth + 1, app)
            elif target is not None or not _are_objects(routes):
                self._note_unknown(path)
        elif kind in ("WebSocketRoute", "APIWebSocketRoute", "Route", "APIRoute"):
            found = self._handler(
                "websocket" if "WebSocket" in kind else "http", path, target, "", app
            )
            yield from _after(self._before(route.args.keywords), found)
        else:
            self._note_unknown(path)

    def _has_routes(self, part: Value | None) -> TypeGuard[LibraryObject]:
        """Return whether a part of an application is one of which the routes can be followed."""
        role = self.interpreter.vocabulary.role
        return isinstance(part, LibraryObject) and role(part.name) in ("Application", "Router")

    def _note_unknown(self, path: str | None) -> None:
        """Note that it isn't known what answers the paths that begin with one."""
        self._unknown.append((path or "").partition("{")[0])

    def _handler(
        self, kind: _Kind, path: str | None, endpoint: Value | None, method: str, app: Place
    ) -> Iterator[Handler]:
        self._reader.application = self._apps.get(app)
        code = websocket_endpoint(self.interpreter.classes, self._reader, endpoint)
        connect = code.uses.get("on_connect") if code is not None else None
        code = code or self._reader.code(endpoint)
        if code is not None:
            on_connect = connect if isinstance(connect, Code) else None
            yield Handler(kind, path, code, method, app, connect=on_connect)
        if path is None or (code is None and kind == "http"):
            self._note_unknown(path)

    def _overrides(
        self, app: Application, reached: Callable[[], Sequence[Code]], files: AbstractSet[str]
    ) -> Iterator[DependencyOverride]:
        """Yield the dependencies that the test overrides in this application or a mounted one."""
        program, test = self.interpreter.program, self.interpreter.timeline.test.path
        places = {app.place, *(handler.app for handler in app.handlers)}
        for owner, function, _, place, step in self.interpreter.dependency_overrides:
            if owner.origin.place in places and isinstance(function.node, s.Function):
                name, path = function.node.name, function.module.path
                asks = re.compile(rb"(?:Depends|Security)\(\s*(?:[\w.]+\.)?%b\b" % name.encode())
                one = DependencyOverride(name, path, place, owner.origin.place, step)
                if not any(asks.search(program.text(file, name)) for file in sorted(files)):
                    found = targets(program, test, reached(), files, name, path)
                    one = one._replace(asked_for=False, targets=found)
                yield one

    def _names(self, app: Application, files: AbstractSet[str]) -> dict[Place, str]:
        """Return the full names of an application and of those that are mounted in it."""
        program, test = self.interpreter.program, self.interpreter.timeline.test.path
        places = {app.place, *(handler.app for handler in app.handlers)}
        return {
            place: full_name(program, test, files, place.path, name)
            for place in filter(None, places)
            if (name := name_at(program, place))
        }

    def _files(self, app: Application, reached: Callable[[], Sequence[Code]]) -> frozenset[str]:
        """Return the files of an application and those of the project that they import.

        Aliases of types may be there.
        """
        program = self.interpreter.program
        paths = {app.place.path, *(code.path for code in reached())}
        modules = [module for path in paths if (module := program.module(path)) is not None]
        found = [
            program.find(name, entry.level, module.path)
            for module in modules
            for entry in module.imports
            for name in (entry.module, f"{entry.module}.{entry.name}".strip("."))
        ]
        return frozenset((*paths, *(path for path in found if path.endswith(".py"))))

    def _hooks(self, app: LibraryObject) -> Iterator[Value]:
        """Yield what surely runs when the application starts.

        Since FastAPI 0.90 that includes the lifespans of its routers.
        """
        for entry in self.interpreter.registrations.get(app.id, ()):
            router = entry.keywords.get("router") or next(iter(entry.args), None)
            if entry.method == "include_router" and isinstance(router, LibraryObject):
                yield from self._hooks(router)
        lifespan = app.args.keywords.get("lifespan")
        if lifespan is not None:
            yield lifespan
            # an application with a lifespan does not run the older hooks
            return
        startup = app.args.keywords.get("on_startup")
        if isinstance(startup, Items) and startup.exact:
            yield from startup.values
        for entry in self.interpreter.registrations.get(app.id, ()):
            event = entry.args[0] if entry.args else None
            if entry.method in _HOOKS and isinstance(event, Constant) and event.value == "startup":
                hook = self.interpreter.decorators.targets.get(entry.made.id)
                if hook is None and len(entry.args) > 1:
                    hook = entry.args[1]
                if hook is not None:
                    yield hook


def _own_spans(module: Module, codes: Iterable[Code]) -> tuple[Span, ...]:
    """Return the spans of an application's code and objects in a test file."""
    spans = [code.node.span for code in codes if code.path == module.path]
    shared = [used for code in codes for used in code.uses.values() if isinstance(used, Shared)]
    spans += [one.place.span for one in shared if one.place and one.place.path == module.path]
    return tuple(spans)


def _after(before: tuple[Code | None, ...], handlers: Iterable[Handler]) -> Iterator[Handler]:
    """Yield handlers, with what runs before them."""
    for handler in handlers:
        handler.before = (*before, *handler.before)
        yield handler


def _answers_otherwise(program: Program, apps: Iterable[Place], paths: Iterable[str]) -> bool:
    """Return whether more may answer than what is registered at the top of the modules.

    ``apps`` are the places of the applications.
    """
    given = {
        function
        for app in apps
        for function in _functions_given(name_at(program, app), program.text(app.path))
    }
    texts = map(program.text, paths)
    return not given <= _KNOWN_TAKERS or any(map(_ANSWERS_OTHERWISE.search, texts))


def _functions_given(name: str, text: bytes) -> list[bytes]:
    """Return the names of the functions to which a text gives an object as the first argument."""
    call = rb"(\w+)\(\s*(?:\w+=)?%b\s*[,)]" % name.encode()
    return re.findall(call, text) if name else []


def _registers(func: s.Expr) -> bool:
    return isinstance(func, s.Ref) and len(func.parts) > 1 and func.parts[-1] in REGISTERS


def _are_objects(routes: Value | None) -> bool:
    """Return whether each of the routes that are given, if any are, is known."""
    if isinstance(routes, Items):
        return routes.exact and all(isinstance(one, LibraryObject) for one in routes.values)
    return routes is None or (isinstance(routes, Constant) and routes.value is None)


def _passes(middleware: Value | None) -> bool:
    return isinstance(middleware, Library) and middleware.name.endswith(_PASSES)


def _second(entry: Registration) -> Value | None:
    return entry.args[1] if len(entry.args) > 1 else None


def _joined(prefix: str | None, part: Value | None, absent: str | None = None) -> str | None:
    """Return a joined path, None if a part is unknown; ``absent`` is for one that isn't given."""
    if part is None:
        return None if prefix is None or absent is None else prefix + absent
    if prefix is None or not isinstance(part, Constant) or not isinstance(part.value, str):
        return None
    return prefix.rstrip("/") + part.value
