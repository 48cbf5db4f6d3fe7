"""Channels' communicators. Their methods are coroutines: nothing happens until they are driven."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from wslint.syntax import nodes as s
from wslint.timeline.interpreter import connect_results
from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    CallSite,
    Constant,
    Exit,
    Func,
    Items,
    Klass,
    Library,
    Method,
    Object,
    ResourceRef,
    Table,
    Unknown,
    Value,
    number_of,
    template_of,
    text_of,
)
from wslint.timeline.libraries.routing import Routing, consumer_role, unfinished
from wslint.timeline.model import Decorated, Resource
from wslint.vocabulary import RECEIVES, Role

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_ROLES: tuple[Role, ...] = ("WebsocketCommunicator", "HttpCommunicator", "ApplicationCommunicator")
# the arguments that are texts, and their positions
_TEXTS: dict[Role, list[tuple[str, int]]] = {
    "WebsocketCommunicator": [("path", 1)],
    "HttpCommunicator": [("method", 1), ("path", 2)],
    "ApplicationCommunicator": [],
}
_LIBRARIES = ("channels.", "asgiref.")
_COROUTINES = frozenset(
    (
        "connect", "disconnect", "send_to", "send_json_to", "receive_from", "receive_json_from",
        "receive_nothing", "send_input", "receive_output", "wait", "get_response",
    )
)  # fmt: skip


@TABLES.calls(*_ROLES)
def make_communicator(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``WebsocketCommunicator(app, path)``: the application starts with the first use."""
    resource = interpreter.recorder.resource(call.role, call.site.origin, call.name)
    is_plain = call.name.startswith(_LIBRARIES) and not _has_own_init(interpreter, call.klass)
    _set_up(interpreter, resource, call.args, call.site, is_plain=is_plain)
    return ResourceRef(resource, call.klass)


def _set_up(
    interpreter: Interpreter, made: Resource, args: Arguments, site: CallSite, *, is_plain: bool
) -> None:
    """Do what ``__init__`` does; unless ``is_plain``, a subclass may mean other arguments."""
    app = args.get(0, "application")
    made.node = site.node
    made.headers = _header_names(args)
    made.consumer = consumer_role(interpreter, app)
    path = template_of(args.get(1, "path")) if made.role == "WebsocketCommunicator" else None
    routing = Routing(interpreter, made.role)
    found = list(routing.consumers(app, path))
    made.instead = None if found else routing.path_instead(app, path)
    made.consumers = tuple(one.consumer for one in found)
    interpreter.consumers += found
    if is_plain:
        made.unfinished = unfinished(interpreter, app)
        made.texts = {name: text_of(args.get(at, name)) for name, at in _TEXTS[made.role]}
    wrapper = _called(interpreter, app)
    if isinstance(wrapper, Func) and isinstance(wrapper.node, s.Function):
        made.wrapper = Decorated(wrapper.module.path, wrapper.node)


def _called(interpreter: Interpreter, app: Value | None) -> Value | None:
    """Return the project's function that runs when an application is called."""
    if isinstance(app, Object) and app.klass is not None:
        return interpreter.classes.found_attribute(app.klass, "__call__")
    return app


def _header_names(args: Arguments) -> tuple[str, ...] | None:
    """Return the names of the headers that a communicator is given, None if they aren't known."""
    given = args.get(2, "headers")
    if given is None or (isinstance(given, Constant) and given.value is None):
        return () if args.exact else None
    names: list[str] = []
    for pair in given.values if isinstance(given, Items) and given.exact else (given,):
        name = pair.values[0] if isinstance(pair, Items) and pair.values else None
        if not isinstance(name, Constant) or not isinstance(name.value, bytes):
            return None
        names.append(name.value.decode("latin-1"))
    return tuple(names)


def _has_own_init(interpreter: Interpreter, klass: Klass | None) -> bool:
    """Return whether a project's subclass may treat the arguments in its own way."""
    bases = interpreter.classes.mro(klass) if klass is not None else ()
    return any(
        not isinstance(base, Library)
        and interpreter.classes.own_attribute(base, "__init__") is not None
        for base in bases
    )


@TABLES.methods(*_ROLES)
def communicator_method(
    interpreter: Interpreter, communicator: ResourceRef, call: MethodCall
) -> Value | None:
    """Return the coroutine of a communicator's method."""
    if call.name in ("stop", "__enter__", "__exit__"):
        interpreter.recorder.close_all("Communicator", communicator.resource.id, call.site.origin)
        return NONE
    if call.name == "__init__":  # by that of a subclass
        _set_up(interpreter, communicator.resource, call.args, call.site, is_plain=True)
        return NONE
    if call.name in _COROUTINES:
        site = _site(interpreter, communicator, call)
        run = partial(_use, interpreter, communicator, call, site)
        return interpreter.functions.coroutine_of(communicator, call.name, site, run)
    if call.name.startswith("scope."):
        _use_scope(interpreter, communicator, call)
    return Unknown("what a communicator's method gives")


def _use_scope(interpreter: Interpreter, communicator: ResourceRef, call: MethodCall) -> None:
    """Call a method of the communicator's scope, which is a dict."""
    scope, span = Method(communicator, "scope"), call.site.span
    attributes, given = interpreter.attributes, call.args.values
    if call.name in ("scope.get", "scope.pop", "scope.setdefault") and given:
        attributes.get_item(scope, given[0])
    if call.name == "scope.setdefault" and given:
        attributes.set_item(scope, given[0], given[-1], span)
    if call.name == "scope.update":
        keywords: dict[object, Value] = dict(call.args.keywords.items())
        for value in (*given, Table(keywords, call.args.exact)):
            attributes.update_scope(scope, value, span)


def _site(interpreter: Interpreter, communicator: ResourceRef, call: MethodCall) -> CallSite:
    """Return the site of a call, or that of the method around it that only passes it on.

    Many projects have a subclass whose methods call ``super()`` with longer timeouts.
    """
    frame = interpreter.frame
    value = frame.statement.value if isinstance(frame.statement, s.Return) else None
    passed_on = value.value if isinstance(value, s.Await) else value
    if (
        frame.site is not None
        and frame.receiver is communicator
        and frame.function is not None
        and frame.function.name == call.name
        and passed_on is not None
        and passed_on.span == call.site.span
    ):
        return frame.site
    return call.site


def _use(
    interpreter: Interpreter, communicator: ResourceRef, call: MethodCall, site: CallSite
) -> Value:
    subject = communicator.resource.id
    if not any(
        s.kind == "Communicator" and s.subject == subject for s in interpreter.timeline.scopes
    ):
        interpreter.recorder.open("Communicator", subject, call.site.origin)
    event = interpreter.recorder.event("Communicator", call.name, subject, site)
    if call.name in RECEIVES:
        event.timeout = _timeout(call)
    if call.name == "disconnect":
        interpreter.recorder.close_all("Communicator", subject, call.site.origin)
        return NONE
    if call.name == "connect":
        return connect_results.result_of(event)
    return Unknown("what a communicator receives")


def _timeout(call: MethodCall) -> float | None:
    """Return how long a receive waits. The default is from asgiref's ApplicationCommunicator."""
    given = call.args.get(0, "timeout")
    if given is None:
        return 1 if call.args.exact else None
    is_none = isinstance(given, Constant) and given.value is None
    return math.inf if is_none else number_of(given)


@TABLES.enters(*_ROLES)
def enter_communicator(
    interpreter: Interpreter, communicator: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``async with communicator``: no release has it, so a subclass may do anything."""
    interpreter.escapes.mark([communicator], site.span)
    return communicator, lambda: interpreter.escapes.mark([communicator], site.span)
