"""`raises(WebSocketDisconnect)` around a connect, with the close code unchecked.

## What it does
Reports `pytest.raises(WebSocketDisconnect)` (or `assertRaises`) around a `websocket_connect`, if
nothing checks the exception's code or reason. A test whose name says that it is about a missing
route is not reported if the application has none for its url.

## Why is this bad?
A route that does not exist closes with the same exception (its code is 1000), so a typo in the path
passes for the refusal. If the handler does not catch the disconnect itself, the exception also
comes out at the end of the `with`, so the test passes for an application that accepts everybody.

## Example
```python
def test_strangers_are_refused(client):
    with pytest.raises(WebSocketDisconnect):
        with client.websocket_connect("/chat"):
            pass
```

## Use instead
```python
def test_strangers_are_refused(client):
    with pytest.raises(WebSocketDisconnect) as refused:
        with client.websocket_connect("/chat"):
            pass
    assert refused.value.code == 1008
```

## Fix safety
If the handler that the websocket reaches refuses in one way only, the fix asserts that close code,
or the status of its `HTTPException`; it is unsafe, as middleware may refuse before. Otherwise it is
only shown: it asserts that the code is not 1000, so the test would fail for an application that
refuses without a code of its own, as with `await websocket.close()`.
`extend-unsafe-fixes = ["WS403"]` applies that fix anyway.

## Evidence
Starlette 0.20.4 to 1.10.0: passes for a mistyped route; 0.37.2 to 1.10.0: passes for an application
that accepts and does not catch the disconnect.

## See also
- https://github.com/mirumee/ariadne/pull/1151: the text of the exception is not stable; its code is
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.refusals import (
    DISCONNECTS,
    advice,
    around_connects,
    assert_the_code,
    expects_missing_route,
    is_checked,
    known_refusal,
)
from wslint.timeline.model import Timeline

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", yields_to=("WS406",),
    concerns=("starlette", "fastapi"),
)  # fmt: skip


@RULE.checks
def code_is_not_checked(timeline: Timeline) -> Iterator[Finding]:
    """Report each such block."""
    path = timeline.test.path
    for scope, socket in around_connects(timeline, "Raises"):
        if (
            scope.expected
            and DISCONNECTS.issuperset(scope.expected)
            and not is_checked(scope)
            and not expects_missing_route(timeline, scope, socket)
        ):
            refusal = known_refusal(timeline, socket)
            yield RULE.finding(
                scope.origin.nearest_place(path),
                "the disconnect's code is not checked, so an unknown route passes for a refusal",
                advice(refusal),
                labels=[Label(socket.origin.nearest_place(path), "the websocket is opened here")],
                fix=assert_the_code(timeline, scope, socket, refusal),
                cause=f"expected {scope.origin.place}",
            )
