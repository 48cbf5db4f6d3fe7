"""The test and the application wait for each other's message.

## What it does
Reports a receive for which the application surely has nothing to send before it gets a message that
the test has not sent: a handler that sends only after it has received, or a consumer whose only
answers are in its `receive()`.

## Why is this bad?
Both wait. Starlette's session has no timeout, so the test hangs for ever; a communicator's receive
fails with TimeoutError after a second.

## Example
```python
def test_echo(client):
    with client.websocket_connect("/echo") as websocket:
        assert websocket.receive_text() == "hello"
        websocket.send_text("hello")
```

## Use instead
```python
def test_echo(client):
    with client.websocket_connect("/echo") as websocket:
        websocket.send_text("hello")
        assert websocket.receive_text() == "hello"
```

## Fix safety
Unsafe: the order is what the test is about. There is a fix if the test sends right after it.

## Evidence
Starlette 1.10.0: the receive hangs. Channels 4.3.2: TimeoutError. With the fix both pass. Read in
92 repositories: no finding; in one a consumer that may also be reached by a group is left out.

## See also
- https://github.com/Buuntu/stockfish-chess/issues/16: pytest hangs, and the test is deleted
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.actions import MoveStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.linking.module import bound_names
from wslint.rules.rule import Rule
from wslint.rules.shared.code import block_of, call_in, called_name, is_name, position
from wslint.rules.shared.consumers import called_at_connect, own_methods
from wslint.rules.shared.exchanges import exchanges_of, first_stuck
from wslint.rules.shared.fixes import self_name
from wslint.rules.shared.handlers import only_handler
from wslint.syntax.search import mentions, refs
from wslint.timeline.model import Consumer, Event, Timeline
from wslint.timeline.query import calls_of, may_failure_pass, replaces, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes",
    concerns=("channels", "starlette", "fastapi", "httpx-ws"),
)  # fmt: skip

_ANSWERS = frozenset(("receive", "receive_json", "websocket_receive"))
_SENDS = frozenset(("send", "send_json", "base_send", "close"))
# by these others may send to a consumer, or it may send later
_REACHED = frozenset(
    ("channel_name", "groups", "group_add", "create_task", "ensure_future", "Thread", "call_later")
)


@RULE.checks
def both_wait(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such receive of each websocket and communicator."""
    for socket in timeline.scopes_of("Socket"):
        handler, made = only_handler(timeline, socket), subject_of(timeline, socket)
        if handler is None or handler.before or made.escaped or made.members:
            continue
        uses = exchanges_of(timeline, made, socket.opened)
        stuck = first_stuck(handler.code, (use.name.startswith("send") for use in uses))
        if stuck is not None and not may_failure_pass(timeline, uses[stuck].at):
            place = Place(handler.code.path, handler.code.node.name_span)
            yield _finding(timeline, uses[stuck], place, "this hangs: the handler")
    for made in timeline.resources:
        if made.role != "WebsocketCommunicator" or made.escaped or len(made.consumers) != 1:
            continue
        first = next(iter(exchanges_of(timeline, made, made.born)), None)
        (consumer,) = made.consumers
        if first is None or first.name.startswith("send"):
            continue
        if consumer.node is None or may_failure_pass(timeline, first.at):
            continue
        if _only_answers(consumer) and not replaces(timeline, set(own_methods(consumer))):
            place = Place(consumer.classes[0].path, consumer.node.name_span)
            yield _finding(timeline, first, place, "this times out: the consumer")


def _finding(timeline: Timeline, receive: Event, place: Place, what: str) -> Finding:
    return RULE.finding(
        receive.origin.nearest_place(timeline.test.path),
        f"{what} sends nothing before it gets a message",
        "send first what it answers",
        labels=[Label(place, "it waits for a message here")],
        fix=_fix(timeline, receive),
        cause=f"receive {receive.origin.place}",
    )


def _only_answers(consumer: Consumer) -> bool:
    """Return whether a consumer surely sends only what answers a message."""
    methods = {name: one.function for name, one in own_methods(consumer).items()}
    if not consumer.is_known or "__call__" in methods or _ANSWERS.isdisjoint(methods):
        return False
    if any(mentions(own.node, _REACHED) for own in consumer.classes):
        return False
    if any(is_name(ref, self_name(one)) for one in methods.values() for ref in refs(one.body)):
        return False  # it may be kept, and found by others
    return not any(mentions(methods[name].body, _SENDS) for name in called_at_connect(consumer))


def _fix(timeline: Timeline, receive: Event) -> Fix | str:
    """Return the fix that sends first, if the test sends right after the receive."""
    statement, function = receive.statement, receive.function
    block = block_of(function.body, statement) if function is not None and statement else ()
    number = position(block, statement)
    following = block[number + 1 :][:1] if number is not None else ()
    call = call_in(following[0]) if following else None
    sends = [
        event
        for event in calls_of(timeline, subject_of(timeline, receive))
        if event.node is call and event.name.startswith("send")
    ]
    if statement is None or not sends or not called_name(call).startswith("send"):
        return "it is not known what to send"
    if mentions(following[0], set(bound_names(statement))):
        return "what is sent depends on what was received"
    move = MoveStatement(receive.origin.place.path, following[0].span, statement.span)
    return Fix("unsafe", "send first", (move,))
