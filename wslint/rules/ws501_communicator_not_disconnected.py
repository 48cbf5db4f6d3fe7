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
Safe in a test with `django_db(transaction=True)`, and in a sync test with a patch that keeps the
connection open. Otherwise unsafe, because Channels closes a database connection behind the
disconnect. In a sync test that is the connection of the test, or one left by an earlier test: the
patch comes with the fix. In an async test without a database mark, where the tests run with
pytest-django, `django_db(transaction=True)` comes with it. Where the function returns what it
receives, or the communicator is connected in a helper, there is no fix.

## Evidence
Channels 3.0.5, 4.1.0 and 4.3.2: the tests pass with a consumer whose `disconnect()` fails, and no
warning is seen; with the fix they fail. On 4.3.2 the disconnect alone fails after a test that has
left a connection: `Database access not allowed`.

## See also
- https://channels.readthedocs.io/en/stable/topics/testing.html: disconnect before the test ends
- https://github.com/django/channels/issues/908: Event loop is closed
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Action, AddDecorator, Code, InsertStatement, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.connect_results import connects
from wslint.rules.shared.keepalive import driven_communicators, has_keepalive
from wslint.rules.shared.keepalive_fix import add_keepalive
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Event, Timeline
from wslint.timeline.order import any_open

RULE = Rule.of(
    __name__,
    __doc__,
    status="stable",
    fixable="sometimes",
    yields_to=("WS507", "WS509"),
    concerns=("channels",),
)

_MARK = Code("{a}(transaction=True)", (Symbol("pytest.mark.django_db", module="pytest", name=""),))
_ENDS = frozenset(("disconnect", "wait", "receive_output"))


@RULE.checks
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
        raises = timeline.scopes_of("Raises")
        if any(use.at.path or any_open(timeline, raises, use.at) for use in uses):
            continue  # a receive inside a try or branch may be the one that sees the close
        fix = _fix(timeline, connect)
        yield RULE.finding(
            made.origin.near(timeline.test.path),
            "this communicator is accepted and never disconnected: the consumer's disconnect() "
            "does not run, and its task stays behind for the tests that follow",
            "end the test with `await communicator.disconnect()`",
            labels=[Label(connect.origin.near(timeline.test.path), "connected here")],
            fix=fix,
            cause=f"communicator {made.id}",
        )


def _has_unawaited_disconnect(timeline: Timeline, subject: int) -> bool:
    return any(
        call.subject == subject and call.name == "disconnect"
        for call in timeline.events_of("Coroutine")
    )


def _fix(timeline: Timeline, connect: Event) -> Fix | str:
    function, receiver = connect.function, connect.receiver
    if not isinstance(function, s.Function) or not function.is_async or not receiver:
        return "the connect is not awaited by name in an async function"
    if not timeline.test.holds(connect.origin) or connect.statement not in function.body:
        return "the communicator is connected in a helper or a block"
    last = function.body[-1]
    if isinstance(last, s.Return) and mentions(last, {receiver[0]}):
        return "the function returns what it receives: its last statement has to be split by hand"
    code = Code(f"await {'.'.join(receiver)}.disconnect()")
    after = not isinstance(last, (s.Return, s.Raise))
    disconnect = InsertStatement(connect.origin.place.path, last.span, code, after=after)
    company = _company(timeline, connect)
    safe = company is None
    actions: tuple[Action, ...] = (disconnect, *(company or ()))
    return Fix("safe" if safe else "unsafe", "disconnect at the end", actions)


def _company(timeline: Timeline, connect: Event) -> tuple[Action, ...] | None:
    """Give what the disconnect needs beside it; None where it can't do any harm.

    Channels closes the database connection behind it. In a sync test that is the test's own, if it
    has one left from an earlier test; in an async test it is that of an earlier async test, and
    pytest-django forbids a test without a mark to touch either.
    """
    test = timeline.test
    for scope in driven_communicators(timeline):
        if scope.subject == connect.subject:
            if test.database == "transactional" or has_keepalive(timeline, scope):
                return None
            return add_keepalive(timeline, test.function.name_span)
    if test.database == "transactional":
        return None
    environment = timeline.environment
    unmarked = test.kind == "function" and test.is_async and not test.database
    if unmarked and environment.pytest_django and environment.version("channels") >= (4, 2):
        return (AddDecorator(test.path, test.function.name_span, _MARK),)
    return ()
