"""A session from `websocket_connect()` is used or dropped without being entered.

## What it does
Reports a `websocket_connect()` of Starlette, FastAPI or Litestar, or an `aconnect_ws()` of
httpx-ws, whose session is dropped, or sends or receives, without a `with` (or `enter_context`).
Sessions of which only an attribute such as `.scope` is read are not reported.

## Why is this bad?
The application runs inside the `with`. A session that is dropped runs nothing: a route that does
not exist goes unnoticed. A session that is used without it raises AttributeError (Starlette 0.45.1
and later, and httpx-ws) or hangs (earlier versions, and Litestar).

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
Safe if the session is used in the rest of the block, or provided by a fixture or by setUp, where a
cleanup leaves it. Unsafe if it was dropped: the application now runs, which reveals a refusal or a
route that does not exist. Unsafe, too, if a loop or a branch makes it: the body of the test goes
into a `with ExitStack() as stack:`.
There is no fix if the test expects the first use to fail, as then the connect is what may fail.

## Evidence
Starlette 0.20.4 to 0.45.0: hangs; 0.45.1 to 1.10.0: `'WebSocketTestSession' object has no attribute
'portal'`. A dropped call passes for an unknown route in every version. Litestar 2.25: the same
passes, and a receive waits forever. httpx-ws 0.9.0: `'_AsyncGeneratorContextManager' object has no
attribute 'send_text'`; a dropped connection passes for an unknown route.

## See also
- https://www.starlette.io/testclient/#testing-websocket-sessions: the session is a context manager
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    AssignToWith,
    Code,
    EnterStatement,
    ReplaceExpression,
    Symbol,
    WrapBody,
    YieldInsideWith,
)
from wslint.findings.finding import Applicability, Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.clients import enter_in_setup
from wslint.rules.shared.code import simple_name
from wslint.syntax import nodes as s
from wslint.syntax.search import attributes_read, mentions, statements
from wslint.timeline.model import Resource, Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import calls_of, is_failure_expected
from wslint.vocabulary import SESSIONS

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS313",),
    concerns=("starlette", "fastapi", "litestar", "httpx-ws"),
)  # fmt: skip

# the application's answer to the connection; it is None before the session is entered
_ANSWERS = {"accepted_subprotocol", "extra_headers", "close"}
_STACK = "stack"
_HOW = {
    "Session": "with client.websocket_connect(…)",
    "AsyncSession": "async with aconnect_ws(…, client)",
}


@RULE.checks
def never_entered(timeline: Timeline) -> Iterator[Finding]:
    """Report each such session."""
    for session in _never_entered(timeline):
        used = calls_of(timeline, session)
        if has_escaped(timeline, session.id, used[0].at) if used else session.escaped:
            continue
        if used or _is_dropped(session):
            result = "using it fails or hangs" if used else "even an unknown route passes"
            yield RULE.finding(
                session.origin.place,
                f"this websocket is never entered, so {result}",
                f"enter it: `{_HOW[session.role]} as socket:`",
                labels=[
                    Label(call.origin.place, "the websocket is used here") for call in used[:1]
                ],
                fix=_fix(timeline, session, is_dropped=not used),
                cause=session,
            )


def _never_entered(timeline: Timeline) -> list[Resource]:
    """Return the sessions that surely no `with` enters."""
    entered = {scope.subject for scope in timeline.scopes_of("Socket")}
    for session in timeline.resources:
        if session.id in entered:
            entered.update(session.members)  # each of these may be it
        elif entered.intersection(session.members):
            entered.add(session.id)
    return [
        session
        for session in timeline.resources
        if session.role in SESSIONS and session.id not in entered
    ]


def _is_dropped(session: Resource) -> bool:
    """Return whether a session is created and then left alone, under a name or not."""
    step = session.birth[-1] if session.birth else None
    statement = step.statement if step is not None else None
    if not isinstance(statement, (s.Do, s.Assign)) or step is None or statement.value is None:
        return False
    if statement.value.span != session.origin.place.span:
        return False
    if isinstance(statement, s.Do):
        return True
    name = simple_name(statement.targets[0])
    if not name or step.function is None:
        return False
    return attributes_read(step.function.body, name) <= _ANSWERS


def _fix(timeline: Timeline, session: Resource, *, is_dropped: bool) -> Fix | str:
    step, place, is_async = session.birth[-1], session.origin.place, session.role == "AsyncSession"
    statement, function = step.statement, step.function
    tier: Applicability = "unsafe" if is_dropped else "safe"
    action: Action
    if statement is None or function is None:
        return "the session is created outside of a function"
    used = calls_of(timeline, session)
    if used and is_failure_expected(timeline, used[0].at) is not False:
        return "the test expects its first use to fail, as entering it may"
    if is_async and not function.is_async:
        return "the function is not a coroutine"
    if is_dropped and isinstance(statement, s.Do):
        action = EnterStatement(place.path, place.span, is_async)
    elif _hands_out(statement, session):
        if is_async:
            return "a fixture that yields inside a connection is left in another task"
        if step.frame != "fixture":
            return "a helper returns the session, and its callers would have to enter it"
        action = YieldInsideWith(place.path, statement.span, "socket")
    elif step.frame == "setup" and not is_async:
        entered = enter_in_setup(timeline, place.path, function, statement)
        if isinstance(entered, str):
            return entered
        (action,) = entered
    elif isinstance(statement, s.Assign) and _ends_with_block(statement, function.body):
        action = AssignToWith(place.path, statement.span, is_async)
    else:
        return _enter_on_a_stack(timeline, session)
    reveals = (timeline.test.qualname,)
    return Fix(tier, "enter the websocket", (action,), reveals=reveals)


def _enter_on_a_stack(timeline: Timeline, session: Resource) -> Fix | str:
    """Return the fix that enters a session which a loop or a branch of the test makes."""
    step, place, test = session.birth[-1], session.origin.place, timeline.test
    if step.function is not test.function or not isinstance(step.statement, s.Assign):
        return "the session is not simply assigned in the test"
    if session.role == "AsyncSession":
        return "the session is used after the block that creates it"
    own = {one.origin.place for one in _never_entered(timeline)
           if one.birth[-1].function is test.function}  # fmt: skip
    blocks = (one for one in statements(test.function.body) if isinstance(one, s.With))
    if any(block.span.contains(place.span) for block in blocks):
        return "the session is made inside of a `with`, and must be left before that"
    if len(own) > 1 or mentions(test.function, {_STACK}):
        return "other sessions of the test are not entered, too, or it has a stack of its own"
    stack = Code("{a}() as " + _STACK, (Symbol("contextlib.ExitStack", module="contextlib"),))
    enter = Code(_STACK + ".enter_context({0})")
    actions = (
        ReplaceExpression(place.path, place.span, enter),
        WrapBody(test.path, test.function.name_span, stack),
    )
    return Fix("unsafe", "enter the websockets on a stack", actions, reveals=(test.qualname,))


def _ends_with_block(statement: s.Assign, body: s.Block) -> bool:
    """Return whether a name is bound in a body, or a `with` of it, and not used after that."""
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
    """Return whether a statement returns or yields the session itself."""
    value = statement.value if isinstance(statement, (s.Return, s.Do)) else None
    if isinstance(value, s.Yield):
        value = value.value
    return value is not None and value.span == session.origin.place.span
