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

## See also
- https://channels.readthedocs.io/en/stable/topics/testing.html:
  `connected, _ = await communicator.connect()`
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding
from wslint.rules.rule import Rule
from wslint.rules.shared.connect_fix import assert_connected
from wslint.rules.shared.connect_results import Outcome, connects, received_later
from wslint.syntax import nodes as s
from wslint.timeline.model import Event, Timeline
from wslint.timeline.order import before

RULE = Rule.of(__name__, __doc__, status="stable", fixable="sometimes", concerns=("channels",))

_CHECKING = ("assert", "raises", "fail", "check", "verify", "expect", "ensure", "should")
_MESSAGES: dict[Outcome, str] = {
    "always true": "connect() returns a pair, which is true even when the connection is refused",
    "dropped": "the result of connect() is dropped, and nothing later would notice a refusal",
    "unused": "the result of connect() is never used, and nothing later would notice a refusal",
}


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such connect."""
    for connect, outcome in connects(timeline):
        message = _MESSAGES.get(outcome)
        if message is None or timeline.resources[connect.subject or 0].escaped:
            continue
        if outcome != "always true" and _noticed_later(timeline, connect):
            continue
        fix = assert_connected(timeline, connect, outcome)
        yield RULE.finding(
            connect.origin.near(timeline.test.path),
            message,
            "`connected, _ = await ….connect()`, then assert `connected`",
            fix=fix,
        )


def _noticed_later(timeline: Timeline, connect: Event) -> bool:
    if received_later(timeline, connect):
        return True
    later = [a for a in timeline.asserts if before(timeline, connect.at, a.at) is not False]
    if any(asserted.node is None or not _of_silence(asserted.node.test) for asserted in later):
        return True
    functions = {connect.function, timeline.test.function}
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
