"""An attribute is read of the test's session that it does not have, or not in every version.

## What it does
Reports `client_state`, `application_state`, `headers` and the like on what
`client.websocket_connect()` gives, and private attributes such as `_send_rx`.

## Why is this bad?
The session of the test client is not Starlette's `WebSocket` and has none of its attributes:
AttributeError. It shows what the application did only by what is received. Its private attributes
change with the version: `_send_queue` is `_send_rx` since Starlette 0.45.1.

## Example
```python
def test_stays_open(client):
    with client.websocket_connect("/chat") as websocket:
        websocket.send_text("hello")
        assert websocket.client_state == WebSocketState.CONNECTED
```

## Use instead
```python
def test_stays_open(client):
    with client.websocket_connect("/chat") as websocket:
        websocket.send_text("hello")
        assert websocket.receive_text() == "hello"
```

## Fix safety
Unsafe where the state should be connected, and the handler surely answers each message: the last
message is sent once more, and the answer received. Only shown where it should not: the close is
received, so the test waits for ever if the application does not close. Otherwise there is no fix:
only the author knows what the application sends.

## Evidence
Starlette 0.37.2 and 1.10.0: AttributeError: 'WebSocketTestSession' object has no attribute
'client_state'.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceStatement, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted
from wslint.rules.shared.exchanges import answers
from wslint.rules.shared.fixes import RAISES
from wslint.rules.shared.handlers import only_handler
from wslint.rules.shared.refusals import DISCONNECTS
from wslint.syntax import nodes as s
from wslint.timeline.application_model import Handler
from wslint.timeline.model import Event, Resource, Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import calls_of, client_of, may_failure_pass, scopes_on, subject_of
from wslint.vocabulary import is_private

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)

_UNKNOWN = "it is not known what the application sends"
_STATES = frozenset(("client_state", "application_state"))
_IS_OPEN = {"CONNECTED": True, "DISCONNECTED": False}
_IS_EQUAL = {"==": True, "is": True, "!=": False, "is not": False}
_DISCONNECT = Symbol("starlette.websockets.WebSocketDisconnect", module="starlette.websockets",
                     name="WebSocketDisconnect", same_as=tuple(DISCONNECTS))  # fmt: skip


@RULE.checks
def attribute_is_missing(timeline: Timeline) -> Iterator[Finding]:
    """Report each such attribute."""
    path = timeline.test.path
    for read in timeline.events_of("Attribute"):
        session = subject_of(timeline, read)
        client = client_of(timeline, session)
        if (
            client is None
            or client.role != "TestClient"
            or has_escaped(timeline, session.id, read.at)
        ):
            continue
        if may_failure_pass(timeline, read.at):
            continue
        message = f"the session of the test client has no attribute `{read.name}`"
        if is_private(read.name):
            message = f"`{read.name}` is private to the session, and other versions don't have it"
        yield RULE.finding(
            read.origin.nearest_place(path),
            message,
            "assert what the application sends; `receive()` gives the message and its type",
            labels=[Label(session.origin.nearest_place(path), "the session is made here")],
            fix=_fix(timeline, session, read),
            cause=f"attribute {read.origin.place}",
        )


def _fix(timeline: Timeline, session: Resource, read: Event) -> Fix | str:
    """Return the fix that learns from the application whether the websocket is open."""
    path, span = read.origin.place
    nodes = (
        one.node
        for one in timeline.asserts
        if one.node is not None and one.origin is not None and one.origin.place.path == path
    )
    node = next((one for one in nodes if one.span.contains(span)), None)
    test = node.test if node is not None else None
    if node is None or not isinstance(test, s.Compare) or len(test.ops) != 1:
        return _UNKNOWN
    state = "".join(dotted(test.rights[0])[-1:])
    name = ".".join(dotted(test.left)[:-1])
    if (
        read.name not in _STATES
        or state not in _IS_OPEN
        or test.ops[0] not in _IS_EQUAL
        or not name
    ):
        return _UNKNOWN
    if _IS_OPEN[state] is not _IS_EQUAL[test.ops[0]]:
        closed = Code(f"with {{a}}({{b}}):\n    {name}.receive_text()", (RAISES, _DISCONNECT))
        action = ReplaceStatement(path, node.span, closed)
        return Fix("display-only", "receive the close", (action,))
    handlers = [only_handler(timeline, socket) for socket in scopes_on(timeline, "Socket", session)]
    sends = [call for call in calls_of(timeline, session)
             if call.name.startswith("send") and call.at.index < read.at.index]  # fmt: skip
    handler = handlers[0] if len(handlers) == 1 else None
    kind = _answer_to_the_last(handler, len(sends)) if handler is not None else ""
    said = sends[-1].statement if sends and sends[-1].function is read.function else None
    if not kind or not isinstance(said, s.Do):
        return _UNKNOWN
    again = Code(f"{{0}}\n{name}.receive_{kind}()")
    action = ReplaceStatement(path, node.span, again, said.span)
    return Fix("unsafe", "send once more: only an open websocket is answered", (action,))


def _answer_to_the_last(handler: Handler, messages: int) -> str:
    """Return the kind of the only answer to the last of some messages, "" if it isn't known."""
    *_, last = answers(handler.code, messages) or [[]]
    return last[0].removeprefix("send_") if len(last) == 1 else ""
