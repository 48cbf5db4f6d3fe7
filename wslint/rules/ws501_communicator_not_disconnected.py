"""An accepted websocket communicator is never disconnected.

## What it does
Reports a `WebsocketCommunicator` whose `connect()` is asserted to be accepted, and that nothing
disconnects: neither the test, nor a fixture, tearDown, context manager or helper. Not where the
application ends by itself (`wait()`, `receive_output()`).

## Why is this bad?
The consumer's `disconnect()` never runs, so what it should do there is never tested, and the
application's task stays behind until the event loop is closed: groups are not left, and later tests
may receive its messages or see its database connection.

## Example
```python
async def test_join():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
    connected, _ = await communicator.connect()
    assert connected
```

## Use instead
```python
async def test_join():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/chat/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.disconnect()
```

## Fix safety
Unsafe: the consumer's disconnect code now runs. In a sync test inside a transaction it would close
the test's connection, so the patch that keeps it open comes with the fix.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the test passes, `disconnect()` of the consumer never runs, and no
warning is seen.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.actions import Action, AddDecorator, Code, InsertStatement
from wslint.finding import Finding, Fix, Label
from wslint.lower import script as s
from wslint.rules._connects import connects
from wslint.rules._keepalive import (
    KEEPALIVE,
    driven_communicators,
    has_keepalive,
    in_transaction,
)
from wslint.rules.rule import Rule
from wslint.timeline.model import Event, Timeline
from wslint.timeline.order import any_open

_ENDS = frozenset(("disconnect", "wait", "receive_output"))


def check(timeline: Timeline) -> Iterator[Finding]:
    """Report each such communicator."""
    for connect, outcome in connects(timeline):
        if outcome != "accepted" or connect.subject is None or connect.at.path:
            continue
        if any_open(timeline, timeline.scopes_of("Raises"), connect.at) is not False:
            continue  # the failure of the connect is what the test expects
        made = timeline.resources[connect.subject]
        if made.role != "WebsocketCommunicator" or made.escaped or made.members:
            continue
        scopes = [s for s in timeline.scopes_of("Communicator") if s.subject == made.id]
        uses = [e for e in timeline.events_of("Communicator") if e.subject == made.id]
        if any(scope.closings for scope in scopes) or _ENDS & {use.name for use in uses}:
            continue
        if _has_unawaited_disconnect(timeline, made.id):
            continue  # WS503
        if any(use.at.path for use in uses):
            continue  # a receive inside a try or branch may be the one that sees the close
        fix = _fix(timeline, connect)
        yield RULE.finding(
            made.origin.seen_from(timeline.test.path),
            "this communicator is accepted and never disconnected: the consumer's disconnect() "
            "does not run, and its task stays behind for the tests that follow",
            "end the test with `await communicator.disconnect()`",
            labels=[Label(connect.origin.seen_from(timeline.test.path), "connected here")],
            fix=fix if isinstance(fix, Fix) else None,
            no_fix=fix if isinstance(fix, str) else "",
            test=timeline.test.qualname,
            cause=f"communicator {made.id}",
        )


def _has_unawaited_disconnect(timeline: Timeline, subject: int) -> bool:
    return any(
        call.subject == subject and call.name == "disconnect"
        for call in timeline.events_of("Coroutine")
    )


def _fix(timeline: Timeline, connect: Event) -> Fix | str:
    function, receiver = connect.facts.get("function"), connect.facts.get("receiver")
    if not isinstance(function, s.Function) or not function.is_async or not receiver:
        return "the connect is not awaited by name in an async function"
    if connect.origin.via or connect.facts.get("statement") not in function.body:
        return "the communicator is connected in a helper or a block"
    last = function.body[-1]
    code = Code(f"await {'.'.join(receiver)}.disconnect()")
    after = not isinstance(last, (s.Return, s.Raise))
    actions: list[Action] = [
        InsertStatement(connect.origin.place.path, last.span, code, after=after)
    ]
    test = timeline.test
    for scope in driven_communicators(timeline):
        inside = scope.subject == connect.subject and in_transaction(timeline, scope)
        if inside and not has_keepalive(timeline, scope):
            actions.append(AddDecorator(test.path, test.function.name_span, KEEPALIVE))
            break
    return Fix("unsafe", "disconnect at the end", tuple(actions))


RULE = Rule(
    code="WS501",
    name="communicator-not-disconnected",
    summary="an accepted websocket communicator is never disconnected",
    status="preview",
    fixable="sometimes",
    page=__doc__ or "",
    check=check,
    concerns=("channels",),
)
