"""HTTP calls and websockets of a never-entered client, one after the other.

## What it does
Reports the first HTTP call of a test on a client that was never entered, where the same test also
opens a websocket of this client; the two are not open at the same time (that is WS301).

## Why is this bad?
A client that is not entered runs every call and every websocket in an event loop of its own, which
ends with it. A task that one starts is lost before the other can see what it did, and whatever the
application keeps for longer (a connection, a lock, a queue) belongs to a loop that is gone.

## Example
```python
def test_message_is_kept():
    client = TestClient(app)
    with client.websocket_connect("/chat") as socket:
        socket.send_text("hello")
    assert client.get("/messages").json() == ["hello"]
```

## Use instead
```python
def test_message_is_kept():
    with TestClient(app) as client:
        with client.websocket_connect("/chat") as socket:
            socket.send_text("hello")
        assert client.get("/messages").json() == ["hello"]
```

## Fix safety
Unsafe: entering a client runs the application's startup and shutdown, which it did not before.

## Evidence
Starlette 0.20.4 to 1.10.0: a task that the socket's handler starts never ends with a bare client,
and ends with an entered one. An application in which nothing lives on passes either way, which is
why this rule is in preview.

## See also
- https://github.com/Kludex/starlette/pull/1213:
  an entered client has one event loop, any other one each time
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import bare_sockets, birth_label, enter_client
from wslint.timeline.model import Timeline
from wslint.timeline.order import entered, is_open

RULE = Rule.of(
    __name__,
    __doc__,
    status="preview",
    fixable="sometimes",
    yields_to=("WS302", "WS301", "WS306"),
    concerns=("starlette", "fastapi", "litestar"),
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such call of each client."""
    path = timeline.test.path
    reported: set[int] = set()
    for socket, client in bare_sockets(timeline):
        if client.id in reported:
            continue
        for call in timeline.events_of("Http"):
            if (
                call.subject != client.id
                or entered(timeline, client.id, call.at) is not False
                or is_open(timeline, socket, call.at) is not False
            ):
                continue
            reported.add(client.id)
            yield RULE.finding(
                call.origin.seen_from(path),
                f"HTTP call ({call.name}) and websocket of a test client that was never entered: "
                "each runs in an event loop of its own, so tasks and connections of one are lost "
                "to the other",
                "enter the client around both: `with TestClient(app) as client:`",
                labels=[
                    Label(socket.origin.seen_from(path), "the websocket is opened here"),
                    birth_label(client),
                ],
                fix=enter_client(timeline, client, call.receiver),
                cause=f"client {client.id}",
            )
            break
