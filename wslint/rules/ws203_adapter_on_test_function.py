"""A test function is decorated with an async adapter, so pytest does not run it.

## What it does
Reports a test function, or a test method of a plain class, that is decorated with
`@async_to_sync`, `@sync_to_async` or `@database_sync_to_async`, where it opens a socket or uses a
communicator or an override. Not the methods of a TestCase, where adapters work, and not a function
that other code of the file names: it may be called there.

## Why is this bad?
What the name stands for is an adapter's object. pytest does not collect one of `async_to_sync` (it
only warns), so the test silently never runs; with a patch or an override above it the whole file
fails at collection. One of `sync_to_async` is skipped up to pytest 8 and fails from pytest 9 on.

## Example
```python
@pytest.mark.django_db
@async_to_sync
async def test_echo():
    communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.disconnect()
```

## Use instead
```python
@pytest.mark.django_db
@mock.patch("channels.db.close_old_connections", new=mock.Mock())
def test_echo():
    async def run_test():
        communicator = WebsocketCommunicator(EchoConsumer.as_asgi(), "/ws/echo/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()

    async_to_sync(run_test)()
```

## Fix safety
Unsafe: the test runs now, and may fail. Where it uses a communicator inside a transaction, the
patch that keeps the connection open comes with the fix.

## Evidence
pytest 7.4, 8.3 and 9.2: `cannot collect … because it is not a function`; under a patch or an
override `no signature found for builtin`; with `sync_to_async` skipped, or `async def functions are
not natively supported`, in asyncio mode auto as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, MakeSync, RemoveDecorator
from wslint.findings.finding import Finding, Fix
from wslint.rules.rule import Rule
from wslint.rules.shared.keepalive import uses_communicator
from wslint.rules.shared.keepalive_fix import add_keepalive
from wslint.rules.shared.overrides import ASYNC_TO_SYNC, asyncio_marks, decorator_of_test
from wslint.timeline.model import NeverRuns, Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("asgiref",), never_runs=True
)


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report the adapter."""
    idle = timeline.never_runs
    if idle is None or idle.kind != "adapter" or idle.by is None:
        return
    own = _index(timeline, idle)
    yield RULE.finding(
        idle.place if own is None else idle.by,
        f"this adapter makes {timeline.test.function.name} an object that is no function: pytest "
        "does not collect it, skips it or fails on it, so it tests nothing",
        "write a sync test that drives an inner coroutine with async_to_sync, or an `async def` "
        "with its asyncio mark",
        fix=_fix(timeline, own),
    )


def _index(timeline: Timeline, idle: NeverRuns) -> int | None:
    """Give the index of the adapter among the decorators of the test."""
    if idle.by is None or idle.by.path != timeline.test.path:
        return None
    return decorator_of_test(timeline, idle.by.span)


def _fix(timeline: Timeline, index: int | None) -> Fix | str:
    test, function = timeline.test, timeline.test.function
    if index is None:
        return "the adapter is in a decorator of the project's own"
    if test.async_fixtures:
        return f"the test uses an async fixture ({test.async_fixtures[0]})"
    adapter = function.decorators[index]
    actions: list[Action] = [RemoveDecorator(test.path, function.name_span, adapter.span)]
    actions += [
        RemoveDecorator(test.path, function.name_span, mark.span)
        for mark in asyncio_marks(function)
    ]
    if uses_communicator(timeline):
        actions += add_keepalive(timeline, function.name_span, index)
    if not function.is_async:
        return Fix(
            "unsafe", "drop the adapter: the body is sync", tuple(actions), reveals=(test.qualname,)
        )
    call = Code("{a}", (ASYNC_TO_SYNC,))
    actions.append(MakeSync(test.path, function.name_span, call, "run_test"))
    title = "make it a sync test that drives its body with async_to_sync"
    return Fix("unsafe", title, tuple(actions), reveals=(test.qualname,))
