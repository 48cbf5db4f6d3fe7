"""The handler of a websocket returns with neither accept nor close.

## What it does
Reports a websocket whose handler surely neither accepts, closes nor raises, and gives its websocket
to nothing else.

## Why is this bad?
The server never answers the handshake. The test client waits for it and hangs at the connect.

## Example
```python
@app.websocket("/chat")
async def chat(websocket: WebSocket):
    rooms.append(websocket.query_params["room"])
```

## Use instead
```python
@app.websocket("/chat")
async def chat(websocket: WebSocket):
    rooms.append(websocket.query_params["room"])
    await websocket.accept()
```

## Fix safety
Display-only: the fix changes the application. It accepts at the beginning of the handler, and only
you know whether the handler should refuse instead (`await websocket.close()`).

## Evidence
Starlette 1.10.0: the connect hangs; with the fix it returns.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, InsertStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted
from wslint.rules.shared.handlers import is_wrapped, only_handler, socket_name
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.application_model import Handler
from wslint.timeline.model import Timeline

_READ = frozenset(("query_params", "path_params", "headers", "url", "cookies", "client", "state"))

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="display-only", concerns=("starlette", "fastapi")
)


@RULE.checks
def connect_hangs(timeline: Timeline) -> Iterator[Finding]:
    """Report the websocket of each such handler."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        handler = only_handler(timeline, socket)
        if handler is None or not _is_silent(handler):
            continue
        place = Place(handler.code.path, handler.code.node.name_span)
        yield RULE.finding(
            socket.origin.nearest_place(path),
            "this connect hangs: the handler neither accepts nor closes",
            "call `await websocket.accept()` in the handler",
            labels=[Label(place, "nothing in this handler answers")],
            fix=_fix(handler),
            cause=f"handler {place}",
        )


def _is_silent(handler: Handler) -> bool:
    """Return whether a handler surely leaves the handshake unanswered."""
    function = handler.code.node
    if not isinstance(function, s.Function) or not function.is_async or not function.body:
        return False
    if is_wrapped(function):
        return False
    socket = socket_name(function)
    others = [param for param in function.params if param.name != socket]
    if not socket or not all(map(_is_from_the_url, others)):
        return False
    for node in walk(function.body):
        if isinstance(node, (s.Raise, s.Function, s.Lambda)) or _uses(node, socket):
            return False
    return True


def _is_from_the_url(param: s.Param) -> bool:
    """Return whether a parameter surely is no dependency, which could answer or refuse."""
    return param.default is None and "".join(dotted(param.annotation)) in ("str", "int")


def _uses(node: object, socket: str) -> bool:
    """Return whether a node uses the websocket, other than to read what was asked for."""
    if not isinstance(node, s.Ref) or node.parts[0] != socket:
        return False
    return len(node.parts) == 1 or node.parts[1] not in _READ


def _fix(handler: Handler) -> Fix | str:
    function = handler.code.node
    if not isinstance(function, s.Function) or not function.body:
        return "the handler has no body"
    code = Code(f"await {socket_name(function)}.accept()")
    action = InsertStatement(handler.code.path, function.body[0].span, code, after=False)
    return Fix("display-only", "accept the connection", (action,))
