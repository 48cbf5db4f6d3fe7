"""The result of `connect()` is dropped, so a refusal shows late or not at all.

## What it does
Reports a `connect()` of a communicator whose result is dropped, or unpacked and never used, if the
test receives something from the communicator later, or from another one what this one sends, or if
it asks only for silence. If nothing later would reveal a refusal, see WS502. Not reported where a
test calls the result that a helper returns `_`: it says that it doesn't want it.

## Why is this bad?
`connect()` does not raise when the application refuses. The test continues, and fails at the next
receive with a timeout that does not mention the refused connection. Or it passes: a consumer that
closes in `connect()` still gets what the test sends, and answers.

## Example
```python
async def test_answer(communicator):
    await communicator.connect()
    assert await communicator.receive_from() == "hello"
```

## Use instead
```python
async def test_answer(communicator):
    connected, _ = await communicator.connect()
    assert connected
    assert await communicator.receive_from() == "hello"
```

## Fix safety
Unsafe: a test that expects the refusal in another way now fails.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: a test that sends and receives passes with a consumer that refuses
every connection; with the fix it fails. If nothing answers, the receive ends with TimeoutError.

## See also
- https://channels.readthedocs.io/en/stable/topics/testing.html:
  `connected, _ = await communicator.connect()`
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding
from wslint.rules.rule import Rule
from wslint.rules.shared.connect_assertions import assertions
from wslint.rules.shared.connects import (
    HELP,
    connects,
    dropped_at,
    is_discarded,
    is_tolerated,
    received_later,
)
from wslint.timeline.model import Event, Timeline
from wslint.timeline.query import calls_of, is_failure_expected, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", yields_to=("WS502",),
    concerns=("channels",),
)  # fmt: skip

_WHAT = {"dropped": "dropped", "unused": "never used"}


@RULE.checks
def refusal_shows_late(timeline: Timeline) -> Iterator[Finding]:
    """Report each such connect."""
    for connect, outcome in connects(timeline):
        received = received_later(timeline, connect) or _received_by_others(timeline, connect)
        received = received or _silence(timeline, connect)
        received = [one for one in received if not is_tolerated(timeline, one)]
        if outcome not in ("dropped", "unused") or not received:
            continue
        if subject_of(timeline, connect).escaped or is_discarded(timeline, connect):
            continue
        if any(is_failure_expected(timeline, e.at) is not False for e in (connect, *received)):
            continue
        fix, *others = assertions(timeline, connect, outcome)
        dropped = dropped_at(timeline, connect)
        yield RULE.finding(
            dropped.nearest_place(timeline.test.path),
            f"the result of connect() is {_WHAT[outcome]}, so a refusal shows late or not at all",
            HELP,
            fix=fix,
            alternatives=others,
            cause=f"connect {dropped.place}",
        )


def _silence(timeline: Timeline, connect: Event) -> list[Event]:
    """Return where a test asks for silence, which a refused connection keeps as well."""
    made = subject_of(timeline, connect)
    return [call for call in calls_of(timeline, made) if call.name == "receive_nothing"]


def _received_by_others(timeline: Timeline, connect: Event) -> list[Event]:
    """Return what other communicators receive after this one has sent something."""
    events = timeline.events_of("Communicator")
    own = [event for event in events if event.subject == connect.subject]
    sent = [event.at.index for event in own if event.name.startswith("send")]
    return [
        event
        for event in events
        if event.subject != connect.subject
        and event.name in ("receive_from", "receive_json_from")
        and sent
        and event.at.index > sent[0]
    ]
