"""A test causes a message before the application has registered the websocket that should get it.

## What it does
Reports what a test does to let the application send something, if the websocket may not be
registered yet:

- an HTTP call whose handler uses the object in which the websocket's handler keeps it, if that
  handler awaits something between its accept and the registration, and the test has received
  nothing;
- a message to a group that the consumer joins when it gets a message, right after the test has sent
  that message;
- a message to a group right after the connect, if the consumer joins its groups only when it has
  accepted and then waited, as for a query.

Tests that sleep, wait or poll are not reported.

## Why is this bad?
A connect returns when the connection is accepted, and a send when the message is in the queue. What
is published before the registration reaches nobody: the receive hangs or times out, always or now
and then.

## Example
```python
async def test_news(communicator):
    await communicator.send_json_to({"subscribe": "news"})
    await get_channel_layer().group_send("news", {"type": "news", "text": "rain"})
    assert await communicator.receive_json_from() == "rain"
```

## Use instead
```python
async def test_news(communicator):
    await communicator.send_json_to({"subscribe": "news"})
    assert await communicator.receive_nothing()
    await get_channel_layer().group_send("news", {"type": "news", "text": "rain"})
    assert await communicator.receive_json_from() == "rain"
```

If the application answers, receive the answer instead.

## Fix safety
Unsafe. A communicator waits for a moment, in which nothing may come; for an HTTP call the test
waits, for up to a second, until something is registered. There is no fix if the consumer may send
something when it is connected: receive that first.

## Evidence
Channels 4.3.2: the receive times out, as the consumer runs only when the test waits. Starlette
1.10.0, with 10 ms of work before the registration: the receive hangs. With the fix both pass. Read
in 92 repositories: no finding.

## See also
- https://github.com/bluesky/tiled/pull/1197: a write races the subscription
- https://github.com/NilCoalescing/djangochannelsrestframework/commit/73368fe8d9df39c2f8ba6a0aef033e3d0a006a76:
  a sleep after the subscription
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import Code, InsertStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.rules.rule import Rule
from wslint.rules.shared.code import block_of, position
from wslint.rules.shared.consumers import called_at_connect, joins_late, may_greet
from wslint.rules.shared.fixes import assertion, symbol_of
from wslint.rules.shared.group_names import joins
from wslint.rules.shared.handler_changes import Change, changes
from wslint.rules.shared.handlers import only_handler, reached, shared_by
from wslint.rules.shared.waits import SLEEP, may_wait, wait_loop
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.model import Event, Resource, Scope, Timeline
from wslint.timeline.order import has_escaped, is_open
from wslint.timeline.query import calls_of, may_failure_pass, subject_of
from wslint.vocabulary import RECEIVES

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", yields_to=("WS301", "WS303"),
    concerns=("channels", "starlette", "fastapi"),
)  # fmt: skip


@RULE.checks
def nobody_gets_it(timeline: Timeline) -> Iterator[Finding]:
    """Report each such HTTP call or message."""
    path = timeline.test.path
    for call in timeline.events_of("Http"):
        found = _registered_too_late(timeline, call)
        if found is not None:
            socket, change = found
            yield RULE.finding(
                call.origin.nearest_place(path),
                f"the handler may not have changed `{change.written}` when this call reads it",
                "first receive something that the handler sends after the change",
                labels=[
                    Label(socket.origin.nearest_place(path), "the websocket is opened here"),
                    Label(change.place, "the handler changes it here, after it has accepted"),
                ],
                fix=_wait_for(timeline, call, change),
                cause=f"published {call.origin.place}",
            )
    for sent in timeline.events_of("Layer"):
        last = _joined_too_late(timeline, sent)
        if last is not None:
            is_connect = last.name == "connect"
            yield RULE.finding(
                sent.origin.nearest_place(path),
                "the consumer joins the group only after it has accepted and waited for something"
                if is_connect
                else "the consumer joins the group only when it handles the message sent before",
                "receive what it sends then, or `assert await communicator.receive_nothing()`",
                labels=[Label(last.origin.nearest_place(path), "the consumer joins after this")],
                fix=_let_it_run(timeline, last, sent),
                cause=f"published {sent.origin.place}",
            )


def _registered_too_late(timeline: Timeline, call: Event) -> tuple[Scope, Change] | None:
    """Return the websocket that an HTTP call should reach, and what changes too late."""
    for socket in timeline.scopes_of("Socket"):
        app, handler = timeline.application_of(socket), only_handler(timeline, socket)
        made = subject_of(timeline, socket)
        is_own = call.subject == socket.client and is_open(timeline, socket, call.at) is True
        if app is None or handler is None or not is_own:
            continue
        if has_escaped(timeline, made.id, call.at):
            continue
        if may_wait(timeline.test.function, [handler.code]):
            continue
        if not _is_first_then_received(timeline, made, call):
            continue
        targets = reached(app, "http", call.url, call.name)
        used = shared_by(targets) if len(targets) == 1 else {}
        for change in changes(handler.code):
            is_late = change.phase == "connect" and change.waits and not change.removes
            if is_late and change.shared.key in used:
                return socket, change
    return None


def _is_first_then_received(timeline: Timeline, made: Resource, call: Event) -> bool:
    """Return whether nothing is received through a websocket before a call, and then something."""
    receives = [one for one in calls_of(timeline, made) if one.name.startswith("receive")]
    return (
        bool(receives)
        and all(one.at.index > call.at.index for one in receives)
        and not may_failure_pass(timeline, receives[0].at)
    )


def _joined_too_late(timeline: Timeline, sent: Event) -> Event | None:
    """Return the send or connect after which a consumer joins the group of a message sent at once.

    That is the last thing that the test has done with the communicator before.
    """
    for scope in timeline.scopes_of("Communicator"):
        made = subject_of(timeline, scope)
        if len(made.consumers) != 1 or is_open(timeline, scope, sent.at) is not True:
            continue
        calls = calls_of(timeline, made)
        before = [call for call in calls if call.at.index < sent.at.index]
        after = [call for call in calls if call.at.index > sent.at.index]
        if not before or not after or not _is_right_after(before[-1], sent):
            continue
        is_received = after[0].name in RECEIVES and not may_failure_pass(timeline, after[0].at)
        if is_received and _joins_after(made, before[-1], sent.texts.get("to")):
            return before[-1]
    return None


def _joins_after(made: Resource, call: Event, group: str | None) -> bool:
    """Return whether the consumer of a communicator joins a group only after a connect or send."""
    (consumer,) = made.consumers
    at_connect = joins(made, consumer, group, called_at_connect(consumer))
    if call.name == "connect":
        return consumer.is_known and at_connect is not False and joins_late(consumer)
    later = joins(made, consumer, group)  # None where the message names it
    is_message = call.name.startswith("send_")
    return is_message and consumer.is_known and at_connect is False and later is not False


def _is_right_after(send: Event, sent: Event) -> bool:
    """Return whether nothing is awaited between a send and a message to a group.

    The message may be sent by a function that the same block calls.
    """
    function, first, second = send.function, send.statement, sent.statement
    if function is None or first is None or second is None or send.at.lane != sent.at.lane:
        return False
    block, way = block_of(function.body, first), sent.origin.via
    between: s.Block = ()
    if len(way) == 1 and sent.function is not None:
        inner, calling = sent.function.body, way[0]
        before = position(inner, second)
        if before is None or calling.path != send.origin.place.path:
            return False
        between = inner[:before]
        second = next((one for one in block if one.span.contains(calling.span)), None)
    elif way or function is not sent.function:
        return False
    start, end = position(block, first), position(block, second)
    if start is None or end is None or send.origin.via:
        return False
    between = (*block[start + 1 : end], *between)
    return not any(isinstance(node, (s.Await, s.With, s.Loop)) for node in walk(between))


def _wait_for(timeline: Timeline, call: Event, change: Change) -> Fix | str:
    """Return the fix that waits until something is registered."""
    statement, path = call.statement, timeline.test.path
    if statement is None or call.origin.via or call.origin.place.path != path:
        return "the call is in a helper"
    shared = change.shared
    is_own = shared.place is not None and shared.place.path == path
    if not is_own and not shared.module:
        return "the test can't import what is changed"
    symbols = () if is_own else (symbol_of(f"{shared.module}.{shared.name}"),)
    name = ".".join(("{b}" if symbols else shared.name, *change.rest))
    code = Code(wait_loop(timeline.test.function, name), (SLEEP, *symbols))
    insert = InsertStatement(path, statement.span, code, after=False)
    return Fix("unsafe", f"wait until `{change.written}` has something", (insert,))


def _let_it_run(timeline: Timeline, last: Event, sent: Event) -> Fix | str:
    """Return the fix that lets the consumer run before a message is sent to a group."""
    function, way = last.function, (*sent.origin.via, sent.origin.place)
    block = block_of(function.body, last.statement) if function and last.statement else ()
    published = next((one for one in block if one.span.contains(way[0].span)), None)
    if published is None or not last.receiver:
        return "the message is sent inside another expression"
    if last.name == "connect" and any(map(may_greet, subject_of(timeline, last).consumers)):
        return "the consumer may send something when it is connected"
    silence = f"await {'.'.join(last.receiver)}.receive_nothing()"
    check = Code(assertion(timeline.test, function, silence))
    insert = InsertStatement(last.origin.place.path, published.span, check, after=False)
    return Fix("unsafe", "let the consumer run first", (insert,))
