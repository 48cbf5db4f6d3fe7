"""A disconnect is expected of a handler that accepts first, and nothing is received.

## What it does
Reports `pytest.raises(WebSocketDisconnect)` around a websocket from which the test receives
nothing, if the handler surely accepts the connection before it may close it, itself or in a
function or method of the project that the test doesn't replace. Also around nothing but sends.

## Why is this bad?
A refusal before the accept is raised by the connect. A close after the accept is a message: only a
receive raises it. Without one the test fails with `DID NOT RAISE`. Or it passes because of
something else: a handler that does not catch the disconnect raises it at the end of the `with`.

## Example
```python
def test_unknown_room_is_closed(client):
    with pytest.raises(WebSocketDisconnect) as closed:
        with client.websocket_connect("/rooms/green") as websocket:
            websocket.send_json({"text": "anybody there?"})
    assert closed.value.code == 4404
```

## Use instead
```python
def test_unknown_room_is_closed(client):
    with pytest.raises(WebSocketDisconnect) as closed:
        with client.websocket_connect("/rooms/green") as websocket:
            websocket.send_json({"text": "anybody there?"})
            websocket.receive_text()
    assert closed.value.code == 4404
```

## Fix safety
Unsafe: the receive waits for ever if the application sends nothing and does not close.

## Evidence
Starlette 1.10.0: `DID NOT RAISE`, or code 1000 from a handler that does not catch the disconnect;
with the receive, the code that the handler closes with.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, InsertStatement, NameWithItem, ReplaceStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import simple_name, with_item
from wslint.rules.shared.handlers import only_handler
from wslint.rules.shared.refusal_codes import accepts_first, names_of_takers
from wslint.rules.shared.refusals import DISCONNECTS, around_connects
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.application_model import Handler
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import calls_of, client_of, replaces, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

_NAMES = ("websocket", "socket", "session")
_RECEIVE = "receive the close"


@RULE.checks
def nothing_raises(timeline: Timeline) -> Iterator[Finding]:
    """Report each such block."""
    path = timeline.test.path
    yield from _around_sends(timeline)
    for scope, socket in around_connects(timeline, "Raises"):
        if not scope.expected or not DISCONNECTS.issuperset(scope.expected):
            continue
        session = subject_of(timeline, socket)
        handler = only_handler(timeline, socket) if session.url is not None else None
        calls = calls_of(timeline, session)
        if any(call.name.startswith("receive") for call in calls):
            continue
        last = calls[-1].at if calls else socket.opened
        if has_escaped(timeline, session.id, last) or handler is None or not accepts_first(handler):
            continue
        if _is_replaced(timeline, socket, handler):
            continue
        yield RULE.finding(
            scope.origin.nearest_place(path),
            "the application accepts first, so only a receive raises the disconnect",
            "receive inside the block: `websocket.receive_text()`",
            labels=[
                Label(socket.origin.nearest_place(path), "the websocket is opened here"),
                Label(Place(handler.code.path, handler.code.node.name_span), "its handler"),
            ],
            fix=_fix(timeline, socket),
            cause=f"expected {scope.origin.place}",
        )


def _around_sends(timeline: Timeline) -> Iterator[Finding]:
    """Report each block around nothing but sends through a websocket that is open already."""
    path = timeline.test.path
    for scope in timeline.scopes_of("Raises"):
        last = _last_send(timeline, scope)
        if last is None or not last.receiver or scope.origin.place.path != path:
            continue
        session = subject_of(timeline, last)
        receive = Code(f"{'.'.join(last.receiver)}.receive_text()")
        insert = InsertStatement(path, last.origin.place.span, receive)
        fix = Fix("unsafe", _RECEIVE, (insert,), reveals=(timeline.test.qualname,))
        yield RULE.finding(
            scope.origin.place,
            "a send raises no disconnect, only a receive does",
            "receive inside the block: `websocket.receive_text()`",
            labels=[Label(session.origin.nearest_place(path), "the websocket is opened here")],
            fix=fix,
            cause=f"expected {scope.origin.place}",
        )


def _last_send(timeline: Timeline, scope: Scope) -> Event | None:
    """Return the last of the sends that a block consists of, None if it does anything else."""
    block = scope.statement
    if not scope.expected or not DISCONNECTS.issuperset(scope.expected):
        return None
    if not isinstance(block, s.With) or len(block.items) > 1:
        return None
    calls = {call.origin.place.span: call for call in timeline.events_of("Socket")}
    sends = [calls.get(one.value.span) if isinstance(one, s.Do) else None for one in block.body]
    for send in sends:
        session = subject_of(timeline, send) if send is not None else None
        client = client_of(timeline, session) if session is not None else None
        if send is None or client is None or client.role != "TestClient":
            return None
        if not send.name.startswith("send") or has_escaped(timeline, send.subject or 0, send.at):
            return None
    return sends[-1]


def _is_replaced(timeline: Timeline, socket: Scope, handler: Handler) -> bool:
    """Return whether the test may replace what accepts for a handler."""
    names, app = names_of_takers(handler), timeline.application_of(socket)
    overrides = app is not None and app.overridden
    is_given = not names.isdisjoint(handler.code.depends)
    return replaces(timeline, names) or (overrides and is_given)


def _fix(timeline: Timeline, socket: Scope) -> Fix | str:
    """Return the fix that receives at the end of the websocket's block."""
    statement, call = socket.statement, socket.origin.place
    item = with_item(statement, call.span)
    if item is None or not isinstance(statement, s.With):
        return "the websocket is not opened by a `with` statement of its own"
    actions: list[Action] = []
    name = simple_name(item.target)
    if not name:
        free = [n for n in _NAMES if socket.function is None or not mentions(socket.function, {n})]
        if item.target is not None or not free:
            return "the websocket has no name"
        name = free[0]
        if statement.body:
            actions.append(NameWithItem(call.path, call.span, name))
    if statement.body:
        receive = Code(f"{name}.receive_text()")
        actions.append(InsertStatement(call.path, statement.body[-1].span, receive))
    elif len(statement.items) == 1:
        new = Code(f"with {{0}} as {name}:\n    {name}.receive_text()")
        actions.append(ReplaceStatement(call.path, statement.span, new, call.span))
    else:
        return "the block is empty, and opens more than the websocket"
    reveals = (timeline.test.qualname,)
    return Fix("unsafe", _RECEIVE, tuple(actions), reveals=reveals)
