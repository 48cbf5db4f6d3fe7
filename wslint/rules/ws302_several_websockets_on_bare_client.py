"""Two websockets of a never-entered client are open at once.

## What it does
Reports the second `websocket_connect` on a client while a first socket of the same client is still
open, where the client was never entered (`with TestClient(app) as client:`).

## Why is this bad?
A client that is not entered gives every socket an event loop and a thread of its own. An
application that lets sockets talk to each other (a room, a game, a broadcast) then shares its
locks, queues and events between two loops: a wake-up is lost, and the test hangs now and then.

## Example
```python
def test_two_players_meet():
    client = TestClient(app)
    with client.websocket_connect("/game") as one, client.websocket_connect("/game") as two:
        one.send_json({"move": 1})
        assert two.receive_json() == {"move": 1}
```

## Use instead
```python
def test_two_players_meet():
    with TestClient(app) as client:
        with client.websocket_connect("/game") as one, client.websocket_connect("/game") as two:
            one.send_json({"move": 1})
            assert two.receive_json() == {"move": 1}
```

## Fix safety
Unsafe: entering a client runs the application's startup and shutdown, which it did not before; a
socket that is never left, or is left after its client, hangs under an entered client.

## Evidence
A real multi-peer test with an `asyncio.Lock` shared by its sockets hung in 5 of 15 runs with a bare
client and in none of 15 with an entered one.

## See also
- https://github.com/Kludex/starlette/pull/1213:
  an entered client has one event loop, any other one each time
- https://github.com/vcmf/dim0/pull/117: a lock that loses a wake-up, at length
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import bare_sockets, birth_label, enter_client
from wslint.timeline.model import Timeline
from wslint.timeline.order import is_open

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    concerns=("starlette", "fastapi", "litestar"),
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the first second socket of each client."""
    path = timeline.test.path
    sockets = list(bare_sockets(timeline))
    reported: set[int] = set()
    for number, (second, client) in enumerate(sockets):
        for first, other in sockets[:number]:
            if (
                other.id != client.id
                or client.id in reported
                or first.subject == second.subject
                or not is_open(timeline, first, second.opened)
            ):
                continue
            reported.add(client.id)
            place = second.origin.seen_from(path)
            labels = [
                Label(first.origin.seen_from(path), "this websocket is still open"),
                birth_label(client),
            ]
            session = timeline.resources[second.subject]
            fix = enter_client(timeline, client, session.receiver)
            yield RULE.finding(
                place,
                "second websocket on a test client that was never entered, while another is open: "
                "each runs in an event loop of its own, so what they share in the application may "
                "hang now and then",
                "enter the client around both: `with TestClient(app) as client:`",
                labels=labels,
                fix=fix,
                cause=f"client {client.id}",
            )
