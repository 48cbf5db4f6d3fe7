"""The exception that a handler raises is expected of the client.

## What it does
Reports `pytest.raises(WebSocketException)` (or `assertRaises`) around a connect or a receive of the
test client and nothing else. Not reported if the application has a handler for exceptions, or a
middleware that can't be followed.

## Why is this bad?
`WebSocketException` is for handlers and dependencies. The application turns it into a close with
its code, and the test client raises `WebSocketDisconnect` for each close. So the test fails even if
the application refuses as it should.

## Example
```python
def test_strangers_are_refused(client):
    with pytest.raises(WebSocketException):
        with client.websocket_connect("/chat"):
            pass
```

## Use instead
```python
def test_strangers_are_refused(client):
    with pytest.raises(WebSocketDisconnect) as refused:
        with client.websocket_connect("/chat"):
            pass
    assert refused.value.code == 1008
```

## Fix safety
Safe where only the exception changes, as no test can pass without that. If it is known how the
handler refuses and the test does not look at the exception, the fix asserts the close code as well;
it is unsafe, as middleware may refuse before.

## Evidence
Starlette 1.10.0 and FastAPI 0.165.0: `WebSocketDisconnect` with the code of the exception, whether
it is raised before the accept or after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import with_item
from wslint.rules.shared.handlers import answers_by_itself, handlers_of
from wslint.rules.shared.refusal_codes import NORMAL
from wslint.rules.shared.refusals import (
    advice,
    assert_the_code,
    disconnect_of,
    is_checked,
    known_refusal,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import calls_of, client_of, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

_OF_HANDLERS = frozenset(
    ("starlette.exceptions.WebSocketException", "fastapi.WebSocketException",
     "fastapi.exceptions.WebSocketException")
)  # fmt: skip


@RULE.checks
def never_raised_by_the_client(timeline: Timeline) -> Iterator[Finding]:
    """Report each such block."""
    path = timeline.test.path
    for scope in timeline.scopes_of("Raises"):
        if not scope.expected or not _OF_HANDLERS.issuperset(scope.expected):
            continue
        socket = _only_socket(timeline, scope)
        if socket is not None and _becomes_a_close(timeline, socket):
            refusal = known_refusal(timeline, scope, socket)
            yield RULE.finding(
                scope.origin.nearest_place(path),
                "the client never raises `WebSocketException`, but `WebSocketDisconnect`",
                f"expect `WebSocketDisconnect`, and {advice(refusal)}",
                labels=[Label(socket.origin.nearest_place(path), "the websocket is opened here")],
                fix=_fix(timeline, scope, socket),
                cause=f"expected {scope.origin.place}",
            )


def _only_socket(timeline: Timeline, scope: Scope) -> Scope | None:
    """Return the websocket that is all a block uses, None if it calls anything else."""
    if not isinstance(scope.statement, s.With):
        return None
    for socket in timeline.scopes_of("Socket"):
        session = subject_of(timeline, socket)
        client, calls = client_of(timeline, session), calls_of(timeline, session)
        used = [socket.opened, *(call.at for call in calls)]
        if client is None or client.role != "TestClient":
            continue
        if any(is_open(timeline, scope, at) is True for at in used):
            own = {one.origin.place.span for one in (scope, session, client)}
            own |= {call.origin.place.span for call in calls}
            made = (one.span for one in walk(scope.statement) if isinstance(one, s.Call))
            return socket if own.issuperset(made) else None
    return None


def _becomes_a_close(timeline: Timeline, socket: Scope) -> bool:
    """Return whether the application surely closes where a handler raises the exception."""
    handlers = handlers_of(timeline, socket)
    is_sure = bool(handlers) and all(None not in handler.before for handler in handlers)
    return is_sure and answers_by_itself(timeline.application_of(socket))


def _fix(timeline: Timeline, scope: Scope, socket: Scope) -> Fix | str:
    refusal = known_refusal(timeline, scope, socket)
    if refusal is not None and refusal.value != NORMAL and not is_checked(scope):
        return assert_the_code(timeline, scope, socket, refusal)
    item = with_item(scope.statement, scope.origin.place.span)
    call = item.value if item is not None else None
    given = call.args[0].value if isinstance(call, s.Call) and call.args else None
    if not isinstance(given, s.Ref) or scope.function is None:
        return "no plain `with` statement expects the exception"
    new = Code("{a}", (disconnect_of(timeline, socket),))
    inside = walk(scope.function.body, skip=(s.Function, s.Class))
    same = [one for one in inside if isinstance(one, s.Ref) and one.parts == given.parts]
    actions = tuple(ReplaceExpression(scope.origin.place.path, one.span, new) for one in same)
    reveals = (timeline.test.qualname,)
    return Fix("safe", "expect the disconnect", actions, reveals=reveals)
