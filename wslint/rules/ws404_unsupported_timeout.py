"""`timeout=` on a websocket of a test client that does not support timeouts.

## What it does
Reports `socket.receive_…(timeout=…)` and `client.websocket_connect(…, timeout=…)` of Starlette's
and FastAPI's test client.

## Why is this bad?
A receive takes no timeout: it fails with TypeError before it waits. `websocket_connect` takes the
argument and ignores it: a test that waits for a message which never comes hangs all the same.

## Example
```python
def test_news(client):
    with client.websocket_connect("/news", timeout=5) as socket:
        assert socket.receive_json(timeout=2) == {"news": []}
```

## Use instead
```python
@pytest.mark.timeout(5)
def test_news(client):
    with client.websocket_connect("/news") as socket:
        assert socket.receive_json() == {"news": []}
```

## Fix safety
Safe at `websocket_connect`, where it changes nothing. Unsafe at a receive: the test no longer fails
at once, and hangs if nothing comes. The plugin pytest-timeout ends such a test. Where the TypeError
is expected or caught there is no fix: the test takes it for silence, and would wait for ever.

## Evidence
Starlette 0.20.4 to 1.10.0: `receive_text() got an unexpected keyword argument 'timeout'`; with
`websocket_connect(timeout=1)` a receive without a message hangs.

## See also
- https://github.com/Kludex/starlette/issues/2329: the wish for a timeout
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import RemoveArgument
from wslint.findings.finding import Applicability, Finding, Fix
from wslint.findings.span import Place, Span
from wslint.rules.rule import Rule
from wslint.syntax import nodes as s
from wslint.timeline.model import Moment, Timeline
from wslint.timeline.order import any_open

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)

_WAITS = "an exception is expected or caught here, and without it the call may wait for ever"
_CATCHES = frozenset(("", "builtins.TypeError", "builtins.Exception", "builtins.BaseException"))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such argument."""
    calls: list[tuple[s.Call | None, Place, str]] = []
    caught: set[Place] = set()
    for session in timeline.resources:
        if session.role == "Session" and _is_starlettes(timeline, session.parent):
            node = session.node
            calls.append((node, session.origin.place, "websocket_connect"))
    for event in timeline.events_of("Socket"):
        parent = None if event.subject is None else timeline.resources[event.subject].parent
        if _is_starlettes(timeline, parent):
            calls.append((event.node, event.origin.place, event.name))
            if _may_be_caught(timeline, event.at):
                caught.add(event.origin.place)
    for node, place, name in calls:
        value = _timeout(node, place)
        if node is None or value is None:
            continue
        is_receive = name.startswith("receive")
        if name == "websocket_connect":
            message = "`websocket_connect` ignores its timeout: the test may still hang"
        elif is_receive:
            message = f"`{name}` takes no timeout: the call fails with TypeError"
        else:
            continue
        tier: Applicability = "unsafe" if is_receive else "safe"
        away = RemoveArgument(place.path, node.span, "timeout")
        yield RULE.finding(
            Place(place.path, value),
            message,
            "leave it out; pytest-timeout ends a test that hangs: `@pytest.mark.timeout(5)`",
            fix=_WAITS
            if is_receive and place in caught
            else Fix(tier, "leave the timeout out", (away,)),
            cause=f"timeout {place}",
        )


def _may_be_caught(timeline: Timeline, at: Moment) -> bool:
    """Tell whether the test may go on after the TypeError."""
    scopes = [
        scope
        for kind in ("Raises", "Try")
        for scope in timeline.scopes_of(kind)
        if not scope.expected or not _CATCHES.isdisjoint(scope.expected)
    ]
    return any_open(timeline, scopes, at) is not False


def _is_starlettes(timeline: Timeline, client: int | None) -> bool:
    return client is not None and timeline.resources[client].role == "TestClient"


def _timeout(node: s.Call | None, place: Place) -> Span | None:
    """Give the span of the timeout's value, where the call stands at this place itself."""
    if node is None or node.span != place.span:
        return None
    for arg in node.args:
        if arg.keyword == "timeout" and not (
            isinstance(arg.value, s.Const) and arg.value.value is None
        ):
            return arg.value.span
    return None
