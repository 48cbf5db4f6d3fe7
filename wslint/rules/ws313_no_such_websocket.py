"""A websocket of a client that has none.

## What it does
Reports `websocket_connect` of an `httpx.AsyncClient` or `httpx.Client`, and `async with` (or
`enter_async_context`) for a websocket of Starlette's or FastAPI's test client. Also `aconnect_ws`
of httpx-ws with a client of httpx's own `ASGITransport` or `MockTransport`.

## Why is this bad?
httpx has no websockets: the call raises AttributeError. Its transports send what `aconnect_ws` asks
for as an HTTP request, and the application answers 404 (WebSocketUpgradeError). The websocket of
the test client is a sync context manager: `async with` raises TypeError. Inside
`pytest.raises(Exception)` each passes for a refusal, and the application is never asked.

## Example
```python
async def test_echo():
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as client:
        async with client.websocket_connect("/echo") as websocket:
            await websocket.send_text("hello")
            assert await websocket.receive_text() == "hello"
```

## Use instead
```python
def test_echo():
    with TestClient(app) as client:
        with client.websocket_connect("/echo") as websocket:
            websocket.send_text("hello")
            assert websocket.receive_text() == "hello"
```

In an async test, `aconnect_ws` of the package httpx-ws opens a websocket of the application with
an `AsyncClient(transport=ASGIWebSocketTransport(app))`.

## Fix safety
Unsafe: a websocket of the test client is entered with `with`, and its calls are not awaited; the
test's own client gets the transport of httpx-ws. Only shown where `aconnect_ws` replaces
`websocket_connect`: httpx-ws must be installed. There is no fix for a client that a fixture or a
helper makes, as others may use it, or if the websocket is used in another way than both kinds have.

## Evidence
httpx 0.28.1 and Starlette 1.10.0: `'AsyncClient' object has no attribute 'websocket_connect'` and
`'WebSocketTestSession' object does not support the asynchronous context manager protocol`.
httpx-ws 0.9.0 over `ASGITransport`: `WebSocketUpgradeError: <Response [404 Not Found]>`.

## See also
- https://github.com/encode/httpx/issues/304: websockets are out of scope for httpx
- https://github.com/frankie567/httpx-ws/issues/66: `aconnect_ws` with a client of an application
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding
from wslint.rules.rule import Rule
from wslint.rules.shared.code import call_in, called_name, with_item
from wslint.rules.shared.other_websockets import ENTERS_ASYNC, entered_sync, with_httpx_ws
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import any_open
from wslint.timeline.query import expectations, subject_of

RULE = Rule.of(
    __name__,
    __doc__,
    status="preview",
    fixable="sometimes",
    concerns=("httpx", "starlette", "fastapi"),
)

_TEXTS = {
    "websocket_connect": (
        "`{}` has no `websocket_connect`",
        "use Starlette's `TestClient` in a sync test, or `aconnect_ws` of httpx-ws",
    ),
    "websockets": (
        "`{}` has no websockets",
        "give the client `ASGIWebSocketTransport(app)` of httpx-ws",
    ),
}
_EXPECTED = {"builtins.AttributeError", "httpx_ws.WebSocketUpgradeError",
             "httpx_ws.HTTPXWSException"}  # fmt: skip


@RULE.checks
def no_such_websocket(timeline: Timeline) -> Iterator[Finding]:
    """Report each such call, and each such block."""
    path = timeline.test.path
    expected = [scope for scope in expectations(timeline) if _EXPECTED & set(scope.expected)]
    # where the client may be another one, which has the method
    made = {one.origin.place for one in timeline.resources if one.role == "Session"}
    for call in timeline.events_of("Missing"):
        if call.origin.place in made:
            continue
        client, _, method = call.name.rpartition(".")
        asks_first = call.function is not None and mentions(call.function.body, {"hasattr"})
        if not asks_first and any_open(timeline, expected, call.at) is False:
            message, advice = _TEXTS[method]
            yield RULE.finding(
                call.origin.nearest_place(path),
                message.format(client),
                advice,
                fix=with_httpx_ws(timeline, call),
                cause=f"missing {call.origin.place}",
            )
    entered = [
        scope
        for scope in timeline.scopes_of("Socket")
        if subject_of(timeline, scope).role == "Session" and _is_entered_async(scope)
    ]
    by_hand = [call for call in timeline.events_of("Socket") if call.name == "__aenter__"]
    used: list[Scope | Event] = [*entered, *by_hand]
    for socket in used:
        if socket.subject is not None:
            yield RULE.finding(
                socket.origin.nearest_place(path),
                "the websocket of a sync test client is entered with `async with`",
                "enter it with `with`, and call its methods without `await`",
                fix=entered_sync(socket),
                cause=socket.subject,
            )


def _is_entered_async(socket: Scope) -> bool:
    span, statement = socket.origin.place.span, socket.statement
    if isinstance(statement, s.With):
        return statement.is_async and with_item(statement, span) is not None
    call = call_in(statement) if statement is not None else None
    return call is not None and called_name(call) in ENTERS_ASYNC and call.span == span
