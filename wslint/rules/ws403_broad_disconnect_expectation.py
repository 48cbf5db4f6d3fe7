"""`raises(WebSocketDisconnect)` around a connect, with the close code unchecked.

## What it does
Reports `pytest.raises(WebSocketDisconnect)` (or `assertRaises`) around a `websocket_connect`, or
with a function that opens one, if nothing checks the exception's code or reason, or if the check
admits 1000 beside other codes. A test whose name says that it is about a missing route is not
reported if the application has none for its url.

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
If it is known how the handler that the websocket reaches refuses, the fix asserts its close code
or codes, or the status of its `HTTPException`; it is unsafe, as middleware may refuse before.
Otherwise it is display-only: it asserts that the code is not 1000, so the test would fail for an
application that refuses without a code of its own, as with `await websocket.close()`.
`extend-unsafe-fixes = ["WS403"]` applies that fix anyway.

## Evidence
Starlette 0.20.4 to 1.10.0: passes for a mistyped route; 0.37.2 to 1.10.0: passes for an application
that accepts and does not catch the disconnect.

## See also
- https://github.com/mirumee/ariadne/pull/1151: the text of the exception is not stable; its code is
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import dotted
from wslint.rules.shared.refusal_codes import NORMAL, Refusal
from wslint.rules.shared.refusals import (
    DISCONNECTS,
    advice,
    around_connects,
    assert_the_code,
    codes_with_normal,
    expects_missing_route,
    is_checked,
    known_refusal,
)
from wslint.syntax import nodes as s
from wslint.timeline.model import Scope, Timeline

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
            not scope.expected
            or not DISCONNECTS.issuperset(scope.expected)
            or expects_missing_route(timeline, scope, socket)
        ):
            continue
        refusal = known_refusal(timeline, scope, socket)
        admitting = codes_with_normal(scope)
        if admitting is not None and (refusal is None or refusal.value in admitting[1]):
            check, codes = admitting
            yield RULE.finding(
                Place(scope.origin.place.path, check.span),
                f"{NORMAL} is admitted, the code of an unknown route, so that passes for a refusal",
                advice(refusal),
                labels=[Label(socket.origin.nearest_place(path), "the websocket is opened here")],
                fix=_leave_out_normal(scope, check, codes, refusal),
                cause=f"expected {scope.origin.place}",
            )
        elif not is_checked(scope):
            yield RULE.finding(
                scope.origin.nearest_place(path),
                "the disconnect's code is not checked, so an unknown route passes for a refusal",
                advice(refusal),
                labels=[Label(socket.origin.nearest_place(path), "the websocket is opened here")],
                fix=assert_the_code(timeline, scope, socket, refusal),
                cause=f"expected {scope.origin.place}",
            )


def _leave_out_normal(
    scope: Scope, check: s.Compare, codes: tuple[int, ...], refusal: Refusal | None
) -> Fix:
    """Return the fix that no longer admits the code of a missing route."""
    left = ".".join(dotted(check.left))
    one, *others = codes
    text = f"{left} in ({', '.join(map(str, codes))})" if others else f"{left} == {one}"
    action = ReplaceExpression(scope.origin.place.path, check.span, Code(text))
    return Fix("display-only" if refusal is None else "unsafe", f"don't admit {NORMAL}", (action,))
