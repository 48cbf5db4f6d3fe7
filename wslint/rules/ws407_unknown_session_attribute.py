"""An attribute of the server's websocket is read of the test's session.

## What it does
Reports `client_state`, `application_state`, `headers` and the like on what
`client.websocket_connect()` gives.

## Why is this bad?
The session of the test client is not Starlette's `WebSocket` and has none of these attributes:
AttributeError. It shows what the application did only by what is received.

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
There is no fix: only the author knows what the application sends.

## Evidence
Starlette 0.37.2 and 1.10.0: AttributeError: 'WebSocketTestSession' object has no attribute
'client_state'.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.timeline.model import Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import client_of, may_failure_pass, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="none", concerns=("starlette", "fastapi")
)


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
        yield RULE.finding(
            read.origin.nearest_place(path),
            f"the session of the test client has no attribute `{read.name}`",
            "assert what the application sends; `receive()` gives the message and its type",
            labels=[Label(session.origin.nearest_place(path), "the session is made here")],
            fix="it is not known what the application sends",
            cause=f"attribute {read.origin.place}",
        )
