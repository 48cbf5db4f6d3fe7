"""A call blocks the event loop in which a consumer must run.

## What it does
Reports `time.sleep()`, a sync HTTP call (requests, httpx, urllib) and a wait of `threading` or
`queue` in a coroutine, while a communicator is connected. Not reported in a thread
(`asyncio.to_thread`, `sync_to_async`), nor where the call is patched.

## Why is this bad?
The consumer runs as a task in the same event loop. Nothing else runs in it until the call returns:
the consumer cannot receive what was sent, nor do anything within the time that the test gives it.
The test waits for nothing, and what it then asserts is the state before. If the call waits for
something that the consumer does, the test hangs.

## Example
```python
async def test_answer(communicator):
    await communicator.send_to("ping")
    time.sleep(1)
    assert log == ["ping"]
```

## Use instead
```python
async def test_answer(communicator):
    await communicator.send_to("ping")
    await asyncio.sleep(1)
    assert log == ["ping"]
```

It is better to wait for something that the consumer sends: `await communicator.receive_from()`.

## Fix safety
`time.sleep` becomes `await asyncio.sleep`: unsafe, since the consumer runs meanwhile. Other calls
can run in a thread, `await asyncio.to_thread(requests.get, url)`, and have no fix.

## Evidence
Channels 4.3.2: a message that was sent 0.2 s before has not been received after `time.sleep(0.2)`,
and has been after `asyncio.sleep(0.2)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, ReplaceExpression, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, walk
from wslint.timeline.model import Event, Moment, Scope, Timeline
from wslint.timeline.order import is_open
from wslint.timeline.query import lane_outside_tasks, subject_of

RULE = Rule.of(__name__, __doc__, status="preview", fixable="sometimes", concerns=("channels",))

_SLEEP = Symbol("asyncio.sleep", module="asyncio", name="")
_MOCKS = frozenset(
    ("responses", "respx", "httpretty", "requests_mock", "respx_mock", "httpx_mock", "vcr",
     "mocked_responses", "freeze_time", "pytest_httpx")
)  # fmt: skip
_SHARED_LOOP = ("native", "django", "run_until_complete")


@RULE.checks
def blocking_call(timeline: Timeline) -> Iterator[Finding]:
    """Report each such call."""
    test = timeline.test
    is_mocked = not _MOCKS.isdisjoint(test.fixtures) or mentions(test.function, _MOCKS)
    calls = timeline.events_of("Blocking")
    for call in () if is_mocked else calls:
        name = call.name.rpartition(".")[2]
        if call.node is None or _takes_no_time(call.node) or _is_patched(timeline, name):
            continue
        for communicator in timeline.scopes_of("Communicator"):
            if _must_run(timeline, communicator, call.at):
                opened = communicator.origin.nearest_place(test.path)
                yield RULE.finding(
                    call.origin.nearest_place(test.path),
                    f"`{call.name}` blocks the event loop, so the consumer does not run meanwhile",
                    "use `await asyncio.sleep(…)`, or run the call in a thread with "
                    "`await asyncio.to_thread(…)`",
                    labels=[Label(opened, "the consumer runs in this event loop")],
                    fix=_fix(call),
                    cause=f"blocking {call.origin.place}",
                )
                break


def _must_run(timeline: Timeline, communicator: Scope, at: Moment) -> bool:
    """Return whether a communicator's application surely runs in the loop of a moment."""
    here = lane_outside_tasks(timeline, at.lane)
    there = lane_outside_tasks(timeline, communicator.opened.lane)
    same = here is there or (here.adapter == there.adapter and here.adapter in _SHARED_LOOP)
    is_websocket = subject_of(timeline, communicator).role != "HttpCommunicator"
    return (
        here.kind == "loop"
        and same
        and is_websocket
        and is_open(timeline, communicator, at) is True
    )


def _takes_no_time(call: s.Call) -> bool:
    given = call.args[0].value if call.args else None
    return isinstance(given, s.Const) and given.value == 0


def _is_patched(timeline: Timeline, name: str) -> bool:
    """Return whether the test may have replaced a function of this name."""
    by_mock = any(r.role == "Patch" and r.name.endswith(name) for r in timeline.resources)
    return by_mock or any(
        callee(node)[-1:] == ("setattr",) and any(_names(arg.value, name) for arg in node.args)
        for node in walk(timeline.test.function)
        if isinstance(node, s.Call)
    )


def _names(expr: s.Expr, name: str) -> bool:
    return isinstance(expr, s.Const) and str(expr.value).endswith(name)


def _fix(call: Event) -> Fix | str:
    node, function = call.node, call.function
    if call.name != "time.sleep" or node is None:
        return "whether the call may run in a thread is not known"
    if function is None or not function.is_async:
        return "the call is in a sync function"
    given = node.args[0].value if len(node.args) == 1 else None
    if isinstance(given, s.Const):
        text = str(given.value)
    elif isinstance(given, s.Ref):
        text = ".".join(given.parts)
    else:
        return "the duration is computed"
    code = Code(f"await {{a}}({text})", (_SLEEP,))
    action = ReplaceExpression(call.origin.place.path, node.span, code)
    return Fix("unsafe", "sleep in the event loop", (action,))
