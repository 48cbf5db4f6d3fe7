"""Starlette's, FastAPI's and Litestar's test clients, and websocket sessions, httpx-ws's too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    NONE,
    CallSite,
    Coroutine,
    Exit,
    LibraryObject,
    ResourceRef,
    Unknown,
    Value,
    number_of,
    template_of,
)
from wslint.vocabulary import HTTP_METHODS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_WITHOUT_WEBSOCKETS = ("httpx.ASGITransport", "httpx.MockTransport")
_AROUND = frozenset(
    ("on_event", "add_event_handler", "mount", "Mount", "host", "Host", "include_router",
     "add_middleware", "middleware", "lifespan", "lifespan_context", "on_startup", "on_shutdown")
)  # fmt: skip


@TABLES.calls("TestClient", "LoopTestClient")
def make_client(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``TestClient(app)``: bare until it is entered."""
    app = call.args.get(0, "app")
    resource = interpreter.recorder.resource(call.role, call.site.origin, call.name)
    resource.plain_app = _is_plain(interpreter, app)
    if app is not None:
        interpreter.applications[resource.id] = app
    return ResourceRef(resource, call.klass)


def _is_plain(interpreter: Interpreter, app: Value | None) -> bool:
    """Return whether entering a client surely runs no code of the application's own.

    That is so if the application is made in this file, with no startup, shutdown or lifespan, and
    nothing is mounted in it or wrapped around it.
    """
    if not isinstance(app, LibraryObject) or interpreter.vocabulary.role(app.name) != "Application":
        return False
    module = interpreter.frame.env.module
    same_file = app.origin.place.path == module.path and not app.origin.via
    options = set(app.args.keywords) <= {"routes", "debug", "title", "version", "description"}
    return same_file and options and app.args.exact and not module.mentions(_AROUND)


@TABLES.methods("TestClient", "LoopTestClient")
def client_method(interpreter: Interpreter, client: ResourceRef, call: MethodCall) -> Value | None:
    """HTTP calls are events; ``websocket_connect`` makes a session."""
    subject = client.resource.id
    if call.name in HTTP_METHODS:
        url = template_of(call.args.get(1 if call.name in ("request", "stream") else 0, "url"))
        interpreter.recorder.event("Http", call.name, subject, call.site).url = url
        return interpreter.calls.library_object("httpx.Response", call.args, call.site)
    if call.name == "websocket_connect":
        session = interpreter.recorder.resource("Session", call.site.origin, "websocket_connect")
        session.parent = subject
        session.receiver = call.site.receiver
        session.node = call.site.node
        session.url = template_of(call.args.get(0, "url"))
        session.timeout = number_of(call.args.keywords.get("timeout"))
        return ResourceRef(session)
    if call.name == "__enter__":
        entered = enter_client(interpreter, client, call.site)[0]
        interpreter.timeline.scopes[-1].by_hand = True
        return entered
    if call.name == "__exit__":
        interpreter.recorder.close_all("Client", subject, call.site.origin)
        return NONE
    return Unknown("what a client's method gives")


@TABLES.enters("TestClient", "LoopTestClient")
def enter_client(
    interpreter: Interpreter, client: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``with client``: one portal, so one event loop for all its calls."""
    scope = interpreter.recorder.open("Client", client.resource.id, site.origin)
    return client, lambda: interpreter.recorder.close(scope)


@TABLES.enters("Session")
def enter_session(
    interpreter: Interpreter, session: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``with client.websocket_connect(…)``: the socket is open in the block."""
    scope = interpreter.recorder.open("Socket", session.resource.id, site.origin)
    scope.client = session.resource.parent

    def leave() -> None:
        if not any(closing.path == scope.opened.path for closing in scope.closings):
            interpreter.recorder.close(scope)

    return session, leave


@TABLES.methods("Session")
def session_method(
    interpreter: Interpreter, session: ResourceRef, call: MethodCall
) -> Value | None:
    """Sends and receives are events; ``close`` ends the socket."""
    subject = session.resource.id
    if call.name == "__enter__":
        entered = enter_session(interpreter, session, call.site)[0]
        interpreter.timeline.scopes[-1].by_hand = True
        return entered
    if call.name in ("close", "__exit__"):
        for scope in interpreter.recorder.close_all("Socket", subject, call.site.origin):
            if call.name == "close":
                # the close is sent; what has been sent before can still be received
                scope.goodbyes.append(scope.closings[-1])
        return NONE
    event = interpreter.recorder.event("Socket", call.name, subject, call.site)
    if call.name.startswith("portal."):
        interpreter.escapes.mark(call.args.values, call.site.span)
    event.timeout = number_of(call.args.keywords.get("timeout"))
    return Unknown("what a socket receives")


@TABLES.calls("AsyncSession")
def make_async_session(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``aconnect_ws(url, client)`` of httpx-ws."""
    session = interpreter.recorder.resource("AsyncSession", call.site.origin, call.name)
    session.node = call.site.node
    session.url = template_of(call.args.get(0, "url"))
    transport = transport_of(call.args.get(1, "client"))
    if transport is not None and transport.name in _WITHOUT_WEBSOCKETS:
        name = f"{transport.name}.websockets"
        event = interpreter.recorder.event("Missing", name, None, call.site)
        event.transport = transport.origin.place
    return ResourceRef(session)


def transport_of(client: Value | None) -> LibraryObject | None:
    """Return the transport that an httpx client is given, None if it isn't known."""
    if not isinstance(client, LibraryObject) or client.name != "httpx.AsyncClient":
        return None
    transport = client.args.keywords.get("transport")
    return transport if isinstance(transport, LibraryObject) else None


@TABLES.enters("AsyncSession")
def enter_async_session(
    interpreter: Interpreter, session: ResourceRef, site: CallSite
) -> tuple[Value, Exit]:
    """``async with aconnect_ws(…)``: the socket is open in the block, which has a task group."""
    recorder, subject = interpreter.recorder, session.resource.id
    group = recorder.open("CancelScope", subject, site.origin)
    socket = recorder.open("Socket", subject, site.origin)

    def leave() -> None:
        recorder.close(socket)
        recorder.close(group)

    return session, leave


@TABLES.methods("AsyncSession")
def async_session_method(
    interpreter: Interpreter, session: ResourceRef, call: MethodCall
) -> Value | None:
    """Sends and receives are coroutines, and events when they are driven."""

    def run() -> Value:
        interpreter.recorder.event("Socket", call.name, session.resource.id, call.site)
        return Unknown("what a socket receives")

    return Coroutine(run, call.site.origin)
