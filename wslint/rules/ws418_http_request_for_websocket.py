"""An HTTP request asks for the path of a websocket, and the test accepts the 404.

## What it does
Reports `client.get("/ws…")` of a test client if the path is that of a websocket and of no other
route, and if the test accepts the answer to be 404, or 403 or 200 as well, or swallows a failed
assert about it. Not reported if something else may answer, such as a mount, a middleware or a
handler for exceptions, or if all that the test accepts is an answer that says so, as 404 or 426.

## Why is this bad?
A route of a websocket does not answer HTTP: the answer is 404, as for a path without a route. So
the test passes whether the websocket works, refuses everybody or is gone. Starlette's test client
does open websockets.

## Example
```python
def test_chat_exists(client):
    response = client.get("/ws/chat")
    assert response.status_code in (403, 404, 426)
```

## Use instead
```python
def test_chat_exists(client):
    with client.websocket_connect("/ws/chat"):
        pass
```

## Fix safety
Unsafe: the test may mean that the connection is refused. There is a fix if the handler surely
accepts, and the test does nothing else with the answer.

## Evidence
Starlette 1.10.0 and FastAPI 0.165.0: 404 with the websocket's route and without it.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, RemoveStatement, ReplaceStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import assigned_name, block_of, dotted, names_assigned, position
from wslint.rules.shared.expectations import asserted, truth_for
from wslint.rules.shared.handlers import asked_by_http
from wslint.rules.shared.refusal_codes import accepts_first
from wslint.rules.shared.swallowing import checks_at_end, only_goes_on
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.application_model import Handler
from wslint.timeline.model import Event, Timeline
from wslint.timeline.order import is_open

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", concerns=("starlette", "fastapi")
)

_MISSING = 404
# who accepts one of these as well means the websocket's own answer
_OF_AN_ENDPOINT = (101, 200, 401, 403)
_SWALLOWED = ("AssertionError", "builtins.Exception", "builtins.BaseException")


@RULE.checks
def websocket_is_asked_for(timeline: Timeline) -> Iterator[Finding]:
    """Report each such request."""
    for call in timeline.events_of("Http"):
        handler, checks = asked_by_http(timeline, call), _checks(call)
        if handler is None or not checks:
            continue
        tried = _swallowed(timeline, call)
        route = Place(handler.code.path, handler.code.node.name_span)
        if tried is not None or all(_accepts_any(call, one) for one in checks):
            yield RULE.finding(
                call.origin.nearest_place(timeline.test.path),
                "an HTTP request to a websocket's path always gets 404, which the test accepts",
                "open the websocket with `client.websocket_connect(…)`",
                labels=[Label(route, "the websocket's handler")],
                fix=_fix(timeline, call, handler, checks, tried),
                cause=f"requested {call.origin.place}",
            )


def _checks(call: Event) -> list[s.Stmt]:
    """Return the assertions about the answer, [] if the test does anything else with it."""
    name, function = assigned_name(call.statement), call.function
    if not name or function is None or call.statement is None:
        return []
    block = block_of(function.body, call.statement)
    found: list[s.Stmt] = []
    for one in block[(position(block, call.statement) or 0) + 1 :]:
        if name in names_assigned(one):
            break
        if mentions(one, {name}):
            found.append(one)
    return found if all(asserted(one) is not None for one in found) else []


def _accepts_any(call: Event, check: s.Stmt) -> bool:
    """Return whether an assertion holds for 404, and for an answer of the websocket's own."""
    test, status = asserted(check), (assigned_name(call.statement), "status_code")

    def holds(code: int) -> bool:
        value = s.Const(code, check.span)
        is_status = test is not None and truth_for(test, lambda one: dotted(one) == status, value)
        return is_status is True

    return holds(_MISSING) and any(map(holds, _OF_AN_ENDPOINT))


def _swallowed(timeline: Timeline, call: Event) -> s.Try | None:
    """Return the ``try`` around a request that swallows a failed assertion."""
    for scope in timeline.scopes_of("Try"):
        tried = scope.statement
        if (
            isinstance(tried, s.Try)
            and call.statement in tried.body
            and is_open(timeline, scope, call.at) is True
            and any(name.endswith(_SWALLOWED) for name in scope.expected)
            and all(only_goes_on(handler.body) for handler in tried.handlers)
            and not checks_at_end(tried)
        ):
            return tried
    return None


def _fix(
    timeline: Timeline, call: Event, handler: Handler, checks: list[s.Stmt], tried: s.Try | None
) -> Fix | str:
    """Return the fix that opens the websocket."""
    statement, args = call.statement, call.node.args if call.node is not None else ()
    if not accepts_first(handler):
        return "it isn't known whether the application accepts the connection"
    if statement is None or not call.receiver or len(args) != 1:
        return "the request has more than a path"
    if tried is not None and (tried.body != (statement, *checks) or tried.orelse or tried.final):
        return "the block holds more than the request"
    path = call.origin.place.path
    code = Code(f"with {'.'.join(call.receiver)}.websocket_connect({{0}}):\n    pass")
    whole = statement if tried is None else tried
    actions: list[Action] = [ReplaceStatement(path, whole.span, code, args[0].value.span)]
    if tried is None:
        actions += [RemoveStatement(path, one.span) for one in checks]
    reveals = (timeline.test.qualname,)
    return Fix("unsafe", "open the websocket", tuple(actions), reveals=reveals)
