"""A refused connection would go unnoticed.

## What it does
Reports a `connect()` of a communicator whose result is asserted as a whole (a pair is always true)
or in a way that holds for a refusal, too: `connected is not None`, `connected in (True, False)`.
Also one whose result is dropped, or unpacked and never used, or only asked by an `if` without
`else`, if nothing else in the test receives from the communicator or asserts anything but silence.
A receive that may fail unnoticed reveals nothing, nor does what is missing among its messages.

## Why is this bad?
`connect()` does not raise when the application refuses: it returns `(False, code)`. `assert await
communicator.connect()` passes for that too, because a non-empty pair is true.

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
Unsafe: a test whose connection is refused now fails, as it should. There is no fix if the test
means a refusal, and the consumer may accept before it closes.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the tests pass with a consumer that refuses every connection, and
fail with the fix. `receive_nothing()` is true for a refused connection as well.

## See also
- https://channels.readthedocs.io/en/stable/topics/testing.html:
  `connected, _ = await communicator.connect()`
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wslint.findings.finding import Finding
from wslint.rules.rule import Rule
from wslint.rules.shared.code import assigned_name, callee, simple_name
from wslint.rules.shared.connect_assertions import assertions
from wslint.rules.shared.connects import (
    HELP,
    Outcome,
    connects,
    dropped_at,
    guards_of,
    is_tolerated,
    is_under,
    received_later,
)
from wslint.rules.shared.expectations import asserted
from wslint.syntax import nodes as s
from wslint.syntax.search import refs, remembering_last, statements
from wslint.timeline.model import Asserted, Event, Timeline
from wslint.timeline.order import before
from wslint.timeline.query import asserts_of, is_failure_swallowed, subject_of

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS410",),
    concerns=("channels",),
)  # fmt: skip

_CHECKING = ("assert", "raises", "fail", "check", "verify", "expect", "ensure", "should")
_MESSAGES: dict[Outcome, str] = {
    "always true": "what is asserted of connect() is true even if the connection is refused",
    "guards": "nothing is checked if the connection is refused, so that goes unnoticed",
    "dropped": "the result of connect() is dropped, so a refusal goes unnoticed",
    "unused": "the result of connect() is never used, so a refusal goes unnoticed",
}


@RULE.checks
def refusal_goes_unnoticed(timeline: Timeline) -> Iterator[Finding]:
    """Report each such connect."""
    for connect, outcome in connects(timeline):
        message = _MESSAGES.get(outcome)
        if message is None or subject_of(timeline, connect).escaped:
            continue
        if outcome != "always true" and is_failure_swallowed(timeline, connect.at):
            continue
        if outcome == "always true" or not _is_noticed_later(timeline, connect, outcome):
            dropped = dropped_at(timeline, connect)
            place = dropped.nearest_place(timeline.test.path)
            fix, *others = assertions(timeline, connect, outcome)
            cause = f"connect {dropped.place}"
            yield RULE.finding(place, message, HELP, fix=fix, alternatives=others, cause=cause)


def _is_noticed_later(timeline: Timeline, connect: Event, outcome: Outcome) -> bool:
    guards = guards_of(connect) if outcome == "guards" else []
    if outcome == "guards" and not guards:
        return True
    tolerated: list[Event] = []
    for receive in received_later(timeline, connect):
        if not is_tolerated(timeline, receive) and not is_under(receive.origin, guards):
            return True
        tolerated.append(receive)
    if any(
        not _is_silence(timeline, _tested(timeline, one), tolerated)
        and before(timeline, connect.at, one.at) is not False
        and not is_under(one.origin, guards)
        for one in asserts_of(timeline, connect)
    ):
        return True
    function = connect.function
    return _checks(timeline.test.function) or (function is not None and _checks_too(function))


def _tested(timeline: Timeline, one: Asserted) -> s.Expr | None:
    """Return what is asserted to be true, also by a method of unittest in the test."""
    if one.node is not None:
        return one.node.test
    span = one.origin.place.span if one.origin is not None else None
    body = statements(timeline.test.function.body)
    found = (each for each in body if isinstance(each, s.Do) and each.value.span == span)
    return next(map(asserted, found), None)


def _names_a_check(function: s.Function) -> bool:
    """Return whether the name of a mock's method, or of a helper, says that it checks something."""
    return any(ref.parts[-1].lstrip("_").startswith(_CHECKING) for ref in refs(function.body))


# of the test, and of the function with the connect
_checks, _checks_too = remembering_last(_names_a_check), remembering_last(_names_a_check)


def _is_silence(timeline: Timeline, test: s.Expr | None, tolerated: Sequence[Event]) -> bool:
    """Return whether only silence is asserted, which a refused connection keeps as well.

    That is also what is asserted to be missing among messages whose receive may fail.
    """
    if isinstance(test, s.Compare) and test.ops in (("is",), ("==",)):
        is_true = isinstance(test.rights[0], s.Const) and test.rights[0].value is True
        return is_true and _is_silence(timeline, test.left, tolerated)
    if isinstance(test, s.Compare) and test.ops == ("not in",):
        return any(_are_received_by(timeline, test.rights[0], receive) for receive in tolerated)
    call = test.value if isinstance(test, s.Await) else None
    return isinstance(call, s.Call) and callee(call)[-1:] == ("receive_nothing",)


def _are_received_by(timeline: Timeline, messages: s.Expr, receive: Event) -> bool:
    """Return whether an expression is what a receive, or a helper with it, has given."""
    path = timeline.test.path
    if receive.origin.seen_inside(path, messages.span) is not None:
        return True
    name = simple_name(messages)
    given = [one for one in statements(timeline.test.function.body)
             if name and assigned_name(one) == name]  # fmt: skip
    return any(receive.origin.seen_inside(path, one.span) is not None for one in given)
