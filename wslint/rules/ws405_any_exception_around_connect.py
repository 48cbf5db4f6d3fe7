"""Any exception around `websocket_connect` is expected or swallowed.

## What it does
Reports `pytest.raises(Exception)` (or `assertRaises`) around a `websocket_connect`, where nothing
looks at the exception; and `except Exception:` around one, where the handler only passes, returns
or skips and nothing is asserted behind it.

## Why is this bad?
Such a test passes for an application that refuses the connection, for one that crashes, and for
one that has no such route; `except Exception: pass` also for one that lets everybody in, since a
failed `assert` is an exception too. It checks next to nothing.

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
Only shown: the test would fail where the application does not refuse with a code of its own. The
fix asserts that the code is not 1000, with which a route that does not exist closes; assert the
code that the application uses. `extend-unsafe-fixes = ["WS405"]` has the fix made all the same. An
application that answers with an HTTP response (a denial response) raises `WebSocketDenialResponse`,
which has a status and no code. For `except` there is no fix, since it can't be seen whether the
connection was to be accepted.

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

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.refusals import around_connects, assert_the_code, blocks_of, is_looked_at
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Scope, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="display-only", concerns=("starlette", "fastapi")
)

_BROAD = frozenset(("builtins.Exception", "builtins.BaseException"))
_SKIPS = frozenset(("skip", "skipTest", "print"))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such block."""
    for scope, socket in around_connects(timeline, "Raises"):
        if not _BROAD.isdisjoint(scope.expected) and not is_looked_at(scope):
            yield _finding(
                timeline,
                scope,
                socket,
                "any exception around this websocket passes for the refusal: the test also passes "
                "for an application that crashes, and for a route that does not exist",
                "expect `WebSocketDisconnect`, and assert the code with which the application "
                "refuses (1000 is that of a route that does not exist)",
            )
    for scope, socket in around_connects(timeline, "Try"):
        if not _BROAD.isdisjoint(scope.expected) and _swallows(scope):
            yield _finding(
                timeline,
                scope,
                socket,
                "whatever goes wrong with this websocket is swallowed, failed asserts too: the "
                "test passes whether the application refuses, crashes or has no such route",
                "connect without `except`; where a refusal is expected, in "
                "`pytest.raises(WebSocketDisconnect)`, and assert its code",
            )


def _finding(timeline: Timeline, scope: Scope, socket: Scope, message: str, help_: str) -> Finding:
    place = scope.origin.near(timeline.test.path)
    fix = (
        assert_the_code(timeline, scope, socket)
        if scope.kind == "Raises"
        else "whether the connection is to be accepted or refused is not known"
    )
    return RULE.finding(
        place,
        message,
        help_,
        labels=[Label(socket.origin.near(timeline.test.path), "the websocket is opened here")],
        fix=fix,
        cause=f"expected {scope.origin.place}",
    )


def _swallows(scope: Scope) -> bool:
    """Tell whether the test surely never learns what went wrong, or that anything did."""
    statement, function = scope.statement, scope.function
    if scope.frame != "test" or function is None:
        return False
    if isinstance(statement, s.Try):
        handled = all(_does_nothing(handler.body) for handler in statement.handlers)
        tried: tuple[s.Block, ...] = (statement.body, statement.orelse)
        if not handled or statement.final:
            return False
    elif isinstance(statement, s.With):
        tried = (statement.body,)
    else:
        return False
    if any(_leaves(block) for block in tried):
        # it tries until it succeeds, or something else is checked where it does
        return False
    behind = [part for part in _top(function.body) if part.span.line > statement.span.end_line]
    return not any(_asserts(part) for part in behind)


def _does_nothing(body: s.Block) -> bool:
    for statement in body:
        if isinstance(statement, s.Return) and statement.value is None:
            continue
        value = statement.value if isinstance(statement, s.Do) else None
        if isinstance(value, (s.Const, s.Op)) and not isinstance(value, s.Call):
            continue
        if not isinstance(value, s.Call) or not mentions(value.func, _SKIPS):
            return False
    return True


def _leaves(body: s.Block) -> bool:
    return any(
        isinstance(statement, (s.Return, s.Jump))
        or any(_leaves(block) for block in blocks_of(statement))
        for statement in body
    )


def _top(body: s.Block) -> Iterator[s.Stmt]:
    """Give the statements of a body, and those inside its blocks, that no ``try`` swallows."""
    for statement in body:
        yield statement
        if not isinstance(statement, (s.Try, s.Function, s.Class)):
            for block in blocks_of(statement):
                yield from _top(block)


def _asserts(statement: s.Stmt) -> bool:
    """Tell whether a statement checks something."""
    if isinstance(statement, (s.Assert, s.Raise)):
        return True
    if isinstance(statement, s.With):
        return any(_is_check(item.value) for item in statement.items)
    return isinstance(statement, s.Do) and _is_check(statement.value)


def _is_check(expr: s.Expr) -> bool:
    func = expr.func if isinstance(expr, s.Call) else None
    name = (
        func.parts[-1] if isinstance(func, s.Ref) else func.name if isinstance(func, s.Attr) else ""
    )
    return name.startswith(("assert", "check", "verify", "expect", "fail", "raises"))
