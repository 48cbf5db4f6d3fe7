"""A client is entered while it is already entered.

## What it does
Reports `with client:` inside of another one of the same client, in a test that opens a websocket;
also where the outer one is in a fixture.

## Why is this bad?
A client holds one event loop at a time. The inner `with` starts another, and the application a
second time; after it the client is as if it had never been entered, without a word, and what the
outer `with` has started is never shut down.

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
Safe: the outer `with` stays. There is no fix where the inner one gives the client a name.

## Evidence
Starlette 0.20.4 to 1.10.0: startup runs twice, shutdown once; after the inner exit the client's
portal is None.

## See also
- https://www.starlette.io/lifespan/#running-lifespan-in-tests: what entering does
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import RemoveWithItem
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import Scope, Timeline
from wslint.timeline.order import is_open

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each inner entering."""
    path = timeline.test.path
    if not timeline.scopes_of("Socket"):
        return
    clients = timeline.scopes_of("Client")
    for number, inner in enumerate(clients):
        client = timeline.resources[inner.subject]
        outer = next(
            (
                other
                for other in clients[:number]
                if other.subject == inner.subject and is_open(timeline, other, inner.opened) is True
            ),
            None,
        )
        if outer is None or client.members:
            continue
        yield RULE.finding(
            inner.origin.near(path),
            "this client is entered already: the inner `with` starts the application a second "
            "time, and behind it the client is as if it was never entered",
            "enter it once",
            labels=[Label(outer.origin.near(path), "it is entered here, and still is")],
            fix=_fix(inner),
            cause=f"entered {inner.origin.place}",
        )


def _fix(inner: Scope) -> Fix | str:
    statement = inner.statement
    for item in statement.items if isinstance(statement, s.With) else ():
        if item.value.span == inner.origin.place.span:
            if item.target is not None:
                return "the inner with gives the client a name"
            if not isinstance(item.value, s.Ref):
                return "the inner with makes the client"
            action = RemoveWithItem(inner.origin.place.path, item.value.span)
            return Fix("safe", "enter the client once", (action,))
    return "the client is not entered by a plain with"
