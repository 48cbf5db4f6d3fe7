"""A refused connection would go unnoticed.

## What it does
Reports a `connect()` of a communicator whose result is asserted as a whole (a pair is always true),
or is dropped, or unpacked and never used, where nothing later in the test receives from the
communicator or asserts anything.

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
Channels 3.0.5, 4.1.0 and 4.3.2: for a consumer that refuses every connection these tests pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.actions import Action, BindResult, Code, InsertStatement, ReplaceExpression
from wslint.finding import Finding, Fix
from wslint.lower import script as s
from wslint.rules._connects import Outcome, connects
from wslint.rules.rule import Rule
from wslint.timeline.model import Event, Timeline

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
        fix = _fix(connect, outcome)
        yield RULE.finding(
            connect.origin.seen_from(timeline.test.path),
            message,
            "`connected, _ = await ….connect()`, then assert `connected`",
            fix=fix if isinstance(fix, Fix) else None,
            no_fix=fix if isinstance(fix, str) else "",
            test=timeline.test.qualname,
        )


def _noticed_later(timeline: Timeline, connect: Event) -> bool:
    received = any(
        event.subject == connect.subject and event.name.startswith(("receive_f", "receive_j"))
        for event in timeline.events_of("Communicator")
    )
    functions = {connect.facts.get("function"), timeline.test.function}
    return received or any(_asserts(f.body) for f in functions if isinstance(f, s.Function))


def _asserts(node: object) -> bool:
    """Tell whether anything is asserted, by statement or by one of unittest's methods."""
    if isinstance(node, s.Assert):
        return True
    if isinstance(node, s.Ref):
        return node.parts[-1].startswith(("assert", "raises", "fail"))
    if isinstance(node, tuple):
        return any(_asserts(item) for item in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(_asserts(getattr(node, name)) for name in fields)


def _fix(connect: Event, outcome: Outcome) -> Fix | str:
    statement, function = connect.facts["statement"], connect.facts.get("function")
    path = connect.origin.place.path
    title = "unpack the result and assert that the connection was accepted"
    if connect.origin.via or not isinstance(function, s.Function):
        return "the connect is in a helper"
    if outcome == "always true" and isinstance(statement, s.Assert):
        index = Code("({0})[0]")
        return Fix("unsafe", title, (ReplaceExpression(path, statement.test.span, index),))
    if outcome == "dropped" and isinstance(statement, s.Do):
        actions: tuple[Action, ...] = (
            BindResult(path, statement.value.span, "connected, _"),
            InsertStatement(path, statement.span, Code("assert connected")),
        )
        return Fix("unsafe", title, actions)
    return "the result is kept under a name that other code may use"


RULE = Rule(
    code="WS502",
    name="unasserted-connect",
    summary="a refused connection would go unnoticed",
    status="preview",
    fixable="sometimes",
    page=__doc__ or "",
    check=check,
    concerns=("channels",),
)
