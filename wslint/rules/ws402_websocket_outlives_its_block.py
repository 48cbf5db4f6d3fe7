"""A websocket is used after its `with` block, or outlives its client.

## What it does
Reports a send or receive on a Starlette, FastAPI or httpx-ws websocket whose `with` has ended:
after the block, or in a test to which a fixture or helper has *returned* the websocket from inside
the block. Also reports a websocket that is still open when its entered client is exited.

## Why is this bad?
At the end of the `with`, the application's side ends and the streams are closed. What follows fails
with `This portal is not running` or `ClosedResourceError`, hangs before Starlette 0.45.1, and some
sends are silently lost. A client that is exited before its websocket waits for the handler, which
waits for the websocket: the test hangs.

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
Safe in a fixture that returns the websocket: it yields it instead. Unsafe if the `with` takes in
the statements after it: anything else in them now runs while the websocket is open.

## Evidence
Starlette 0.44.0 to 1.10.0, bare client: `RuntimeError: This portal is not running`; entered client,
0.45.1 and later, and httpx-ws 0.9.0: `ClosedResourceError`; before: hangs. A client exited before
its websocket always hangs.

## See also
- https://www.starlette.io/testclient/#testing-websocket-sessions: the session is a context manager
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wslint.findings.actions import ReturnToYield, TakeIntoWith
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import blocks_of, dotted, inner_blocks, is_name, with_item
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import any_open, before, has_escaped, is_open
from wslint.timeline.query import calls_of, expectations, is_followed, scopes_on, subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS401",),
    concerns=("starlette", "fastapi", "httpx-ws"),
)  # fmt: skip


@RULE.checks
def outlives_its_block(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such use of each websocket, or the exit of its client."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        session = subject_of(timeline, socket)
        if not is_followed(timeline, socket) or session.members:
            continue
        opened = socket.origin.nearest_place(path)
        use, entry = _use_after_block(timeline, socket), _client_exited_first(timeline, socket)
        if use is not None:
            yield RULE.finding(
                use.origin.nearest_place(path),
                f"`{use.name}` on a websocket whose `with` has ended fails, hangs or is lost",
                "use the websocket inside its `with`; a fixture yields it there instead of "
                "returning it",
                labels=[Label(opened, "the websocket is opened here")],
                fix=_fix(socket, use),
                cause=session,
            )
        elif entry is not None:
            yield RULE.finding(
                opened,
                "this websocket is still open when its client is exited, so the test hangs",
                "exit the websocket first: enter it in a `with` inside the client's",
                labels=[Label(entry.origin.nearest_place(path), "the client is entered here")],
                fix="it is not known where the websocket is no longer needed",
                cause=session,
            )


def _use_after_block(timeline: Timeline, socket: Scope) -> Event | None:
    """Return the first use of a websocket that is surely closed."""
    session = subject_of(timeline, socket)
    block = replace(socket, closings=[c for c in socket.closings if c not in socket.goodbyes])
    others = [other for other in scopes_on(timeline, "Socket", session) if other is not socket]
    for use in calls_of(timeline, session):
        if (
            not has_escaped(timeline, session.id, use.at)
            and any(before(timeline, closing, use.at) for closing in block.closings)
            and is_open(timeline, block, use.at) is False
            and any_open(timeline, [*others, *expectations(timeline)], use.at) is False
        ):
            return use
    return None


def _client_exited_first(timeline: Timeline, socket: Scope) -> Scope | None:
    """Return the scope of the client that surely ends while the websocket is open."""
    if any_open(timeline, expectations(timeline), socket.opened) is not False:
        return None  # it may be refused
    for client in timeline.scopes_of("Client"):
        if (
            client.subject == socket.client
            and is_open(timeline, client, socket.opened) is True
            and any(is_open(timeline, socket, closing) is True for closing in client.closings)
        ):
            return client
    return None


def _fix(socket: Scope, use: Event) -> Fix | str:
    statement, function, place = socket.statement, socket.function, socket.origin.place
    item = with_item(statement, place.span)
    name = "".join(dotted(item.target)[:1]) if item is not None else ""
    if not isinstance(statement, s.With) or function is None or not name:
        return "the websocket is not entered by a plain `with`"
    returned = next((r for r in _returns(statement.body) if is_name(r.value, name)), None)
    if returned is not None:
        if socket.frame != "fixture":
            return "a helper returns the websocket; make it a context manager that yields it"
        action = ReturnToYield(place.path, returned.span)
        return Fix("safe", "yield the websocket while it is open", (action,))
    uses = [later for later in _after(function.body, statement) or () if mentions(later, {name})]
    if use.origin.place.path != place.path or not uses:
        return "the websocket is used in a different block or function than it is opened in"
    take = TakeIntoWith(place.path, statement.span, uses[-1].span)
    return Fix("unsafe", "move the use into the block", (take,))


def _returns(body: s.Block) -> Iterator[s.Return]:
    for statement in body:
        if isinstance(statement, s.Return):
            yield statement
        for block in inner_blocks(statement):
            yield from _returns(block)


def _after(body: s.Block, wanted: s.Stmt) -> s.Block | None:
    """Return what follows a statement in its block."""
    for number, statement in enumerate(body):
        if statement is wanted:
            return body[number + 1 :]
        for block in blocks_of(statement):
            found = _after(block, wanted)
            if found is not None:
                return found
    return None
