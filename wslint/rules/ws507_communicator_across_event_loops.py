"""A communicator is used in several event loops.

## What it does
Reports a `WebsocketCommunicator` that is connected in one event loop and used in another: in
several calls of `async_to_sync(…)()` or `asyncio.run(…)`, or connected in setUp or in a sync
fixture and used in the test. Where the project's asgiref is older than 3.9, also one that is only
made where no event loop runs.

## Why is this bad?
Each such call has an event loop of its own, and the application of a communicator is a task of the
loop in which it was started. When that loop ends, the task is cancelled: the next use raises
`CancelledError`, and the consumer's `disconnect()` never runs.

## Example
```python
def test_answer():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
    connected, _ = async_to_sync(communicator.connect)()
    assert connected
    async_to_sync(communicator.disconnect)()
```

## Use instead
```python
def test_answer():
    async def run_test():
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()

    async_to_sync(run_test)()
```

## Fix safety
Unsafe: what stood between the calls now runs inside a coroutine. There is no fix where the test may
use the database, which Django forbids there, where the communicator comes from a fixture or setUp,
and where something else than `async_to_sync(…)(…)` drives a coroutine.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: CancelledError at the second use; the fixed test passes. With
asgiref 3.7.2 and 3.8.1 the communicator can't even be made in a sync function.

## See also
- https://docs.djangoproject.com/en/stable/topics/async/#asgiref.sync.async_to_sync:
  each call has a loop of its own
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.connect_results import outcome
from wslint.rules.shared.loops import loop_of, one_coroutine
from wslint.timeline.model import Event, Resource, Timeline
from wslint.timeline.order import any_open, before, has_escaped, implies

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("channels", "asgiref")
)

_ENDS = frozenset(("disconnect", "wait", "receive_output"))


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the first use of each communicator in a second loop."""
    for made in timeline.resources:
        if made.role != "WebsocketCommunicator" or made.members:
            continue
        uses = [e for e in timeline.events_of("Communicator") if e.subject == made.id]
        second = _second_use(timeline, made, uses)
        if second is not None:
            yield _finding(timeline, made, uses[0], second)
        elif uses and _made_too_early(timeline, made):
            yield RULE.finding(
                made.origin.near(timeline.test.path),
                "this communicator is made where no event loop runs, and asgiref before 3.9 starts "
                "the application's task there: RuntimeError",
                "make it in the coroutine that uses it, or use a newer asgiref",
                fix="it has to be made in the coroutine that uses it",
                cause=f"communicator {made.id}",
            )


def _second_use(timeline: Timeline, made: Resource, uses: list[Event]) -> Event | None:
    """Give the first use that surely finds the application's loop gone."""
    if not uses or uses[0].name != "connect" or outcome(uses[0]) == "refused":
        return None
    first = uses[0]
    home = loop_of(timeline, first.at.lane)
    raises = timeline.scopes_of("Raises")
    if home is None or any_open(timeline, raises, first.at) is not False:
        return None
    for use in uses[1:]:
        loop = loop_of(timeline, use.at.lane)
        if loop is None or has_escaped(timeline, made.id, use.at):
            return None
        if loop == home:
            if use.name in _ENDS:
                return None  # the application has ended by itself, before its loop
            continue
        surely = before(timeline, first.at, use.at) and implies(use.at.path, first.at.path)
        expected = any_open(timeline, raises, use.at) is not False
        return use if surely and not expected else None
    return None


def _made_too_early(timeline: Timeline, made: Resource) -> bool:
    old = timeline.environment.version("asgiref") < (3, 9)
    return old and timeline.lanes[made.born.lane].kind == "main" and not made.escaped


def _finding(timeline: Timeline, made: Resource, first: Event, second: Event) -> Finding:
    path = timeline.test.path
    return RULE.finding(
        second.origin.near(path),
        f"{second.name}() runs in another event loop than the connect: the application was "
        "cancelled with the loop in which it was started, so this raises CancelledError",
        "connect, use and disconnect a communicator in one coroutine",
        labels=[
            Label(first.origin.near(path), "connected here, in a loop that has ended"),
            Label(made.origin.near(path), "the communicator is made here"),
        ],
        fix=one_coroutine(timeline) if _all_in_test(timeline, made) else _ELSEWHERE,
        cause=f"communicator {made.id}",
    )


_ELSEWHERE = "the communicator comes from a fixture, from setUp or from a helper"


def _all_in_test(timeline: Timeline, made: Resource) -> bool:
    """Tell whether the communicator is made and used in the body of the test alone."""
    uses = [e for e in timeline.events_of("Communicator") if e.subject == made.id]
    return all(map(timeline.test.holds, (made.origin, *(use.origin for use in uses))))
