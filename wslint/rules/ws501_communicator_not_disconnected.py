"""An accepted websocket communicator is never disconnected.

## What it does
Reports a `WebsocketCommunicator` that is connected, as an assert or a message that it receives
shows, and that nothing disconnects: neither the test, nor a fixture, tearDown, context manager or
helper. Communicators whose application ends by itself (`wait()`, `receive_output()`) are not
reported.

## Why is this bad?
The consumer's `disconnect()` never runs, so its cleanup is never tested. The application's task
stays alive until the event loop is closed: groups are not left, and later tests may receive its
messages or see its database connection.

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
Safe in a test with `django_db(transaction=True)`, and in a sync test with a patch that keeps the
connection open. Otherwise unsafe, because Channels closes a database connection after the
disconnect. In a sync test that is the test's own connection, or one left by an earlier test, so the
fix patches what closes it, around the disconnect. In an async test without a database mark, in a
project that uses pytest-django, it adds `django_db(transaction=True)`. There is no fix if the
function returns what it receives, or if the communicator is connected in a helper.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the tests pass with a consumer whose `disconnect()` fails, without
a warning; with the fix they fail. On 4.3.2 the disconnect alone fails after a test that has left a
connection: `Database access not allowed`.

## See also
- https://channels.readthedocs.io/en/stable/topics/testing.html: disconnect before the test ends
- https://github.com/django/channels/issues/908: Event loop is closed
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.connects import connects
from wslint.rules.shared.disconnects import disconnect_at_end
from wslint.syntax import nodes as s
from wslint.timeline.model import Event, Resource, Timeline
from wslint.timeline.query import (
    calls_of,
    coroutines_of,
    ends_itself,
    is_failure_expected,
    may_failure_pass,
    scopes_on,
    subject_of,
)

RULE = Rule.of(
    __name__, __doc__, status="stable", fixable="sometimes", yields_to=("WS507", "WS509"),
    concerns=("channels",),
)  # fmt: skip

_ENDS = frozenset(("disconnect", "wait", "receive_output"))


@RULE.checks
def never_disconnected(timeline: Timeline) -> Iterator[Finding]:
    """Report each such communicator."""
    for connect, outcome in connects(timeline):
        communicator = subject_of(timeline, connect)
        may_fail = connect.at.path or is_failure_expected(timeline, connect.at) is not False
        accepted = outcome == "accepted" or (outcome != "refused" and _answers(timeline, connect))
        if accepted and not may_fail and _stays_open(timeline, communicator):
            yield RULE.finding(
                _place(timeline, communicator, connect),
                "communicator is never disconnected",
                "end the test with `await communicator.disconnect()`; without it the consumer's "
                "`disconnect()` never runs, and its task outlives the test",
                labels=[Label(connect.origin.nearest_place(timeline.test.path), "connected here")],
                fix=disconnect_at_end(timeline, connect),
                cause=communicator,
            )


def _place(timeline: Timeline, communicator: Resource, connect: Event) -> Place:
    """Return where the test gets or connects a communicator that it uses, else where it is made."""
    test = timeline.test
    if any(call.function is test.function for call in calls_of(timeline, communicator)):
        for origin in (communicator.origin, connect.origin):
            seen = origin.seen_inside(test.path, test.function.span)
            if seen is not None:
                return seen
    return communicator.origin.nearest_place(test.path)


def _answers(timeline: Timeline, connect: Event) -> bool:
    """Return whether the test surely receives an answer, which a refused connection never sends."""
    return any(
        call.name in ("receive_from", "receive_json_from")
        and not call.at.path
        and is_failure_expected(timeline, call.at) is False
        for call in calls_of(timeline, subject_of(timeline, connect))
    )


def _is_cut_short(timeline: Timeline, call: Event) -> bool:
    """Return whether a shorter limit ends a receive, so that the application goes on."""
    is_receive = call.name in ("receive_from", "receive_json_from")
    return is_receive and ends_itself(timeline, call) is False


def _may_fail(timeline: Timeline, call: Event) -> bool:
    if call.at.path:
        return may_failure_pass(timeline, call.at)
    return bool(is_failure_expected(timeline, call.at))


def _says_goodbye(call: Event) -> bool:
    """Return whether a call sends the client's disconnect itself."""
    messages = [arg.value for arg in call.node.args] if call.node is not None else []
    values = [value for one in messages if isinstance(one, s.Mapping) for _, value in one.items]
    known = [value.value for value in values if isinstance(value, s.Const)]
    return call.name == "send_input" and "websocket.disconnect" in known


def _stays_open(timeline: Timeline, made: Resource) -> bool:
    """Return whether a websocket communicator is surely neither disconnected nor ends by itself."""
    if made.role != "WebsocketCommunicator" or made.escaped or made.members:
        return False
    if any(made.id in other.members for other in timeline.resources):
        return False  # what is done with one of several may be done with this one
    calls = [call for call in calls_of(timeline, made) if not _is_cut_short(timeline, call)]
    # a receive that may fail unnoticed may be the one that sees the close
    if any(_may_fail(timeline, call) for call in calls):
        return False
    # a disconnect that is not awaited is WS503's
    attempts = [*calls, *coroutines_of(timeline, made, "disconnect")]
    if any(map(_says_goodbye, calls)):
        return False
    is_closed = any(scope.closings for scope in scopes_on(timeline, "Communicator", made))
    return not is_closed and _ENDS.isdisjoint(call.name for call in attempts)
