"""Starlette's, FastAPI's and Litestar's test clients and their websocket sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.span import Span
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.values import NONE, Constant, Handle, Made, Unknown, Value
from wslint.timeline.libraries.tables import LibraryCall, MethodCall, calls, enters, methods
from wslint.timeline.model import Scope, ScopeKind
from wslint.vocabulary import HTTP_METHODS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

_AROUND = frozenset(
    ("on_event", "add_event_handler", "mount", "Mount", "host", "Host", "include_router",
     "add_middleware", "middleware", "lifespan", "lifespan_context", "on_startup", "on_shutdown")
)  # fmt: skip


@calls("TestClient", "LoopTestClient")
def make_client(m: Machine, call: LibraryCall) -> Value:
    """``TestClient(app)``: bare until it is entered."""
    app = call.args.get(0, "app")
    resource = m.resource(call.role, call.span, call.name)
    resource.plain_app = _is_plain(m, app)
    if app is not None:
        m.applications[resource.id] = app
    return Handle(resource, call.klass)


def _is_plain(m: Machine, app: Value | None) -> bool:
    """Tell whether entering a client of an application surely runs nothing of its own.

    So it is where the application is made in this file, with no startup, shutdown or lifespan,
    and nothing is mounted in it or put around it.
    """
    if not isinstance(app, Made) or m.vocabulary.role(app.name) != "Application":
        return False
    module = m.frame.env.module
    same_file = app.origin.place.path == module.path and not app.origin.via
    options = set(app.args.keywords) <= {"routes", "debug", "title", "version", "description"}
    return same_file and options and app.args.exact and not module.mentions(_AROUND)


@methods("TestClient", "LoopTestClient")
def client_method(m: Machine, client: Handle, call: MethodCall) -> Value | None:
    """HTTP calls are events; ``websocket_connect`` makes a session."""
    subject = client.resource.id
    if call.name in HTTP_METHODS:
        url = _text(call.args.get(1 if call.name in ("request", "stream") else 0, "url"))
        m.event("Http", call.name, subject, m.site(call.span)).url = url
        return Made("httpx.Response", call.args, m.origin(call.span), m.number())
    if call.name == "websocket_connect":
        session = m.resource("Session", call.span, "websocket_connect")
        session.parent = subject
        session.receiver = m.callee[:-1]
        session.node = m.called
        session.url = _text(call.args.get(0, "url"))
        return Handle(session)
    if call.name == "__enter__":
        entered = enter_client(m, client, call.span)[0]
        m.timeline.scopes[-1].by_hand = True
        return entered
    if call.name == "__exit__":
        close_scopes(m, "Client", subject, call.span)
        return NONE
    return Unknown("what a client's method gives")


def _text(value: Value | None) -> str | None:
    known = isinstance(value, Constant) and isinstance(value.value, str)
    return str(value.value) if known else None  # type: ignore[union-attr]


@enters("TestClient", "LoopTestClient")
def enter_client(m: Machine, client: Handle, span: Span) -> tuple[Value, Exit]:
    """``with client``: one portal, so one event loop for all it does."""
    scope = m.open("Client", client.resource.id, span)
    return client, lambda: m.close(scope)


@enters("Session")
def enter_session(m: Machine, session: Handle, span: Span) -> tuple[Value, Exit]:
    """``with client.websocket_connect(…)``: the socket is open inside."""
    scope = m.open("Socket", session.resource.id, span)
    scope.client = session.resource.parent

    def leave() -> None:
        if not any(closing.path == scope.opened.path for closing in scope.closings):
            m.close(scope)

    return session, leave


@methods("Session")
def session_method(m: Machine, session: Handle, call: MethodCall) -> Value | None:
    """Sends and receives are events; ``close`` ends the socket."""
    subject = session.resource.id
    if call.name == "__enter__":
        return enter_session(m, session, call.span)[0]
    if call.name in ("close", "__exit__"):
        for scope in close_scopes(m, "Socket", subject, call.span):
            if call.name == "close":
                # it says goodbye; what has come before can still be received
                scope.goodbyes.append(scope.closings[-1])
        return NONE
    m.event("Socket", call.name, subject, m.site(call.span))
    return Unknown("what a socket receives")


def close_scopes(m: Machine, kind: ScopeKind, subject: int, span: Span) -> list[Scope]:
    """Close what is open of a resource, and give it."""
    found: list[Scope] = [
        scope for scope in m.timeline.scopes if scope.kind == kind and scope.subject == subject
    ]
    for scope in found:
        m.close(scope, span)
    return found
