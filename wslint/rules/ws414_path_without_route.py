"""The path of a websocket is in none of the application's routes.

## What it does
Reports a communicator for whose path a `URLRouter` on the way has no route, and a
`websocket_connect()` whose path differs from that of a route only by the slash at its end. Not
reported if the test expects the failure, or if a route or middleware can't be followed.

## Why is this bad?
The connect fails: Channels raises `ValueError: No route found for path`, Starlette refuses with the
code 1000 and without a reason. A slash is no detail: routes of websockets redirect nobody.

## Example
```python
application = URLRouter([path("chat/", Chat.as_asgi())])


async def test_chat():
    communicator = WebsocketCommunicator(application, "/chat")
    connected, _ = await communicator.connect()
```

## Use instead
```python
async def test_chat():
    communicator = WebsocketCommunicator(application, "/chat/")
    connected, _ = await communicator.connect()
```

## Fix safety
Unsafe: the path may be right, and the route wrong. There is a fix if a route has a similar path.

## Evidence
Channels 4.3.2 and Starlette 1.10.0: the tests fail at the connect, and pass with the fix. Read in
92 repositories: no finding, as such a test is red from the beginning.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import keyword_of
from wslint.rules.shared.handlers import reached
from wslint.syntax import nodes as s
from wslint.timeline.model import Event, Resource, Scope, Timeline
from wslint.timeline.query import is_failure_expected, may_failure_pass, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes",
    concerns=("channels", "starlette", "fastapi"),
)  # fmt: skip


@RULE.checks
def no_route_has_this_path(timeline: Timeline) -> Iterator[Finding]:
    """Report each such connect."""
    for event in timeline.events_of("Communicator"):
        made = subject_of(timeline, event)
        path = made.texts.get("path")
        if event.name != "connect" or made.instead is None or path is None:
            continue
        if is_failure_expected(timeline, event.at) is False:
            given = _argument(made, 1, "path")
            yield _finding(timeline, made, event, path, made.instead, given)
    for socket in timeline.scopes_of("Socket"):
        made = subject_of(timeline, socket)
        other = _with_other_slash(timeline, socket, made.url)
        if made.url is not None and other and not may_failure_pass(timeline, socket.opened):
            yield _finding(timeline, made, socket, made.url, other, _argument(made, 0, "url"))


def _finding(
    timeline: Timeline,
    made: Resource,
    connect: Event | Scope,
    path: str,
    instead: str,
    given: s.Expr | None,
) -> Finding:
    test = timeline.test.path
    return RULE.finding(
        made.origin.nearest_place(test),
        f"no route has the path {path}, so the connect fails",
        f"the application has a route for {instead}" if instead else "compare it with the routes",
        labels=[Label(connect.origin.nearest_place(test), "connected here")]
        if connect.origin != made.origin
        else [],
        fix=_fix(timeline, made, path, instead, given),
        cause=made,
    )


def _with_other_slash(timeline: Timeline, socket: Scope, url: str | None) -> str:
    """Return the path with or without a slash at its end, if only that has a route."""
    app = timeline.application_of(socket)
    routes = [one.route for one in app.handlers if one.kind == "websocket"] if app else []
    if app is None or not url or None in routes or reached(app, "websocket", url):
        return ""
    path, mark, query = url.partition("?")
    other = (path[:-1] if path.endswith("/") else f"{path}/") + mark + query
    return other if reached(app, "websocket", other) else ""


def _argument(made: Resource, at: int, name: str) -> s.Expr | None:
    args = made.node.args if made.node is not None else ()
    by_place = args[at].value if len(args) > at and not args[at].keyword else None
    return keyword_of(made.node, name) or by_place


def _fix(
    timeline: Timeline, made: Resource, path: str, instead: str, given: s.Expr | None
) -> Fix | str:
    if not instead:
        return "no route has a similar path"
    if not isinstance(given, s.Const) or given.value != path or '"' in instead:
        return "the path is computed"
    action = ReplaceExpression(made.origin.place.path, given.span, Code(f'"{instead}"'))
    reveals = (timeline.test.qualname,)
    return Fix("unsafe", "use the path of the route", (action,), reveals=reveals)
