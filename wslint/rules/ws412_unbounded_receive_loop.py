"""A loop receives until a certain message comes, and hangs if it does not.

## What it does
Reports a loop that receives from a websocket of Starlette's or FastAPI's test client until a
certain message comes, if nothing else ends it: `while True`, a condition on the message, or a
deadline that is only checked between two receives. A loop in a helper is reported there, once.
Silent where pytest-timeout is on for the test, or it or a fixture sets `signal.alarm()`, and for a
loop that skips certain messages, as any other ends it.

## Why is this bad?
A receive of the test client has no timeout. If the application sends anything but the message, or
nothing more, the test waits forever instead of failing: CI is killed after hours, and nothing says
which test it was. A deadline doesn't help, since no code runs while the receive waits.

## Example
```python
def receive_until(websocket, kind):
    while True:
        message = websocket.receive_json()
        if message["kind"] == kind:
            return message
```

## Use instead
```python
@pytest.mark.timeout(10)  # pytest-timeout
def test_answer(client):
    with client.websocket_connect("/feed") as websocket:
        websocket.send_json({"kind": "ping"})
        assert receive_until(websocket, "pong")


def receive_until(websocket, kind, at_most=20):
    for _ in range(at_most):
        message = websocket.receive_json()
        if message["kind"] == kind:
            return message
    raise AssertionError(f"no {kind} in {at_most} messages")
```

`timeout = 60` in pytest's settings is for all tests. Where the application answers everything, send
a last message whose answer marks the end.

## Fix safety
Only shown: the loop gives up after 100 messages, and more may come before the right one.
`extend-unsafe-fixes = ["WS412"]` makes it. It ends a loop that other messages keep busy, such as
heartbeats; if nothing comes any more, only a timeout ends the receive. So there is no fix for a
deadline between two receives.

## Evidence
Starlette 1.10.0: hangs where the message does not come, in `while True` and with a deadline of
0.2 s. Read in 157 repositories: 21 findings in 8 of them, all true.

## See also
- https://github.com/Kludex/starlette/issues/2329: the request for a timeout
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import BoundLoop, Code, Symbol
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import is_decorated
from wslint.rules.shared.fixes import self_name
from wslint.rules.shared.waiting_loops import only_the_message_ends
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Repeated, Timeline
from wslint.timeline.order import any_open
from wslint.timeline.query import client_of, outermost, subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)

_HELP = "limit the number of messages, and the time: `@pytest.mark.timeout(10)` of pytest-timeout"
_LIMIT = 100
_GIVEN_UP = f"no such message among the first {_LIMIT}"
_FAIL = Symbol("pytest.fail", module="pytest")
_DISCONNECTS = ("WebSocketDisconnect", "builtins.Exception", "builtins.BaseException")
_ALARMS = frozenset(("alarm", "setitimer"))


@RULE.checks
def unbounded_receive_loop(timeline: Timeline) -> Iterator[Finding]:
    """Report the receive of each such loop."""
    test = timeline.test
    if (
        test.has_timeout
        or is_decorated(test.function, "timeout")
        or mentions(test.function.body, _ALARMS)
    ):
        return
    for loop in timeline.loops:
        waits = {_call_in(loop, event): event for event in _receives(timeline, loop)}
        places = {place.span for place in waits if place is not None}
        wait = only_the_message_ends(loop.node, places) if places else None
        if wait is None:
            continue
        place, receive = next((p, event) for p, event in waits.items() if p is not None)
        if _may_end(timeline, receive, deadline=wait.deadline):
            continue
        message = (
            "the deadline of this loop ends no receive, which waits forever if nothing comes"
            if wait.deadline
            else "nothing ends this loop if the message it waits for does not come"
        )
        yield RULE.finding(
            place, message, _HELP,
            fix=_fix(timeline, loop, deadline=wait.deadline),
            cause=f"loop {loop.origin.place}",
        )  # fmt: skip


def _fix(timeline: Timeline, loop: Repeated, *, deadline: bool) -> Fix | str:
    """Return the fix that gives up after a number of messages."""
    if deadline:
        return "the receive itself needs a timeout, such as that of pytest-timeout"
    test = timeline.test
    failure = Code(f'{{a}}("{_GIVEN_UP}")', (_FAIL,))
    if test.kind == "method":
        own = test.holds(loop.origin)
        text = f"{self_name(test.function)}.fail" if own else "raise AssertionError"
        failure = Code(f'{text}("{_GIVEN_UP}")')
    action = BoundLoop(loop.origin.place.path, loop.node.span, _LIMIT, failure)
    return Fix("display-only", f"give up after {_LIMIT} messages", (action,))


def _receives(timeline: Timeline, loop: Repeated) -> Iterator[Event]:
    """Yield the receives in a loop that block the test, if it doesn't send something each time."""
    rounds = timeline.events[loop.events.start : loop.events.stop]
    used = [event for event in rounds if event.kind == "Socket"]
    if any(event.name.startswith("send") for event in used):
        return
    for event in used:
        if not event.name.startswith("receive_"):
            continue
        client = client_of(timeline, subject_of(timeline, event))
        outside = outermost(timeline, event.at.lane, inside=("loop", "main"))
        if client is not None and client.role == "TestClient" and outside.kind in ("loop", "main"):
            yield event


def _call_in(loop: Repeated, event: Event) -> Place | None:
    """Return the call in a loop's own code that leads to an event."""
    for place in (*event.origin.via, event.origin.place):
        same = place.path == loop.origin.place.path
        if same and loop.node.span.contains(place.span):
            return place
    return None


def _may_end(timeline: Timeline, receive: Event, *, deadline: bool) -> bool:
    """Return whether the end of the connection may be what the loop waits for."""
    scopes = [
        scope
        for scope in timeline.scopes
        if scope.kind == "Raises" or (scope.kind == "Try" and not deadline)
    ]
    expected = [s for s in scopes if not s.expected or any(map(_is_disconnect, s.expected))]
    return any_open(timeline, expected, receive.at) is not False


def _is_disconnect(name: str) -> bool:
    return not name or name.endswith(_DISCONNECTS)
