"""HTTP call on a never-entered client while one of its websockets is open.

## What it does
Reports an HTTP call (`client.get`, `client.post` …) that runs while a websocket of the same client
is open, where the client was never entered (`with TestClient(app) as client:`).

## Why is this bad?
A client that is not entered starts a new event loop for every call and every socket. Whatever the
application shares between the two (an `asyncio.Lock`, `Event` or `Queue`, a task, a connection
pool) then belongs to the wrong loop: the test hangs, a task is lost with the loop that ran it, or
`RuntimeError: … is bound to a different event loop` is raised, often only now and then. The
lifespan of the application never runs either.

A message that the handler sends while it handles the call arrives even so: such a test passes. And
entering the client does not cure a `ClosedResourceError`: that comes from a closed socket which the
application still keeps in a registry of its own.

## Example
```python
client = TestClient(app)


def test_order_is_announced():
    with client.websocket_connect("/orders") as socket:
        client.post("/orders", json={"id": 1})
        assert socket.receive_json() == {"id": 1}
```

## Use instead
```python
def test_order_is_announced():
    with TestClient(app) as client, client.websocket_connect("/orders") as socket:
        client.post("/orders", json={"id": 1})
        assert socket.receive_json() == {"id": 1}
```

## Fix safety
Unsafe: entering a client runs the application's startup and shutdown, which it did not before; a
socket that is never left, or is left after its client, hangs under an entered client.

## Evidence
Starlette 0.20.4 to 1.10.0: with a lock held by the socket's handler, or a task started by the call
that sends one second later, the bare client hangs and the entered one passes, in every version.

## See also
- https://github.com/Kludex/starlette/pull/1213:
  an entered client has one event loop, any other one each time
- https://github.com/Kludex/starlette/issues/487: a pool in a different loop
- https://github.com/Kludex/starlette/issues/2918: ClosedResourceError: see WS304
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
    status="stable",
    fixable="sometimes",
    yields_to=("WS302",),
    concerns=("starlette", "fastapi", "litestar"),
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such call of each client."""
    path = timeline.test.path
    sockets = list(bare_sockets(timeline))
    reported: set[int] = set()
    for call in timeline.events_of("Http"):
        for socket, client in sockets:
            if (
                call.subject != client.id
                or client.id in reported
                or not is_open(timeline, socket, call.at)
                or entered(timeline, client.id, call.at) is not False
            ):
                continue
            reported.add(client.id)
            labels = [
                Label(socket.origin.seen_from(path), "this websocket is open meanwhile"),
                birth_label(client),
            ]
            place = call.origin.seen_from(path)
            if place != call.origin.place:
                labels.append(Label(call.origin.place, "the HTTP call is made here"))
            fix = enter_client(timeline, client, call.receiver)
            yield RULE.finding(
                place,
                f"HTTP call ({call.name}) on a test client that was never entered, while one of "
                "its websockets is open: the two run in separate event loops, so what one waits "
                "for from the other may hang, get lost or be 'bound to a different event loop'",
                "enter the client around both: `with TestClient(app) as client:`. A broadcast that "
                "the handler awaits arrives either way, and entering does not cure a "
                "ClosedResourceError (that is a closed socket left in a registry of the "
                "application)",
                labels=labels,
                fix=fix,
                cause=f"client {client.id}",
            )
