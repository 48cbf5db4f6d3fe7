"""The handler of a websocket returns with neither accept nor close.

## What it does
Reports a websocket whose handler surely neither accepts, closes nor raises, and gives its websocket
to nothing else. What is not awaited (`websocket.accept()`) accepts nothing. Not reported where a
dependency of the route or a middleware may refuse before it, or where the test expects an exception
that the handler may raise.

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
from typing import Literal

from wslint.findings import actions
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee, dotted
from wslint.rules.shared.handlers import given_socket, is_wrapped, only_handler, socket_name
from wslint.rules.shared.idle_answers import (
    IdleAnswer,
    give_effect,
    idle_answers,
    ids_of_names,
    label_of,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.application_model import Code
from wslint.timeline.model import Timeline
from wslint.timeline.query import may_failure_pass

_DEPTH = 3
_READ = frozenset(("query_params", "path_params", "headers", "url", "cookies", "client", "state"))

# what these get as an argument they only show
_SHOWS = frozenset((("print",), ("repr",), ("str",), ("id",), ("type",), ("isinstance",)))
_LOGS = frozenset((("debug",), ("info",), ("warning",), ("error",), ("exception",)))

_NEVER_RAISE = (("append",), ("add",), ("get",), ("setdefault",), ("info",), ("debug",))

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="display-only", concerns=("starlette", "fastapi")
)


@RULE.checks
def connect_hangs(timeline: Timeline) -> Iterator[Finding]:
    """Report the websocket of each such handler."""
    path = timeline.test.path
    for socket in timeline.scopes_of("Socket"):
        handler = only_handler(timeline, socket)
        if handler is None or handler.before:
            continue
        code = handler.connect or handler.code
        if not _is_silent(code) or (_may_raise(code) and may_failure_pass(timeline, socket.opened)):
            continue
        place = Place(code.path, code.node.name_span)
        idle = _idle(code)
        silent = Label(place, "nothing in this handler answers")
        yield RULE.finding(
            socket.origin.nearest_place(path),
            "this connect hangs: the handler neither accepts nor closes",
            "call `await websocket.accept()` in the handler",
            labels=[label_of(code.path, idle[0]) if idle else silent],
            fix=_fix(code, "accept"),
            alternatives=[] if idle else [_fix(code, "close")],
            cause=f"handler {place}",
        )


def _is_silent(code: Code) -> bool:
    """Return whether a handler surely leaves the handshake unanswered."""
    function = code.node
    if not isinstance(function, s.Function) or not function.is_async:
        return False
    if is_wrapped(function):
        return False
    socket = socket_name(function)
    others = [param for param in function.params if param.name != socket]
    return bool(socket) and all(map(_is_from_the_url, others)) and _ignores(code, socket, 0)


def _may_raise(code: Code) -> bool:
    """Return whether an exception may end a handler, which a test can expect."""
    function = code.node
    has_types = isinstance(function, s.Function) and any(
        dotted(param.annotation) == ("int",) for param in function.params
    )
    return has_types or any(
        isinstance(node, (s.Item, s.Assert))
        or (isinstance(node, s.Call) and callee(node)[-1:] not in _NEVER_RAISE)
        for node in walk(function.body)
    )


def _ignores(code: Code, socket: str, depth: int) -> bool:
    """Return whether code surely neither raises nor answers, nor what it gives the socket to."""
    ignored = ids_of_names(_idle(code, socket))
    for node in walk(code.node.body):
        if isinstance(node, s.Call):
            if callee(node) in _SHOWS or callee(node)[-1:] in _LOGS:
                ignored.update(id(arg.value) for arg in node.args)
            inner = given_socket(code, node, socket)
            if inner is not None and depth < _DEPTH and _ignores(*inner, depth + 1):
                ignored.update(id(arg.value) for arg in node.args)
        if isinstance(node, (s.Raise, s.Function, s.Lambda)):
            return False
        if id(node) not in ignored and _uses(node, socket):
            return False
    return True


def _idle(code: Code, socket: str = "") -> list[IdleAnswer]:
    function = code.node
    if not isinstance(function, s.Function):
        return []
    return idle_answers(function, socket or socket_name(function))


def _is_from_the_url(param: s.Param) -> bool:
    """Return whether a parameter surely is no dependency, which could answer or refuse."""
    has_plain_default = param.default is None or isinstance(param.default, s.Const)
    return has_plain_default and "".join(dotted(param.annotation)) in ("str", "int")


def _uses(node: object, socket: str) -> bool:
    """Return whether a node uses the websocket, other than to read what was asked for."""
    if not isinstance(node, s.Ref) or node.parts[0] != socket:
        return False
    return len(node.parts) == 1 or node.parts[1] not in _READ


def _fix(code: Code, answer: Literal["accept", "close"]) -> Fix | str:
    function = code.node
    if not isinstance(function, s.Function) or not function.body:
        return "the handler has no body"
    idle = _idle(code)
    if idle and answer == "accept":
        return give_effect(code.path, function, idle[0])
    call = actions.Code(f"await {socket_name(function)}.{answer}()")
    action = actions.InsertStatement(code.path, function.body[0].span, call, after=False)
    title = "accept the connection" if answer == "accept" else "refuse the connection"
    return Fix("display-only", title, (action,))
