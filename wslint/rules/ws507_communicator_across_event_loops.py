"""A communicator is used in several event loops.

## What it does
Reports a `WebsocketCommunicator` that is connected in one event loop and used in another: in
several calls of `async_to_sync(…)()` or `asyncio.run(…)`, connected in setUp or in a sync fixture
and used in the test, or connected in a fixture that pytest-asyncio runs in a loop of another scope
(`scope="module"`, `loop_scope`) than the test's. If the project's asgiref is older than 3.9, also
reports one that is created where no event loop runs.

## Why is this bad?
Each such call has its own event loop, and a communicator's application is a task of the loop in
which it was started. When that loop ends, the task is cancelled: the next use raises
`CancelledError`, and the consumer's `disconnect()` never runs. The loop of a fixture with a wider
scope has not ended, but does not run during the test: `Queue … is bound to a different event loop`.

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
Unsafe: the code between the calls now runs inside a coroutine, or the test is marked to run in the
loop of its fixture, which it shares with other tests. There is no fix if the test may use
the database, which Django forbids there, if the communicator comes from a fixture or setUp, or if
anything other than `async_to_sync(…)(…)` drives a coroutine, in the test or in what it calls.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: CancelledError at the second use; the fixed test passes. With
asgiref 3.7.2 and 3.8.1 the communicator cannot even be created in a sync function. pytest-asyncio
1.5.0: RuntimeError with a fixture of `scope="module"` or `loop_scope="module"`, and passes with
`asyncio(loop_scope="module")` or `asyncio_default_test_loop_scope = module`.

## See also
- https://docs.djangoproject.com/en/stable/topics/async/#asgiref.sync.async_to_sync:
  each call has its own loop
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.adapters import loop_of, one_coroutine
from wslint.rules.shared.code import callee
from wslint.rules.shared.connects import outcome
from wslint.syntax import nodes as s
from wslint.timeline.model import Event, Resource, Timeline
from wslint.timeline.order import has_escaped
from wslint.timeline.query import calls_of, follows, is_failure_expected, outermost

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("channels", "asgiref")
)

_MARK = ("pytest", "mark", "asyncio")
_ENDS = frozenset(("disconnect", "wait", "receive_output"))


@RULE.checks
def used_in_second_loop(timeline: Timeline) -> Iterator[Finding]:
    """Report the first use of each communicator in a second loop."""
    test = timeline.test
    for made in timeline.resources:
        if made.role != "WebsocketCommunicator" or made.members:
            continue
        born, uses = made.origin.nearest_place(test.path), calls_of(timeline, made)
        second = _second_use(timeline, made, uses)
        if second is not None:
            connected = uses[0].origin.nearest_place(test.path)
            in_test = all(map(test.holds, (made.origin, *(use.origin for use in uses))))
            elsewhere = "the communicator comes from a fixture, setUp or a helper"
            scope = _scope_of_loop(timeline, uses[0], second)
            if scope is None:
                effect, loop = "and is cancelled", "a loop that has ended"
                repair = (
                    "connect, use and disconnect a communicator in one coroutine; the application "
                    "is cancelled with the loop that started it"
                )
                fix = one_coroutine(timeline) if in_test else elsewhere
            else:
                effect, loop = "and fails", f"a loop of the {scope}"
                repair = f'run the test in the loop of its fixture: `asyncio(loop_scope="{scope}")`'
                fix = _in_loop(timeline, scope)
            yield RULE.finding(
                second.origin.nearest_place(test.path),
                f"{second.name}() runs in a different event loop than connect() {effect}",
                repair,
                labels=[
                    Label(connected, f"connected here, in {loop}"),
                    Label(born, "the communicator is created here"),
                ],
                fix=fix,
                cause=made,
            )
        elif uses and _is_created_too_early(timeline, made):
            yield RULE.finding(
                born,
                "communicator is created where no event loop runs, which asgiref before 3.9 needs",
                "create it in the coroutine that uses it, or use a newer asgiref",
                fix="it has to be created in the coroutine that uses it",
                cause=made,
            )


def _scope_of_loop(timeline: Timeline, *uses: Event) -> str | None:
    """Return the scope of the first use's loop, None if the runner doesn't run all of them."""
    lanes = [outermost(timeline, use.at.lane, inside=("task", "thread")) for use in uses]
    return lanes[0].scope if all(lane.adapter == "native" for lane in lanes) else None


def _in_loop(timeline: Timeline, scope: str) -> Fix | str:
    """Return the fix that marks the test to run in a loop of a scope."""
    test = timeline.test
    mark = next((d for d in test.function.decorators if callee(d) == _MARK), None)
    if mark is None or (isinstance(mark, s.Call) and mark.args):
        return "the test has no mark of its own for the scope of its loop"
    new = Code(f'{".".join(_MARK)}(loop_scope="{scope}")')
    action = ReplaceExpression(test.path, mark.span, new)
    return Fix("unsafe", "run the test in the loop of its fixture", (action,))


def _second_use(timeline: Timeline, made: Resource, uses: list[Event]) -> Event | None:
    """Return the first use that surely finds the application's loop gone."""
    if not uses or uses[0].name != "connect" or outcome(uses[0]) == "refused":
        return None
    first = uses[0]
    home = loop_of(timeline, first.at.lane)
    if home is None or is_failure_expected(timeline, first.at) is not False:
        return None
    for use in uses[1:]:
        loop = loop_of(timeline, use.at.lane)
        if loop is None or has_escaped(timeline, made.id, use.at):
            return None
        if loop != home:
            sure = follows(timeline, use.at, first.at)
            return use if sure and is_failure_expected(timeline, use.at) is False else None
        if use.name in _ENDS:
            return None  # the application has ended by itself, before its loop
    return None


def _is_created_too_early(timeline: Timeline, made: Resource) -> bool:
    old = timeline.environment.version("asgiref") < (3, 9)
    return old and timeline.lanes[made.born.lane].kind == "main" and not made.escaped
