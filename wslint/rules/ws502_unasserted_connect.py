"""A refused connection would go unnoticed.

## What it does
Reports a `connect()` of a communicator whose result is asserted as a whole (a pair is always true),
or is dropped, or unpacked and never used, where nothing later in the test receives from the
communicator or asserts anything but silence.

## Why is this bad?
`connect()` does not raise when the application refuses: it returns `(False, code)`. `assert await
communicator.connect()` passes for that too, because a pair that isn't empty is true.

## Example
```python
async def test_join(communicator):
    assert await communicator.connect()
```

## Use instead
```python
async def test_join(communicator):
    connected, _ = await communicator.connect()
    assert connected
```

## Fix safety
Unsafe: a test whose connection is refused fails now, as it should.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the tests pass with a consumer that refuses every connection, and
fail with the fix. `receive_nothing()` is true of a refused connection as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.actions import Action, BindResult, Code, InsertStatement, ReplaceExpression
from wslint.finding import Finding, Fix
from wslint.lower import script as s
from wslint.lower.search import mentions
from wslint.rules._connects import Outcome, asserted_true, connects, received_later
from wslint.rules.rule import Rule
from wslint.timeline.model import Event, Timeline
from wslint.timeline.order import before

_CHECKING = ("assert", "raises", "fail", "check", "verify", "expect", "ensure", "should")
_MESSAGES: dict[Outcome, str] = {
    "always true": "connect() returns a pair, which is true even when the connection is refused",
    "dropped": "the result of connect() is dropped, and nothing later would notice a refusal",
    "unused": "the result of connect() is never used, and nothing later would notice a refusal",
}


def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such connect."""
    for connect, outcome in connects(timeline):
        message = _MESSAGES.get(outcome)
        if message is None or timeline.resources[connect.subject or 0].escaped:
            continue
        if outcome != "always true" and _noticed_later(timeline, connect):
            continue
        fix = _fix(timeline, connect, outcome)
        yield RULE.finding(
            connect.origin.near(timeline.test.path),
            message,
            "`connected, _ = await ….connect()`, then assert `connected`",
            fix=fix,
            test=timeline.test.qualname,
        )


def _noticed_later(timeline: Timeline, connect: Event) -> bool:
    if received_later(timeline, connect):
        return True
    later = [a for a in timeline.asserts if before(timeline, connect.at, a.at) is not False]
    if any(asserted.node is None or not _of_silence(asserted.node.test) for asserted in later):
        return True
    functions = {connect.facts.get("function"), timeline.test.function}
    return any(_checks(f.body) for f in functions if isinstance(f, s.Function))


def _of_silence(test: s.Expr) -> bool:
    """Tell whether only silence is asserted, which a refused connection keeps as well."""
    call = test.value if isinstance(test, s.Await) else None
    func = call.func if isinstance(call, s.Call) else None
    return isinstance(func, s.Ref) and func.parts[-1] == "receive_nothing"


def _checks(node: object) -> bool:
    """Tell whether a name is called that says that it checks something: a mock's, a helper's."""
    if isinstance(node, s.Ref):
        return node.parts[-1].lstrip("_").startswith(_CHECKING)
    if isinstance(node, tuple):
        return any(map(_checks, node))
    fields = getattr(node, "__dataclass_fields__", ())
    return any(_checks(getattr(node, name)) for name in fields)


def _fix(timeline: Timeline, connect: Event, outcome: Outcome) -> Fix | str:
    function = connect.facts.get("function")
    whole = timeline.test.function.span
    if not isinstance(function, s.Function) or not whole.contains(function.span):
        return "the connect is in a helper"
    actions = _actions(timeline, connect, outcome)
    if isinstance(actions, str):
        return actions
    title = "unpack the result and assert that the connection was accepted"
    return Fix("unsafe", title, actions)


def _actions(timeline: Timeline, connect: Event, outcome: Outcome) -> tuple[Action, ...] | str:
    statement, path = connect.facts["statement"], connect.origin.place.path
    body, first = connect.facts["function"].body, Code("({0})[0]")
    given = asserted_true(statement)
    if given is not None:
        return (ReplaceExpression(path, given.span, first),)
    if isinstance(statement, s.Do):
        name = "accepted" if mentions(body, {"connected"}) else "connected"
        # where _ is gettext's, it must stay so
        other = "subprotocol" if _calls(body, "_") else "_"
        bind = BindResult(path, statement.value.span, f"{name}, {other}")
        return (bind, _assertion(timeline, path, statement, name))
    target = statement.targets[0]
    name_of = target.items[0] if isinstance(target, s.Seq) else target
    name = name_of.parts[0] if isinstance(name_of, s.Ref) else "_"
    if name == "_":
        return "the result is bound to `_`, which says that it is not wanted"
    actions: tuple[Action, ...] = ()
    if name_of is target:
        actions = (ReplaceExpression(path, statement.value.span, first),)
    if outcome != "always true":
        actions += (_assertion(timeline, path, statement, name),)
    return actions


def _assertion(timeline: Timeline, path: str, statement: s.Stmt, name: str) -> InsertStatement:
    """Assert as the test does: by statement, or in a test case by assertTrue."""
    test = timeline.test
    text = f"assert {name}"
    if test.kind == "method" and test.function.params:
        text = f"{test.function.params[0].name}.assertTrue({name})"
    return InsertStatement(path, statement.span, Code(text))


def _calls(node: object, name: str) -> bool:
    if isinstance(node, s.Call) and isinstance(node.func, s.Ref) and node.func.parts == (name,):
        return True
    if isinstance(node, tuple):
        return any(_calls(item, name) for item in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(_calls(getattr(node, field), name) for field in fields)


RULE = Rule(
    code="WS502",
    name="unasserted-connect",
    summary="a refused connection would go unnoticed",
    status="stable",
    fixable="sometimes",
    page=__doc__ or "",
    check=check,
    concerns=("channels",),
)
