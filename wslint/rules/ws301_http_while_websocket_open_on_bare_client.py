"""HTTP call on a never-entered client while one of its websockets is open.

## What it does
Reports an HTTP call (`client.get`, `client.post` …) made while a websocket of the same `TestClient`
is open, if the client was never entered (`with TestClient(app) as client:`).

## Why is this bad?
A client that is not entered starts a new event loop for every call and every websocket. Whatever
the application shares between the two (an `asyncio.Lock`, `Event` or `Queue`, a task, a connection
pool) then belongs to the wrong loop. The test hangs, a task is lost with the loop that ran it, or
`RuntimeError: … is bound to a different event loop` is raised, often only now and then. The
application's lifespan never runs either.

A message that the handler sends while it handles the call still arrives, so such a test passes.
Entering the client does not fix a `ClosedResourceError`: that comes from a closed socket which the
application keeps in a registry of its own.

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
Unsafe: entering a client runs the application's startup and shutdown, which did not run before. A
websocket that is never left, or left after its client, hangs under an entered client. Safe if the
fix surely changes nothing but the event loop. It is display-only if the startup awaits or raises
something, reads `app.state` or isn't fully known, which may fail in a test, or if a websocket is
never left; and there is none if the startup sets anew what the test sets.

## Evidence
Starlette 0.20.4 to 1.10.0: with a lock held by the websocket's handler, or a task started by the
call that sends one second later, the bare client hangs and the entered one passes, in every
version.

## See also
- https://github.com/Kludex/starlette/pull/1213:
  an entered client has one event loop, any other starts one each time
- https://github.com/Kludex/starlette/issues/487: a pool in a different loop
- https://github.com/Kludex/starlette/issues/2918: ClosedResourceError: see WS304
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import HELP, birth_label, enter_client
from wslint.timeline.model import Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import clients

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS302",),
    concerns=("starlette", "fastapi", "litestar"),
)  # fmt: skip


@RULE.checks
def http_while_websocket_is_open(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such call of each client."""
    path = timeline.test.path
    for client in clients(timeline):
        for call, socket in product(client.http_calls, client.bare_sockets):
            if is_open(timeline, socket, call.at) and client.is_bare(call.at):
                place = call.origin.seen_from(path)
                labels = [
                    Label(socket.origin.seen_from(path), "this websocket is open meanwhile"),
                    birth_label(client),
                ]
                if place != call.origin.place:
                    labels.append(Label(call.origin.place, "the HTTP call is made here"))
                yield RULE.finding(
                    place,
                    "HTTP call while a websocket of the same never-entered client is open",
                    f"{HELP}; otherwise each runs in its own event loop",
                    labels=labels,
                    fix=enter_client(client, call.receiver),
                    cause=client.resource,
                )
                break
