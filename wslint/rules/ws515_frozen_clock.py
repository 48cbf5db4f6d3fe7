"""A frozen clock, under which no sleep and no timeout of a communicator's test ends.

## What it does
Reports freezegun's `freeze_time` (decorator, `with`, `start()`) and the fixture `freezer` of
pytest-freezer around a communicator, if something there needs the time to pass:
`receive_nothing()`, `asyncio.sleep()`, a receive that should time out, or a consumer that sleeps
outside of its own tasks. Not reported with `tick=True` or an `ignore` list with `"asgiref"`; with
`real_asyncio=True` only `receive_nothing()` is.

## Why is this bad?
freezegun replaces `time.monotonic`, which is the clock of the event loop. It stands still, so what
waits for a time waits forever: the test hangs, even where a timeout should end it.
`receive_nothing()` looks at `time.monotonic` itself, so `real_asyncio=True` does not help there.
Moving the clock (`freezer.tick()`, `move_to()`) ends only what already sleeps.

## Example
```python
@freeze_time("2026-01-01")
async def test_silence(communicator):
    assert await communicator.receive_nothing()
```

## Use instead
```python
@freeze_time("2026-01-01", real_asyncio=True, ignore=["asgiref"])
async def test_silence(communicator):
    assert await communicator.receive_nothing()
```

## Fix safety
Unsafe: the event loop's clock runs again. `real_asyncio` needs freezegun 1.5; before, use
`tick=True`. There is no fix where `ignore` is set, or for the fixture: its mark is
`@pytest.mark.freeze_time(…, ignore=[…])`.

## Evidence
freezegun 1.5.5, Channels 4.3.2, asgiref 3.13.0: `receive_nothing()`, `asyncio.sleep(0.05)` in test
or consumer, and `receive_from(timeout=0.05)` without a message hang under `freeze_time()`, and pass
with `tick=True`, or `real_asyncio=True, ignore=["asgiref"]`. With `real_asyncio=True` alone
`receive_nothing()` hangs. With `ignore=["asgiref"]` alone every communicator times out at once.

## See also
- https://github.com/spulec/freezegun/issues/290: a consumer that sleeps under a frozen clock
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import AddArgument, Code
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import called_name, callee
from wslint.syntax import nodes as s
from wslint.syntax.search import refs, walk
from wslint.timeline.model import Event, Resource, Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import lane_outside_tasks, subject_of
from wslint.vocabulary import RECEIVES

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("channels", "freezegun")
)

# the position of freeze_time's argument
_IGNORE = 2
# what they run may wait while the consumer answers
_TASKS = frozenset(("create_task", "ensure_future"))


@RULE.checks
def frozen_clock(timeline: Timeline) -> Iterator[Finding]:
    """Report each such freeze, with the first wait that does not end."""
    path = timeline.test.path
    for frozen in timeline.scopes_of("Frozen"):
        freeze = subject_of(timeline, frozen)
        found = next(_endless_waits(timeline, frozen, freeze.clock), None)
        if found is not None:
            wait, why = found
            yield RULE.finding(
                frozen.origin.nearest_place(path),
                f"the clock stands still, so {why} does not end",
                'let it run for the event loop: `real_asyncio=True, ignore=["asgiref"]`',
                labels=[Label(wait.origin.nearest_place(path), "this waits forever")],
                fix=_fix(freeze),
                cause=freeze,
            )


def _endless_waits(timeline: Timeline, frozen: Scope, clock: str) -> Iterator[tuple[Event, str]]:
    """Yield each wait under a freeze that surely needs the time to pass."""
    if clock not in ("frozen", "asyncio"):
        return
    used = {event.subject for event in timeline.events_of("Communicator")}
    for event in timeline.events if used else ():
        in_loop = lane_outside_tasks(timeline, event.at.lane).kind == "loop"
        if not in_loop or is_open(timeline, frozen, event.at) is not True:
            continue
        if event.kind == "Communicator" and event.name == "receive_nothing":
            yield event, "`receive_nothing()`"
        elif clock == "asyncio":
            continue
        elif event.kind == "Sleep":
            yield event, f"`{event.name}()`"
        elif event.kind == "Communicator" and event.name in RECEIVES:
            if _should_time_out(timeline, event):
                yield event, "the receive that should time out"
            elif _consumer_waits(timeline, event):
                yield event, "the wait of the consumer"


def _should_time_out(timeline: Timeline, receive: Event) -> bool:
    return any(
        all(name.endswith("TimeoutError") for name in scope.expected)
        and bool(scope.expected)
        and is_open(timeline, scope, receive.at) is True
        for scope in timeline.scopes_of("Raises")
    )


def _consumer_waits(timeline: Timeline, receive: Event) -> bool:
    """Return whether all consumers that a communicator may reach are seen to sleep."""
    consumers = subject_of(timeline, receive).consumers
    return bool(consumers) and all(
        consumer.node is not None and _sleeps(consumer.node) for consumer in consumers
    )


def _sleeps(consumer: s.Class) -> bool:
    """Return whether a method that answers sleeps in the event loop; a thread's sleep ends."""
    calls = [node for node in walk(consumer) if isinstance(node, s.Call)]
    tasks = [call for call in calls if called_name(call) in _TASKS]
    elsewhere = {ref.parts[-1] for call in tasks for ref in refs(call.args)} | {"disconnect"}
    return any(
        isinstance(node, s.Call) and _is_sleep(node)
        for part in consumer.body
        if not (isinstance(part, s.Function) and (not part.is_async or part.name in elsewhere))
        for node in walk(part)
    )


def _is_sleep(call: s.Call) -> bool:
    now = [isinstance(arg.value, s.Const) and not arg.value.value for arg in call.args[:1]]
    return called_name(call) == "sleep" and callee(call) != ("time", "sleep") and now != [True]


def _fix(freeze: Resource) -> Fix | str:
    """Return the fix that adds the arguments, if the call has none of them yet."""
    node = freeze.node
    if node is None or not isinstance(node.func, s.Ref):
        return "the clock is frozen by a fixture or plugin"
    positional = [arg for arg in node.args if not arg.keyword]
    if len(positional) > _IGNORE or any(
        arg.star or arg.keyword in ("ignore", "real_asyncio") for arg in node.args
    ):
        return "the call has other arguments, which may be needed"
    path = freeze.origin.place.path
    actions = (
        AddArgument(path, node.span, "real_asyncio", Code("True")),
        AddArgument(path, node.span, "ignore", Code('["asgiref"]')),
    )
    return Fix("unsafe", "leave the event loop's clock running", actions)
