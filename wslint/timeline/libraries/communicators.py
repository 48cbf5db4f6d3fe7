"""Channels' communicators. Their methods are coroutines: nothing happens until they are driven."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.recorder import Site
from wslint.timeline.interpreter.values import (
    NONE,
    Constant,
    Func,
    Handle,
    Items,
    Klass,
    Library,
    Made,
    Method,
    Table,
    Unknown,
    Value,
)
from wslint.timeline.libraries.clients import close_scopes
from wslint.timeline.libraries.tables import LibraryCall, MethodCall, calls, enters, methods
from wslint.timeline.model import Consumer, Decorated
from wslint.vocabulary import Role

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

_ROLES = ("WebsocketCommunicator", "HttpCommunicator", "ApplicationCommunicator")
# the arguments that are texts, and their places
_TEXTS: dict[Role, list[tuple[str, int]]] = {
    "WebsocketCommunicator": [("path", 1)],
    "HttpCommunicator": [("method", 1), ("path", 2)],
    "ApplicationCommunicator": [],
}
_DEPTH = 8
_LIBRARIES = ("channels.", "asgiref.")
_COROUTINES = frozenset(
    (
        "connect", "disconnect", "send_to", "send_json_to", "receive_from", "receive_json_from",
        "receive_nothing", "send_input", "receive_output", "wait", "get_response",
    )
)  # fmt: skip


@calls(*_ROLES)
def make_communicator(m: Machine, call: LibraryCall) -> Value:
    """Make a communicator; its application starts with the first use."""
    app = call.args.get(0, "application")
    resource = m.resource(call.role, call.span, call.name)
    resource.node = m.called
    resource.consumer = _consumer_role(m, app)
    resource.consumers = tuple(_consumers(m, app, 0))
    if call.name.startswith(_LIBRARIES) and not _has_own_init(m, call.klass):
        resource.unfinished = _unfinished(m, app)
        resource.texts = {name: _text(call.args.get(at, name)) for name, at in _TEXTS[call.role]}
    if isinstance(app, Func) and isinstance(app.node, s.Function):
        resource.wrapper = Decorated(app.module.path, app.node)
    return Handle(resource, call.klass)


def _text(value: Value | None) -> str | None:
    text = value.value if isinstance(value, Constant) else None
    return text if isinstance(text, str) else None


def _has_own_init(m: Machine, klass: Klass | None) -> bool:
    """Tell whether a subclass of the user's may make something else of its arguments."""
    bases = m.mro(klass) if klass is not None else ()
    return any(
        not isinstance(base, Library) and m.own_attribute(base, "__init__") is not None
        for base in bases
    )


def _unfinished(m: Machine, app: Value | None) -> Literal["", "as_asgi", "call"]:
    """Tell what an application still needs: "as_asgi" (a class), "call" (as_asgi itself), ""."""
    if isinstance(app, Method) and app.name == "as_asgi":
        return "call" if _consumer_role(m, app) else ""
    if isinstance(app, Library) and app.name.endswith(".as_asgi"):
        return "call" if _consumer_role(m, Library(app.name.removesuffix(".as_asgi"))) else ""
    return "as_asgi" if isinstance(app, (Klass, Library)) and _consumer_role(m, app) else ""


def _consumer_role(m: Machine, app: Value | None) -> Role:
    """Tell which kind of consumer an application is, "" where it isn't seen."""
    if isinstance(app, Method) and app.name == "as_asgi":
        app = app.receiver
    if isinstance(app, Made) and app.name == "as_asgi":
        app = app.args.get(0)
    elif isinstance(app, Made) and app.name.endswith(".as_asgi"):
        app = Library(app.name.removesuffix(".as_asgi"))
    if isinstance(app, Klass):
        role, _ = m.class_role(app)
        return role if role in ("AsyncConsumer", "SyncConsumer") else ""
    return m.vocabulary.role(app.name) if isinstance(app, Library) else ""


def _consumers(m: Machine, app: Value | None, depth: int) -> Iterator[Consumer]:
    """Give the consumers that an application, made of routers and middleware, leads to."""
    role = _consumer_role(m, app)
    if role:
        klass = app.args.get(0) if isinstance(app, Made) else app
        klass = klass.receiver if isinstance(klass, Method) else klass
        yield Consumer(role, klass.node if isinstance(klass, Klass) else None)
    elif depth < _DEPTH:
        inner: list[Value] = []
        if isinstance(app, Made):
            inner = app.args.all()
        elif isinstance(app, Items):
            inner = app.values
        elif isinstance(app, Table):
            inner = list(app.values.values())
        for value in inner:
            yield from _consumers(m, value, depth + 1)


@methods(*_ROLES)
def communicator_method(m: Machine, communicator: Handle, call: MethodCall) -> Value | None:
    """Give the coroutine of a communicator's method."""
    if call.name in ("stop", "__enter__", "__exit__"):
        close_scopes(m, "Communicator", communicator.resource.id, call.span)
        return NONE
    if call.name in _COROUTINES:
        site, via = _site(m, communicator, call), m.via

        def run() -> Value:
            saved, m.via = m.via, via
            try:
                return _use(m, communicator, call, site)
            finally:
                m.via = saved

        return m.coroutine_of(communicator, call.name, site, run)
    return Unknown("what a communicator's method gives")


def _site(m: Machine, communicator: Handle, call: MethodCall) -> Site:
    """Give the site of a call; a method that only returns what ``super()`` gives is looked through.

    The subclass that raises the timeouts is found in many projects.
    """
    frame = m.frame
    value = frame.statement.value if isinstance(frame.statement, s.Return) else None
    passed_on = value.value if isinstance(value, s.Await) else value
    if (
        frame.site is not None
        and frame.receiver is communicator
        and frame.function is not None
        and frame.function.name == call.name
        and passed_on is not None
        and passed_on.span == call.span
    ):
        return frame.site
    return m.site(call.span)


def _use(m: Machine, communicator: Handle, call: MethodCall, site: Site) -> Value:
    subject = communicator.resource.id
    if not any(s.kind == "Communicator" and s.subject == subject for s in m.timeline.scopes):
        m.open("Communicator", subject, call.span)
    m.event("Communicator", call.name, subject, site)
    if call.name == "disconnect":
        close_scopes(m, "Communicator", subject, call.span)
        return NONE
    if call.name == "connect":
        return Items("tuple", [Unknown("whether it connected"), Unknown("the subprotocol")])
    return Unknown("what a communicator receives")


@enters(*_ROLES)
def enter_communicator(m: Machine, communicator: Handle, span: Span) -> tuple[Value, Exit]:
    """``async with communicator``: no release has it; a subclass may do anything."""
    m.escape([communicator], span)
    return communicator, lambda: m.escape([communicator], span)
