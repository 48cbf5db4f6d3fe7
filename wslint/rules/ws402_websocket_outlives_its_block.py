"""A websocket is used after its `with` block, or outlives its client.

## What it does
Reports a send or receive on a Starlette or FastAPI websocket whose `with` is over: behind the
block, or in a test to which a fixture or helper has *returned* the socket from inside of it. And a
websocket that is still open when its entered client is left.

## Why is this bad?
Leaving the `with` ends the application's side and closes the streams: what follows fails with
`This portal is not running` or `ClosedResourceError`, hangs before Starlette 0.45.1, and some sends
are lost without a word. A client that is left before its socket waits for the handler, which waits
for the socket: the test hangs.

## Example
```python
@pytest.fixture
def socket(client):
    with client.websocket_connect("/echo") as socket:
        return socket
```

## Use instead
```python
@pytest.fixture
def socket(client):
    with client.websocket_connect("/echo") as socket:
        yield socket
```

## Fix safety
Safe in a fixture that returns the socket: it yields it instead. Unsafe where the `with` takes in
the statements behind it: other things in them now run while the socket is open.

## Evidence
Starlette 0.44.0 to 1.10.0, bare client: `RuntimeError: This portal is not running`; entered client,
0.45.1 and later: `ClosedResourceError`; before: hangs. Left after its client: hangs always.

## See also
- https://www.starlette.io/testclient/#testing-websocket-sessions: the session is a context manager
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wslint.findings.actions import ReturnToYield, TakeIntoWith
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.refusals import blocks_of
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import any_open, before, has_escaped, is_open

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    yields_to=("WS401",),
    concerns=("starlette", "fastapi"),
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such use of each socket, or the end of its client."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        session = timeline.resources[socket.subject]
        client = timeline.resources[session.parent] if session.parent is not None else None
        if client is None or client.role != "TestClient" or session.members:
            continue
        labels = [Label(socket.origin.near(path), "the websocket is opened here")]
        use = _use_behind(timeline, socket)
        if use is not None:
            yield RULE.finding(
                use.origin.near(path),
                "this websocket's `with` is over, so the application no longer runs: "
                f"`{use.name}` fails, hangs or is lost",
                "use the websocket inside of its `with`; a fixture yields it there instead of "
                "returning it",
                labels=labels,
                fix=_fix(socket, use),
                cause=f"session {session.id}",
            )
            continue
        end = _end_of_client(timeline, socket)
        if end is not None:
            yield RULE.finding(
                socket.origin.near(path),
                "this websocket is still open when its client is left: the client waits for the "
                "handler, and the handler for the websocket, so the test hangs",
                "leave the websocket first: enter it in a `with` inside of the client's",
                labels=[Label(end.origin.near(path), "the client is entered here")],
                fix="where the websocket is done with is not known",
                cause=f"session {session.id}",
            )


def _use_behind(timeline: Timeline, socket: Scope) -> Event | None:
    """Give the first use of a socket that is surely over."""
    goodbyes = socket.goodbyes
    block = replace(socket, closings=[c for c in socket.closings if c not in goodbyes])
    others = [
        other
        for other in timeline.scopes_of("Socket")
        if other.subject == socket.subject and other is not socket
    ]
    expected = timeline.scopes_of("Raises") + timeline.scopes_of("Try")
    for event in timeline.events_of("Socket"):
        if event.subject != socket.subject or has_escaped(timeline, socket.subject, event.at):
            continue
        was_open = any(before(timeline, closing, event.at) for closing in block.closings)
        if (
            was_open
            and is_open(timeline, block, event.at) is False
            and any_open(timeline, [*others, *expected], event.at) is False
        ):
            return event
    return None


def _end_of_client(timeline: Timeline, socket: Scope) -> Scope | None:
    """Give the scope of the client that is surely left while the socket is open."""
    for client in timeline.scopes_of("Client"):
        if (
            client.subject == socket.client
            and is_open(timeline, client, socket.opened) is True
            and any(is_open(timeline, socket, closing) is True for closing in client.closings)
        ):
            return client
    return None


def _fix(socket: Scope, use: Event) -> Fix | str:
    statement, function = socket.statement, socket.function
    path = socket.origin.place.path
    name = _name(socket)
    if not isinstance(statement, s.With) or not isinstance(function, s.Function) or not name:
        return "the websocket is not entered by a plain with"
    returned = [r for r in _returns(statement.body) if _is_name(r.value, name)]
    if returned:
        if socket.frame != "fixture":
            return "a helper gives the websocket; make it a context manager that yields it"
        action = ReturnToYield(path, returned[0].span)
        return Fix("safe", "yield the websocket while it is open", (action,))
    behind = _behind(function.body, statement) or ()
    uses = [later for later in behind if mentions(later, {name})]
    if use.origin.place.path != path or not uses:
        return "the websocket is used in another block or function than it is opened in"
    take = TakeIntoWith(path, statement.span, uses[-1].span)
    return Fix("unsafe", "take the use into the block", (take,))


def _name(socket: Scope) -> str:
    statement = socket.statement
    for item in statement.items if isinstance(statement, s.With) else ():
        if item.value.span == socket.origin.place.span and isinstance(item.target, s.Ref):
            return item.target.parts[0]
    return ""


def _returns(body: s.Block) -> Iterator[s.Return]:
    for statement in body:
        if isinstance(statement, s.Return):
            yield statement
        elif not isinstance(statement, (s.Function, s.Class)):
            for block in blocks_of(statement):
                yield from _returns(block)


def _behind(body: s.Block, wanted: s.Stmt) -> s.Block | None:
    """Give what follows a statement in its block."""
    for number, statement in enumerate(body):
        if statement is wanted:
            return body[number + 1 :]
        for block in blocks_of(statement):
            found = _behind(block, wanted)
            if found is not None:
                return found
    return None


def _is_name(value: s.Expr | None, name: str) -> bool:
    return isinstance(value, s.Ref) and value.parts == (name,)
