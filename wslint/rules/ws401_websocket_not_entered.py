"""A session from `websocket_connect()` is used or dropped without being entered.

## What it does
Reports a `websocket_connect()` of Starlette, FastAPI or Litestar whose session is dropped, or sends
or receives, without `with` (or `enter_context`). Not where only an attribute such as `.scope` is
read.

## Why is this bad?
The application runs inside the `with`. A session that is dropped runs nothing: a route that does
not exist goes unnoticed. A session that is used without it raises AttributeError (Starlette 0.45.1
and later) or hangs (before, and with Litestar).

## Example
```python
def test_echo():
    socket = client.websocket_connect("/echo")
    socket.send_text("hello")
    assert socket.receive_text() == "hello"
```

## Use instead
```python
def test_echo():
    with client.websocket_connect("/echo") as socket:
        socket.send_text("hello")
        assert socket.receive_text() == "hello"
```

## Fix safety
Safe where the session is used in the rest of the block, or given by a fixture. Unsafe where it was
dropped: the application now runs, so a route that does not exist or a refusal shows.

## Evidence
Starlette 0.20.4 to 0.45.0: hangs; 0.45.1 to 1.10.0: `'WebSocketTestSession' object has no attribute
'portal'`. A dropped call passes for an unknown route in every version. Litestar 2.25: the
same passes, and a receive waits for ever.

## See also
- https://www.starlette.io/testclient/#testing-websocket-sessions: the session is a context manager
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, AssignToWith, EnterStatement, YieldInsideWith
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.syntax.search import attributes_read, mentions
from wslint.timeline.model import Resource, Timeline
from wslint.timeline.order import has_escaped

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    concerns=("starlette", "fastapi", "litestar"),
)

# what the application has said to the connection, and what ends it: without it, None and nothing
_ANSWERS = {"accepted_subprotocol", "extra_headers", "close"}


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such session."""
    entered = {scope.subject for scope in timeline.scopes_of("Socket")}
    for session in timeline.resources:
        if session.id in entered:
            entered.update(session.members)  # each of these may be it
        elif entered.intersection(session.members):
            entered.add(session.id)
    for session in timeline.resources:
        if session.role != "Session" or session.id in entered:
            continue
        client = timeline.resources[session.parent] if session.parent is not None else None
        if client is None or client.role not in ("TestClient", "LoopTestClient"):
            continue
        used = [event for event in timeline.events_of("Socket") if event.subject == session.id]
        if has_escaped(timeline, session.id, used[0].at) if used else session.escaped:
            continue
        if used or _dropped(session):
            place = session.origin.place
            fix = _fix(session, place.path, dropped=not used)
            yield RULE.finding(
                place,
                "this websocket is never entered, so the application does not run: "
                + (
                    "using it fails or hangs" if used else "even a route that does not exist passes"
                ),
                "enter it: `with client.websocket_connect(…) as socket:`",
                labels=[Label(event.origin.place, "used here") for event in used[:1]],
                fix=fix,
                cause=f"session {session.id}",
            )


def _dropped(session: Resource) -> bool:
    """Tell whether a session is made and then left, under a name or not."""
    step = session.birth[-1] if session.birth else None
    statement = step.statement if step is not None else None
    if isinstance(statement, s.Do):
        return statement.value.span == session.origin.place.span
    if not isinstance(statement, s.Assign) or step is None or step.function is None:
        return False
    target = statement.targets[0]
    if not isinstance(target, s.Ref) or len(target.parts) != 1 or statement.value is None:
        return False
    is_it = statement.value.span == session.origin.place.span
    return is_it and attributes_read(step.function.body, target.parts[0]) <= _ANSWERS


def _fix(session: Resource, path: str, *, dropped: bool) -> Fix | str:
    step = session.birth[-1]
    statement, function = step.statement, step.function
    if statement is None or function is None:
        return "the session is made outside of a function"
    action: Action
    if dropped and isinstance(statement, s.Do):
        action = EnterStatement(path, session.origin.place.span)
        return Fix("unsafe", "enter the websocket", (action,))
    if _hands_out(statement, session):
        if step.frame != "fixture":
            return "a helper gives the session, and its callers would have to enter it"
        action = YieldInsideWith(path, statement.span, "socket")
    elif isinstance(statement, s.Assign) and _ends_with_block(statement, function.body):
        action = AssignToWith(path, statement.span)
    else:
        return "the session is not simply assigned, or is used behind the block that it is made in"
    return Fix("unsafe" if dropped else "safe", "enter the websocket", (action,))


def _ends_with_block(statement: s.Assign, body: s.Block) -> bool:
    """Tell whether a name is given in a body, or a `with` of it, and not used behind that."""
    if statement in body:
        return True
    target = statement.targets[0]
    names = {target.parts[0]} if isinstance(target, s.Ref) else set()
    return any(
        isinstance(part, s.With)
        and _ends_with_block(statement, part.body)
        and not mentions(tuple(other for other in body if other is not part), names)
        for part in body
    )


def _hands_out(statement: s.Stmt, session: Resource) -> bool:
    """Tell whether a statement returns or yields the session itself."""
    value = statement.value if isinstance(statement, (s.Return, s.Do)) else None
    if isinstance(value, s.Yield):
        value = value.value
    return value is not None and value.span == session.origin.place.span
