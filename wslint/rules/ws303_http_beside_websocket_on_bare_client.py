"""HTTP calls and websockets of a never-entered client, one after the other.

## What it does
Reports the first HTTP call of a test on a `TestClient` that was never entered, if the same test
also opens a websocket of this client. The two are not open at the same time (that is WS301). Their
handlers must share an object that is bound to an event loop, or one that a task changes. Of an
application that can't be followed, they may.

## Why is this bad?
A client that is not entered runs every call and every websocket in its own event loop, which ends
with it. A task that one starts is lost before the other can see what it did, and whatever the
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
Unsafe: entering a client runs the application's startup and shutdown, which did not run before. It
is display-only if the startup awaits something or reads `app.state`, which may fail in a test.

## Evidence
Starlette 0.20.4 to 1.10.0: a task that the websocket's handler starts never ends with a bare
client, and ends with an entered one. An application in which nothing lives on passes either way,
so this rule is in preview.

## See also
- https://github.com/Kludex/starlette/pull/1213:
  an entered client has one event loop, any other starts one each time
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from itertools import product

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import HELP, birth_label, enter_client
from wslint.rules.shared.handlers import BOUND_TO_A_LOOP, handlers_of, reached, shared_by
from wslint.syntax.search import mentions
from wslint.timeline.application_model import Handler
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import clients

_STARTS_TASKS = frozenset(("create_task", "ensure_future"))

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes",
    yields_to=("WS302", "WS301", "WS306"),
    concerns=("starlette", "fastapi", "litestar"),
)  # fmt: skip


@RULE.checks
def http_beside_websocket(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such call of each client."""
    path = timeline.test.path
    for client in clients(timeline):
        for socket, call in product(client.bare_sockets, client.http_calls):
            if (
                client.is_bare(call.at)
                and is_open(timeline, socket, call.at) is False
                and _may_share(timeline, socket, call)
            ):
                yield RULE.finding(
                    call.origin.seen_from(path),
                    "HTTP call and websocket of a never-entered client run in separate event loops",
                    HELP,
                    labels=[
                        Label(socket.origin.seen_from(path), "the websocket is opened here"),
                        birth_label(client),
                    ],
                    fix=enter_client(client, call.receiver),
                    cause=client.resource,
                )
                break


def _may_share(timeline: Timeline, socket: Scope, call: Event) -> bool:
    """Return whether something that lives in an event loop is shared by both handlers.

    That is an object bound to a loop, or whatever one of them changes in a task. Of an application
    that can't be followed, it may be.
    """
    app = timeline.application_of(socket)
    if app is None:
        return True
    sides = (handlers_of(timeline, socket), reached(app, "http", call.url, call.name))
    one, other = map(shared_by, sides)
    common = one.keys() & other.keys()
    if any(one[key].startswith(BOUND_TO_A_LOOP) for key in common):
        return True
    has_common = bool(common) or all(_mention(side, {"state"}) for side in sides)
    return has_common and any(_mention(side, _STARTS_TASKS) for side in sides)


def _mention(handlers: list[Handler], names: AbstractSet[str]) -> bool:
    return any(mentions(code.node, names) for one in handlers for code in one.code.reached())
