"""Websockets of two clients of one application are open at once.

## What it does
Reports a websocket that opens while one of another `TestClient` of the same application is open, if
their handlers share an object at the top of a module: a set of sockets, a manager, a lock. An item
of such an object is shared by websockets of the same URL.

## Why is this bad?
Each client has its own event loop, entered or not. What one handler sends to the socket of the
other, or does to a lock or queue that the other waits for, happens in the wrong thread: nothing
wakes the test that waits, and it hangs now and then.

## Example
```python
def test_two_players_meet():
    one, two = TestClient(app), TestClient(app)
    with one.websocket_connect("/game") as a, two.websocket_connect("/game") as b:
        a.send_json({"move": 1})
        assert b.receive_json() == {"move": 1}
```

## Use instead
```python
def test_two_players_meet():
    with TestClient(app) as client:
        with client.websocket_connect("/game") as a, client.websocket_connect("/game") as b:
            a.send_json({"move": 1})
            assert b.receive_json() == {"move": 1}
```

## Fix safety
Unsafe: the first client is entered, which runs the startup, and the second name becomes another one
for it, so that both share cookies. There is no fix where the clients are made in different ways. It
is display-only if the startup awaits something or reads `app.state`, which may fail in a test.

## Evidence
Starlette 1.10.0: a broadcast to the socket of another client, while a thread waits for it, is lost
in 20 of 20 runs; with one entered client it arrives in 20 of 20.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Applicability, Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import enter_client
from wslint.rules.shared.code import assigned_name, call_in, callee, dotted
from wslint.rules.shared.handlers import BOUND_TO_A_LOOP, handlers_of, keepers, shared_by
from wslint.syntax import nodes as s
from wslint.timeline.model import HOLE, Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import Client, clients, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

# the shared objects of a handler, each with the place of its application, and with the URL if the
# handler uses an item of it
_Objects = frozenset[tuple[Place, int, str]]
_Sockets = list[tuple[Scope, _Objects]]


@RULE.checks
def sockets_of_two_clients(timeline: Timeline) -> Iterator[Finding]:
    """Report each client beside an earlier one, once."""
    path = timeline.test.path
    known: list[tuple[Client, _Sockets]] = []
    for other in clients(timeline):
        own = [(socket, _objects(timeline, socket)) for socket in other.sockets]
        found = next(_meetings(timeline, known, own), None)
        known.append((other, own))
        if found is not None:
            one, first, second = found
            yield RULE.finding(
                second.origin.seen_from(path),
                "this websocket runs in another event loop than that of the other client",
                "open both with one client: `with TestClient(app) as client:`",
                labels=[Label(first.origin.seen_from(path), "this websocket is still open")],
                fix=_fix(one, other),
                cause=other.resource,
            )


def _meetings(
    timeline: Timeline, known: list[tuple[Client, _Sockets]], own: _Sockets
) -> Iterator[tuple[Client, Scope, Scope]]:
    """Yield each known client with an open websocket that shares objects with one of a client."""
    for one, earlier in known:
        for (first, theirs), (second, ours) in product(earlier, own):
            if not theirs.isdisjoint(ours) and is_open(timeline, first, second.opened):
                yield one, first, second


def _objects(timeline: Timeline, socket: Scope) -> _Objects:
    """Return what the handler of a websocket keeps it in, and what it uses that is of a loop."""
    app = timeline.application_of(socket)
    if app is None:
        return frozenset()
    handlers = handlers_of(timeline, socket)
    keys = {key for key, kind in shared_by(handlers).items() if kind.startswith(BOUND_TO_A_LOOP)}
    found = {(app.place, key, "") for key in keys}
    url = subject_of(timeline, socket).url
    for handler in handlers:
        for keeper in keepers(handler.code):
            if not keeper.is_item:
                found.add((app.place, keeper.key, ""))
            elif url is not None and HOLE not in url:
                # the same URL leads to the same item
                found.add((app.place, keeper.key, url))
    return frozenset(found)


def _fix(one: Client, other: Client) -> Fix | str:
    """Return the fix that enters the first client, and makes the second name another one for it."""
    first, second = (client.resource.birth[-1:] for client in (one, other))
    if not first or not second or first[0].function is not second[0].function:
        return "the clients are made in different places"
    made, again = _made_plainly(first[0].statement), _made_plainly(second[0].statement)
    if made is None or made != again:
        return "each client is not made by a statement of its own, of the same form"
    if first[0].statement is second[0].statement:
        return "one statement makes both clients"
    name = assigned_name(first[0].statement)
    entered = enter_client(one, (name,))
    if isinstance(entered, str):
        return entered
    place = other.resource.origin.place
    shared = ReplaceExpression(place.path, place.span, Code(name))
    tier: Applicability = "display-only" if entered.applicability == "display-only" else "unsafe"
    return Fix(tier, f"use one client, and {entered.title}", (*entered.actions, shared))


def _made_plainly(statement: s.Stmt | None) -> tuple[tuple[str, ...], ...] | None:
    """Return the names in ``name = TestClient(app)``, None for any other statement."""
    call = call_in(statement) if statement is not None and assigned_name(statement) else None
    given = dotted(call.args[0].value) if call is not None and len(call.args) == 1 else ()
    return (callee(call), given) if given else None
