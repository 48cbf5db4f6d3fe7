"""Calls that block their thread, and so the event loop that runs in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    Arguments,
    Constant,
    Coroutine,
    LibraryObject,
    Unknown,
    Value,
)
from wslint.timeline.libraries.clients import transport_of
from wslint.vocabulary import HTTP_METHODS

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_HTTP_CLIENTS = (
    "requests.Session",
    "requests.sessions.Session",
    "requests.session",
    "httpx.Client",
)
# the methods that wait, by class; all but the last two take ``blocking`` or ``block`` first
_WAITS = {
    "threading.Lock": "acquire",
    "threading.RLock": "acquire",
    "threading.Semaphore": "acquire",
    "threading.BoundedSemaphore": "acquire",
    "queue.Queue": "get",
    "queue.LifoQueue": "get",
    "queue.SimpleQueue": "get",
    "threading.Event": "wait",
    "threading.Barrier": "wait",
}


@TABLES.calls("Blocking")
def block(interpreter: Interpreter, call: LibraryCall) -> Value:
    """``time.sleep(1)``, ``requests.get(url)``."""
    interpreter.recorder.event("Blocking", call.name, None, call.site)
    interpreter.escapes.mark(call.args.all(), call.site.span)
    return interpreter.calls.library_object(call.name, call.args, call.site)


@TABLES.object_methods(*_HTTP_CLIENTS)
def http_method(interpreter: Interpreter, client: LibraryObject, call: MethodCall) -> Value | None:
    """HTTP calls over the network; the clients of httpx have no websockets."""
    if call.name in HTTP_METHODS and "transport" not in client.args.keywords:
        interpreter.recorder.event("Blocking", f"{client.name}.{call.name}", None, call.site)
    return missing_websocket(interpreter, client, call)


@TABLES.object_methods("httpx.AsyncClient")
def async_http_method(
    interpreter: Interpreter, client: LibraryObject, call: MethodCall
) -> Value | None:
    """Requests to an application run in the loop of the test, until they are answered."""
    given = client.args
    transport = given.keywords.get("transport")
    app = transport.args.get(0, "app") if isinstance(transport, LibraryObject) else None
    app = given.keywords.get("app", app)
    if call.name not in HTTP_METHODS or call.name == "stream" or not isinstance(app, LibraryObject):
        return missing_websocket(interpreter, client, call)
    place, site = app.origin.place, call.site
    url = call.args.get(1 if call.name == "request" else 0, "url")

    def run() -> Value:
        event = interpreter.recorder.event("AsyncHttp", call.name, None, site)
        event.application = place
        known = isinstance(url, Constant) and isinstance(url.value, str)
        event.url = str(url.value) if known else None  # type: ignore[union-attr]
        return interpreter.calls.library_object("httpx.Response", call.args, site)

    return Coroutine(run, site.origin)


def missing_websocket(
    interpreter: Interpreter, client: LibraryObject, call: MethodCall
) -> Value | None:
    """``websocket_connect`` raises AttributeError: these clients have no websockets."""
    if call.name != "websocket_connect":
        return None
    event = interpreter.recorder.event("Missing", f"{client.name}.{call.name}", None, call.site)
    transport = transport_of(client)
    event.transport = transport.origin.place if transport is not None else None
    return Unknown("what a method that does not exist gives")


@TABLES.object_methods(*_WAITS)
def wait(interpreter: Interpreter, waited: LibraryObject, call: MethodCall) -> Value | None:
    """Methods that wait for another thread."""
    if call.name == _WAITS[waited.name] and _blocks(call.args, call.name):
        interpreter.recorder.event("Blocking", f"{waited.name}.{call.name}", None, call.site)
    return None


def _blocks(args: Arguments, method: str) -> bool:
    given = args.get(0, "blocking" if method == "acquire" else "block")
    return method == "wait" or not (isinstance(given, Constant) and given.value is False)
