"""A client is entered while it is already entered.

## What it does
Reports a `with client:` inside another one of the same client, in a test that opens a websocket.
The outer one may be in a fixture.

## Why is this bad?
A client has one event loop at a time. The inner `with` starts another loop, and the application a
second time. After the inner `with`, the client is no longer entered, without a warning, and what
the outer `with` started is never shut down.

## Example
```python
@pytest.fixture
def client():
    with TestClient(app) as client:
        yield client


def test_chat(client):
    with client:
        with client.websocket_connect("/chat") as socket:
            socket.send_text("hello")
```

## Use instead
```python
@pytest.fixture
def client():
    with TestClient(app) as client:
        yield client


def test_chat(client):
    with client.websocket_connect("/chat") as socket:
        socket.send_text("hello")
```

## Fix safety
Safe: the outer `with` stays. There is no fix if the inner one gives the client a name.

## Evidence
Starlette 0.20.4 to 1.10.0: startup runs twice, shutdown once; after the inner exit the client's
portal is None.

## See also
- https://www.starlette.io/lifespan/#running-lifespan-in-tests: what entering a client does
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import RemoveWithItem
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import with_item
from wslint.syntax import nodes as s
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)


@RULE.checks
def entered_twice(timeline: Timeline) -> Iterator[Finding]:
    """Report each inner `with`."""
    path, clients = timeline.test.path, timeline.scopes_of("Client")
    for number, inner in enumerate(clients if timeline.scopes_of("Socket") else ()):
        same = [other for other in clients[:number] if other.subject == inner.subject]
        outer = next((one for one in same if is_open(timeline, one, inner.opened)), None)
        if outer is None or subject_of(timeline, inner).members:
            continue
        yield RULE.finding(
            inner.origin.nearest_place(path),
            "this client is already entered; after the inner `with` it no longer is",
            "enter it once",
            labels=[Label(outer.origin.nearest_place(path), "the client is entered here")],
            fix=_fix(inner),
            cause=f"entered {inner.origin.place}",
        )


def _fix(inner: Scope) -> Fix | str:
    place = inner.origin.place
    item = with_item(inner.statement, place.span)
    if item is None:
        return "the client is not entered by a plain `with`"
    if item.target is not None:
        return "the inner `with` gives the client a name"
    if not isinstance(item.value, s.Ref):
        return "the inner `with` creates the client"
    return Fix("safe", "enter the client once", (RemoveWithItem(place.path, place.span),))
