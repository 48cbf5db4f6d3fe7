"""Any exception around `websocket_connect` is expected or swallowed.

## What it does
Reports `pytest.raises(Exception)` (or `assertRaises`) around a `websocket_connect`, or an
`aconnect_ws` of httpx-ws, if nothing checks the exception and the block raises none itself. Also
reports `except Exception:` around one in the test itself, if the handler only passes, logs, returns
or skips and nothing is asserted after it, or if it only sets a flag that the test asserts; and in a
helper that returns the same whatever happens.

## Why is this bad?
Such a test passes for an application that refuses the connection, for one that crashes, and for
one that has no such route. With `except Exception: pass` it also passes for one that accepts
everybody, since a failed `assert` is an exception too. It checks next to nothing.

## Example
```python
def test_strangers_are_refused(client):
    with pytest.raises(Exception):
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
If it is known how the handler refuses, and nothing else can happen in the block, the fix asserts
its close code or codes. Otherwise it is display-only: it asserts that the code is not 1000, with
which a route that does not exist closes, so the test would fail for an application that refuses
without a code of its own.
`extend-unsafe-fixes = ["WS405"]` applies that fix anyway. An application that answers with an HTTP
response (a denial response) raises `WebSocketDenialResponse`, which has a status and no code. For
`except` there are two, as wslint cannot know whether the connection should be accepted: one lets
the failure end the test, one expects a refusal. Where the handler sets a flag, it catches the
refusal only.

## Evidence
Starlette 0.20.4 to 1.10.0: around a connect, `raises(Exception)` passes for 4 of 5 applications
(refuses, crashes, has no such route, accepts and does not catch the disconnect), `except Exception:
pass` for all 5.

## See also
- https://github.com/PxA-Labs/AutoMaintainer/pull/122: an origin check that was broken
- https://github.com/NorthlandPositronics/Cogtrix/issues/980: eight authentication tests
- https://github.com/bbartling/open-fdd/pull/188: `pytest.raises(Exception)`
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import (
    Action,
    AddWithItem,
    Code,
    RemoveHandlers,
    RemoveStatement,
    ReplaceExpression,
    WrapStatement,
)
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import assigned_name, is_name
from wslint.rules.shared.expectations import asserted, truth_for
from wslint.rules.shared.fixes import RAISES
from wslint.rules.shared.refusals import (
    HELP,
    advice,
    around_connects,
    assert_the_code,
    disconnect_of,
    is_checked,
    is_denial,
    known_refusal,
)
from wslint.rules.shared.swallowing import (
    asserts,
    checks_at_end,
    does_nothing,
    fails,
    returns,
    unswallowed,
)
from wslint.rules.shared.swallowing_fixes import let_all_fail
from wslint.syntax import nodes as s
from wslint.syntax.search import statements
from wslint.timeline.model import Event, Origin, Scope, Timeline
from wslint.timeline.order import is_open

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    concerns=("starlette", "fastapi", "httpx-ws"),
)

_BROAD = frozenset(("builtins.Exception", "builtins.BaseException"))
_MORE = "the block holds more than the connect"
_OTHER_KIND = "the calls in it are written for a websocket of another kind"


@RULE.checks
def any_exception_passes(timeline: Timeline) -> Iterator[Finding]:
    """Report each such block."""
    for scope, socket in around_connects(timeline, "Raises"):
        is_broad = not _BROAD.isdisjoint(scope.expected) and not is_checked(scope)
        if is_broad and not _raises_one_itself(scope):
            message = "any exception around this websocket passes for a refusal"
            refusal = known_refusal(timeline, scope, socket)
            expect = "" if is_denial(refusal) else "expect `WebSocketDisconnect`, and "
            fix = assert_the_code(timeline, scope, socket, refusal)
            yield _finding(timeline, scope, socket.origin, message, expect + advice(refusal), fix)
    for scope, call in _around_missing_connects(timeline):
        message = "any exception passes for a refusal, even that this client has no websockets"
        repair = f"open the websocket with a test client, expect `WebSocketDisconnect`, and {HELP}"
        yield _finding(timeline, scope, call.origin, message, repair, _OTHER_KIND)
    for scope, socket in around_connects(timeline, "Try"):
        if not _BROAD.isdisjoint(scope.expected) and _says_only_that_it_failed(scope):
            message = "any exception around this websocket passes for a refusal"
            repair = f"catch `WebSocketDisconnect` only, and {HELP}"
            fix = _catch_the_refusal(timeline, scope, socket)
            yield _finding(timeline, scope, socket.origin, message, repair, fix)
        elif not _BROAD.isdisjoint(scope.expected) and _swallows(scope):
            message = "any error around this websocket is swallowed, including failed asserts"
            repair = (
                "connect without `except`; if a refusal is expected, use "
                "`pytest.raises(WebSocketDisconnect)` and assert its code"
            )
            fixes = [let_all_fail(scope), _expect_a_refusal(timeline, scope, socket)]
            if _fails_if_accepted(scope) and isinstance(fixes[1], Fix):
                fixes.reverse()
            yield _finding(timeline, scope, socket.origin, message, repair, *fixes)


def _raises_one_itself(scope: Scope) -> bool:
    """Return whether the block raises the exception itself, to see what is left behind."""
    body = scope.statement.body if isinstance(scope.statement, s.With) else ()
    return any(isinstance(one, s.Raise) for one in statements(body))


def _around_missing_connects(timeline: Timeline) -> Iterator[tuple[Scope, Event]]:
    """Yield each block that expects any exception of a client without websockets."""
    for call in timeline.events_of("Missing"):
        for scope in timeline.scopes_of("Raises"):
            broad = not _BROAD.isdisjoint(scope.expected) and not is_checked(scope)
            if broad and is_open(timeline, scope, call.at) is True:
                yield scope, call


def _says_only_that_it_failed(scope: Scope) -> bool:
    """Return whether a handler only sets a flag, which the test then asserts to be set."""
    statement, function = scope.statement, scope.function
    handlers = statement.handlers if isinstance(statement, s.Try) else ()
    if scope.frame != "test" or function is None or len(handlers) != 1:
        return False
    (handler,) = handlers
    flag = handler.body[0] if len(handler.body) == 1 else None
    value = flag.value if isinstance(flag, s.Assign) else None
    name = assigned_name(flag)
    if not name or not isinstance(value, s.Const):
        return False
    tests = (one for part in statements(function.body) if (one := asserted(part)) is not None)
    return any(truth_for(test, lambda expr: is_name(expr, name), value) for test in tests)


def _catch_the_refusal(timeline: Timeline, scope: Scope, socket: Scope) -> Fix | str:
    """Return the fix that lets any other exception fail the test."""
    statement = scope.statement
    caught = statement.handlers[0].type if isinstance(statement, s.Try) else None
    if caught is None:
        return "the handler names no exception"
    symbol = disconnect_of(timeline, socket)
    action = ReplaceExpression(scope.origin.place.path, caught.span, Code("{a}", (symbol,)))
    return Fix("unsafe", "catch the refusal only", (action,))


def _fails_if_accepted(scope: Scope) -> bool:
    """Return whether a block says that it must not be accepted, as by ``assert False``."""
    statement = scope.statement
    return isinstance(statement, s.Try) and any(map(fails, statements(statement.body)))


def _expect_a_refusal(timeline: Timeline, scope: Scope, socket: Scope) -> Fix | str:
    """Return the fix that expects a refusal of a block that is nothing but the connect."""
    statement = scope.statement
    if not isinstance(statement, s.Try) or statement.orelse:
        return _MORE
    inner, *later = statement.body
    if not all(map(fails, later)):
        return _MORE
    path = scope.origin.place.path
    expected = Code("{a}({b})", (RAISES, disconnect_of(timeline, socket)))
    expect: Action = WrapStatement(path, inner.span, expected)
    if isinstance(inner, s.With) and not inner.is_async:
        expect = AddWithItem(path, inner.items[0].value.span, expected)
    unwrapped = RemoveHandlers(path, statement.span)
    removed = [RemoveStatement(path, one.span) for one in later]
    return Fix("display-only", "expect a refusal", (unwrapped, expect, *removed))


def _finding(
    timeline: Timeline,
    scope: Scope,
    opened: Origin,
    message: str,
    repair: str,
    *fixes: Fix | str,
) -> Finding:
    path = timeline.test.path
    return RULE.finding(
        scope.origin.nearest_place(path),
        message,
        repair,
        labels=[Label(opened.nearest_place(path), "the websocket is opened here")],
        fix=fixes[0],
        alternatives=fixes[1:],
        cause=f"expected {scope.origin.place}",
    )


def _swallows(scope: Scope) -> bool:
    """Return whether the test surely never learns what went wrong, or that anything did."""
    statement, function = scope.statement, scope.function
    if scope.frame == "helper" and function is not None:
        return isinstance(statement, s.Try) and _always_gives_the_same(function, statement)
    if scope.frame != "test" or function is None:
        return False
    if isinstance(statement, s.Try):
        handled = all(does_nothing(handler.body) for handler in statement.handlers)
        tried: tuple[s.Block, ...] = (statement.body, statement.orelse)
        if not handled or checks_at_end(statement):
            return False
    elif isinstance(statement, s.With):
        tried = (statement.body,)
    else:
        return False
    if any(map(returns, tried)):
        # it retries until it succeeds, or something else is checked after success
        return False
    later = [part for part in unswallowed(function.body)
             if part.span.line > statement.span.end_line]  # fmt: skip
    return not any(map(asserts, later))


def _always_gives_the_same(function: s.Function, connect: s.Try) -> bool:
    """Return whether a helper only connects, and gives the same constant whatever happens."""
    inner = connect.body[0]
    tried = inner.body if isinstance(inner, s.With) and len(connect.body) == 1 else ()
    ways = [tried, *(handler.body for handler in connect.handlers)]
    if function.body[-1] is not connect:
        ways.append(function.body[-1:])
    given = [_only_given(way) for way in ways]
    values = {one.value for one in given if one is not None}
    is_same = None not in given and len(values) == 1
    return is_same and not connect.orelse and not connect.final


def _only_given(body: s.Block) -> s.Const | None:
    """Return the constant that is all a block returns, and all that it does."""
    last = body[0] if len(body) == 1 else None
    value = last.value if isinstance(last, s.Return) else None
    return value if isinstance(value, s.Const) else None
