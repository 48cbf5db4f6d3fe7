"""A test function is decorated with an async adapter, so pytest does not run it.

## What it does
Reports a test function, or a test method of a plain class, that is decorated with
`@async_to_sync`, `@sync_to_async` or `@database_sync_to_async`, if it opens a socket or uses a
communicator or an override. Methods of a TestCase, where adapters work, are not reported, nor are
functions that other code of the file refers to and may call.

## Why is this bad?
The decorated name is an adapter object, not a function. pytest does not collect the object of
`async_to_sync`: it only warns, so the test silently never runs. With a patch or an override above
it, the collection of the whole file fails. The object of `sync_to_async` is skipped up to pytest 8
and fails from pytest 9 on.

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
Unsafe: the test now runs, and may fail. If it uses a communicator inside a transaction, the fix
also adds the patch that keeps the connection open.

## Evidence
pytest 7.4, 8.3 and 9.2: `cannot collect … because it is not a function`; under a patch or an
override `no signature found for builtin`; with `sync_to_async` it is skipped, or fails with `async
def functions are not natively supported`, in asyncio mode auto as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, Code, MakeSync, RemoveDecorator
from wslint.findings.finding import Finding, Fix
from wslint.rules.rule import Rule
from wslint.rules.shared.adapters import decorator_of_test, without_asyncio_marks
from wslint.rules.shared.database import add_keepalive, needs_keepalive
from wslint.rules.shared.fixes import ASYNC_TO_SYNC
from wslint.timeline.model import Timeline

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", concerns=("asgiref",), never_runs=True
)


@RULE.checks
def adapter_on_test(timeline: Timeline) -> Iterator[Finding]:
    """Report the adapter."""
    test, reason = timeline.test, timeline.never_runs
    if reason is None or reason.kind != "adapter" or reason.by is None:
        return
    here = reason.by.path == test.path
    own = decorator_of_test(timeline, reason.by.span) if here else None
    yield RULE.finding(
        reason.place if own is None else reason.by,
        f"this adapter turns {test.function.name} into an object that pytest does not run",
        "write a sync test that drives an inner coroutine with `async_to_sync`, or an `async def` "
        "with an asyncio mark",
        fix=_fix(timeline, own),
    )


def _fix(timeline: Timeline, index: int | None) -> Fix | str:
    test, function = timeline.test, timeline.test.function
    if index is None:
        return "the adapter is inside one of the project's own decorators"
    if test.async_fixtures:
        return f"the test uses an async fixture ({test.async_fixtures[0]})"
    adapter, target = function.decorators[index], function.name_span
    actions: list[Action] = [RemoveDecorator(test.path, target, adapter.span)]
    actions += without_asyncio_marks(timeline)
    if needs_keepalive(timeline):
        actions += add_keepalive(timeline, target, index)
    title = "remove the adapter: the body is sync"
    if function.is_async:
        actions.append(MakeSync(test.path, target, Code("{a}", (ASYNC_TO_SYNC,)), "run_test"))
        title = "make it a sync test that drives its body with async_to_sync"
    return Fix("unsafe", title, tuple(actions), reveals=(test.qualname,))
