"""A sync receive blocks the event loop in which a task of the application must go on.

## What it does
Reports a receive of Starlette's or FastAPI's test client in an async test, after a request of
`httpx.AsyncClient` to the same application whose handler starts a task (`asyncio.create_task`), if
nothing is awaited in between and the websocket's handler uses state that the request's handler
sets.

A test client in an async test is not wrong as such: it runs the application in a thread with a loop
of its own.

## Why is this bad?
The request runs in the loop of the test, and so does the task that it starts. `receive_json()`
blocks the thread of this loop. The task never goes on, so the websocket never gets what it waits
for, and the test hangs.

## Example
```python
async def test_progress():
    async with AsyncClient(transport=ASGITransport(app=app), base_url="http://test") as http:
        await http.post("/runs/a")  # asyncio.create_task(work("a"))
    with TestClient(app) as client:
        with client.websocket_connect("/runs/a") as websocket:
            assert websocket.receive_json() == [0, 1, 2]
```

## Use instead
```python
def test_progress():
    with TestClient(app) as client:
        client.post("/runs/a")
        with client.websocket_connect("/runs/a") as websocket:
            assert websocket.receive_json() == [0, 1, 2]
```

## Fix safety
The fix is unsafe: each receive runs in a thread, with `asyncio.to_thread`, so that the loop of the
test goes on. One client for both, as above, is simpler, but changes what the test does.

## Evidence
Starlette 1.10.0, httpx 0.28.1: hangs; with one entered client it passes.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Span
from wslint.rules.rule import Rule
from wslint.rules.shared.code import called_name
from wslint.rules.shared.handlers import called, only_handler, reached
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.application_model import Handler, Shared
from wslint.timeline.model import Event, Scope, Timeline
from wslint.timeline.query import follows, lane_outside_tasks

RULE = Rule.of(
    __name__,
    __doc__,
    status="preview",
    fixable="sometimes",
    concerns=("starlette", "fastapi", "httpx"),
)

_TO_THREAD = Symbol("asyncio.to_thread", module="asyncio")
_STARTS = frozenset(("create_task", "ensure_future"))


@RULE.checks
def receive_blocks_task(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such receive of each websocket."""
    requests = timeline.events_of("AsyncHttp")
    sockets = timeline.scopes_of("Socket") if requests else []
    for socket in sockets:
        receives = _receives(timeline, socket)
        receive = receives[0] if receives else None
        request = _blocked(timeline, socket, receive, requests) if receive is not None else None
        if receive is not None and request is not None:
            path = timeline.test.path
            yield RULE.finding(
                receive.origin.nearest_place(path),
                "this receive blocks the loop of the task that the request has started",
                "use one client for both, in a sync test: `with TestClient(app) as client`",
                labels=[Label(request.origin.nearest_place(path), "it starts a task in this loop")],
                fix=_fix(timeline, receives),
                cause=f"blocked {receive.origin.place}",
            )


def _receives(timeline: Timeline, socket: Scope) -> list[Event]:
    events = timeline.events_of("Socket")
    own = [event for event in events if event.subject == socket.subject]
    return [event for event in own if event.name.startswith("receive")]


def _fix(timeline: Timeline, receives: list[Event]) -> Fix | str:
    """Return the fix that receives in a thread."""
    actions, function = [], receives[0].function
    for event in receives:
        node = event.node
        if node is None or node.args or not event.receiver or event.function is not function:
            return "not every receive is a call without arguments, in the test itself"
        code = Code(f"await {{a}}({'.'.join(event.receiver)}.{event.name})", (_TO_THREAD,))
        actions.append(ReplaceExpression(timeline.test.path, node.span, code))
    return Fix("unsafe", "receive in a thread", tuple(actions))


def _blocked(
    timeline: Timeline, socket: Scope, receive: Event, requests: list[Event]
) -> Event | None:
    """Return the request whose task a receive blocks."""
    app, handler = timeline.application_of(socket), only_handler(timeline, socket)
    if app is None or handler is None or receive.function is not timeline.test.function:
        return None
    if lane_outside_tasks(timeline, receive.at.lane).kind != "loop":
        return None
    for request in requests:
        ours = request.application == app.place and timeline.test.holds(request.origin)
        if not ours or not follows(timeline, receive.at, request.at):
            continue
        found = reached(app, "http", request.url, request.name) if request.url else []
        if (
            len(found) == 1
            and _starts_task(found[0])
            and _share_state(found[0], handler)
            and not _lets_it_run(timeline, request, receive)
        ):
            return request
    return None


def _starts_task(handler: Handler) -> bool:
    """Return whether a handler, or what it leads to, starts a task."""
    pending = list(handler.code.reached())
    seen = {id(code.node) for code in pending}
    while pending:
        code = pending.pop()
        for call in (node for node in walk(code.node) if isinstance(node, s.Call)):
            if called_name(call) in _STARTS:
                return True
            method = called(code, call)
            if method is not None and id(method.node) not in seen:
                seen.add(id(method.node))
                pending.append(method)
    return False


def _share_state(one: Handler, other: Handler) -> bool:
    """Return whether two handlers lead to the same object of a module."""
    keys = [
        {used.key for code in handler.code.reached() for used in code.uses.values()
         if isinstance(used, Shared) and used.kind in ("set", "list", "dict", "object")}
        for handler in (one, other)
    ]  # fmt: skip
    return not keys[0].isdisjoint(keys[1])


def _lets_it_run(timeline: Timeline, request: Event, receive: Event) -> bool:
    """Return whether the test awaits anything but requests between the two."""
    calls = {event.origin.place.span for event in timeline.events_of("AsyncHttp")}
    start, end = request.origin.place.span, receive.origin.place.span
    return any(
        _is_between(node.span, start, end)
        for node in walk(timeline.test.function)
        if (isinstance(node, s.Await) and node.value.span not in calls)
        or (isinstance(node, (s.With, s.Loop)) and node.is_async)
    )


def _is_between(span: Span, start: Span, end: Span) -> bool:
    after = (span.line, span.column) > (start.end_line, start.end_column)
    return after and (span.line, span.column) < (end.line, end.column)
