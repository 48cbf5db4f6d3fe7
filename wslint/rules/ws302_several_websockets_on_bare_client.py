"""Two websockets of a never-entered client are open at once.

## What it does
Reports the second `websocket_connect` on a `TestClient` while an earlier websocket of the same
client is still open, if the client was never entered (`with TestClient(app) as client:`).

## Why is this bad?
A client that is not entered gives every websocket its own event loop and thread. An application in
which websockets talk to each other (a room, a game, a broadcast) then shares its locks, queues and
events between two loops: a wake-up is lost, and the test hangs now and then.

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
Unsafe: entering a client runs the application's startup and shutdown, which did not run before. A
websocket that is never left, or left after its client, hangs under an entered client. Safe if the
fix surely changes nothing but the event loop. It is display-only if the startup awaits something or
reads `app.state`, which may fail in a test.

## Evidence
A real multi-peer test with an `asyncio.Lock` shared by its websockets hung in 5 of 15 runs with a
bare client and in none of 15 with an entered one.

## See also
- https://github.com/Kludex/starlette/pull/1213:
  an entered client has one event loop, any other starts one each time
- https://github.com/vcmf/dim0/pull/117: a lock that loses a wake-up, in detail
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import HELP, birth_label, enter_client
from wslint.timeline.model import Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import clients, run_in_threads, subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes",
    concerns=("starlette", "fastapi", "litestar"),
)  # fmt: skip


@RULE.checks
def second_websocket_is_open(timeline: Timeline) -> Iterator[Finding]:
    """Report the first second websocket of each client."""
    path = timeline.test.path
    for client in clients(timeline):
        sockets = client.bare_sockets
        pairs = ((one, two) for number, two in enumerate(sockets) for one in sockets[:number])
        for first, second in pairs:
            if first.subject != second.subject and (
                is_open(timeline, first, second.opened) or run_in_threads(timeline, first, second)
            ):
                in_threads = run_in_threads(timeline, first, second)
                yield RULE.finding(
                    second.origin.seen_from(path),
                    "websockets of a never-entered client are opened in several threads"
                    if in_threads
                    else "second websocket on a never-entered client while another is open",
                    f"{HELP}; otherwise each runs in its own event loop",
                    labels=[
                        Label(
                            first.origin.seen_from(path),
                            "another thread" if in_threads else "this websocket is still open",
                        ),
                        birth_label(client),
                    ],
                    fix=enter_client(client, subject_of(timeline, second).receiver),
                    cause=client.resource,
                )
                break
