"""`timeout=` on a websocket of a test client that does not support timeouts.

## What it does
Reports `socket.receive_…(timeout=…)` and `client.websocket_connect(…, timeout=…)` of Starlette's
and FastAPI's test client, also where a dict, a partial or a helper gives the timeout.

## Why is this bad?
A receive takes no timeout: it fails with TypeError before it waits. `websocket_connect` accepts the
argument and ignores it: a test that waits for a message which never comes still hangs.

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
Safe at `websocket_connect`, where it changes nothing. Unsafe at a receive, where the call itself
must have it: the test no longer fails at once, and hangs if nothing comes. The plugin
pytest-timeout ends such a test. Only shown where a `try` swallows the TypeError: the fix adds
`@pytest.mark.timeout(5)`, too, which needs that plugin. There is no fix where the test expects the
TypeError, or makes something of it: it is taken for silence, and the call would wait forever.

## Evidence
Starlette 0.20.4 to 1.10.0: `receive_text() got an unexpected keyword argument 'timeout'`; with
`websocket_connect(timeout=1)` a receive without a message hangs.

## See also
- https://github.com/Kludex/starlette/issues/2329: the request for a timeout
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, AddDecorator, Code, RemoveArgument, Symbol
from wslint.findings.finding import Applicability, Finding, Fix
from wslint.findings.span import Place, Span
from wslint.rules.rule import Rule
from wslint.rules.shared.swallowing import only_goes_on
from wslint.syntax import nodes as s
from wslint.timeline.model import Moment, Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import client_of, expectations

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("starlette", "fastapi")
)

_HELP = "remove it; pytest-timeout ends a test that hangs: `@pytest.mark.timeout(5)`"
_MAY_BE_CAUGHT = "an exception is expected or caught here, and without it the call may wait forever"
_ELSEWHERE = "the timeout is not written at the call"
_LIMIT = Code("{a}(5)", (Symbol("pytest.mark.timeout", module="pytest"),))
_CATCHES = frozenset(("", "builtins.TypeError", "builtins.Exception", "builtins.BaseException"))


@RULE.checks
def unsupported_timeout(timeline: Timeline) -> Iterator[Finding]:
    """Report each such argument."""
    sessions = [
        session
        for session in timeline.resources
        if session.role == "Session"
        and (client := client_of(timeline, session)) is not None
        and client.role == "TestClient"
    ]
    fix: Fix | str
    for session in sessions:
        place = session.origin.place
        message = "`websocket_connect` ignores its timeout, so the test may still hang"
        if (span := _timeout(session.node, place)) is not None:
            fix = _fix(timeline, place, "safe")
            yield _finding(Place(place.path, span), place, message, fix)
        elif session.timeout is not None:
            where = session.origin.nearest_place(timeline.test.path)
            yield _finding(where, place, message, _ELSEWHERE)
    ids = {session.id for session in sessions}
    calls = [call for call in timeline.events_of("Socket") if call.subject in ids]
    for call in calls:
        place, message = call.origin.place, f"`{call.name}` takes no timeout and raises TypeError"
        span = _timeout(call.node, place)
        if not call.name.startswith("receive") or (span is None and call.timeout is None):
            continue
        tier = _tier(timeline, call.at)
        if span is None:  # a dict, a partial or a helper gives it
            where = call.origin.nearest_place(timeline.test.path)
            fix = _MAY_BE_CAUGHT if tier is None else _ELSEWHERE
        else:
            where = Place(place.path, span)
            fix = _MAY_BE_CAUGHT if tier is None else _fix(timeline, place, tier)
        yield _finding(where, place, message, fix)


def _finding(where: Place, call: Place, message: str, fix: Fix | str) -> Finding:
    return RULE.finding(where, message, _HELP, fix=fix, cause=f"timeout {call}")


def _fix(timeline: Timeline, place: Place, tier: Applicability) -> Fix | str:
    """Return the fix that removes a call's timeout; where it is caught, the test gets one."""
    test = timeline.test
    actions: list[Action] = [RemoveArgument(place.path, place.span, "timeout")]
    title = "remove the timeout"
    if tier == "display-only" and not test.has_timeout:
        if place.path != test.path or not test.function.span.contains(place.span):
            return _MAY_BE_CAUGHT
        actions.append(AddDecorator(test.path, test.function.name_span, _LIMIT))
        title = "give the timeout to the whole test, with pytest-timeout"
    return Fix(tier, title, tuple(actions))


def _timeout(node: s.Call | None, place: Place) -> Span | None:
    """Return the span of the timeout's value, if the call itself is at this place."""
    if node is None or node.span != place.span:
        return None
    for arg in node.args:
        is_none = isinstance(arg.value, s.Const) and arg.value.value is None
        if arg.keyword == "timeout" and not is_none:
            return arg.value.span
    return None


def _tier(timeline: Timeline, at: Moment) -> Applicability | None:
    """Return how sure it is that a receive may wait; None if the TypeError means something."""
    catching = [
        scope
        for scope in expectations(timeline)
        if not scope.expected or not _CATCHES.isdisjoint(scope.expected)
        if is_open(timeline, scope, at) is not False
    ]
    if all(map(_only_swallows, catching)):
        return "display-only" if catching else "unsafe"
    return None


def _only_swallows(scope: Scope) -> bool:
    """Return whether the test makes nothing of an exception in a block."""
    statement = scope.statement
    return isinstance(statement, s.Try) and all(
        only_goes_on(handler.body) for handler in statement.handlers
    )
