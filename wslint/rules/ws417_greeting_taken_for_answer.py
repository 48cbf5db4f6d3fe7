"""A test takes what the application says first for the answer to its message.

## What it does
Reports a receive whose message, as the test asserts, surely is another one: it gets what a consumer
sends in its `connect()`, to the client or to a group that it has joined, or what a handler sends
before it first receives. The test must have sent something before, or receive the right one next.

## Why is this bad?
Messages arrive in the order in which they are sent. The test fails with the text of the greeting,
which looks like a wrong answer, or like a message that an earlier test has left.

## Example
```python
async def test_echo():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    assert (await communicator.connect())[0]
    await communicator.send_json_to({"text": "hello"})
    answer = await communicator.receive_json_from()  # {"type": "welcome"}
    assert answer["type"] == "echo"
    await communicator.disconnect()
```

## Use instead
```python
async def test_echo():
    communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    assert (await communicator.connect())[0]
    await communicator.send_json_to({"text": "hello"})
    await communicator.receive_json_from()
    answer = await communicator.receive_json_from()
    assert answer["type"] == "echo"
    await communicator.disconnect()
```

## Fix safety
The fix receives the greeting before the answer. It is unsafe: the application may be what is wrong.

## Evidence
Starlette 1.10.0 and Channels 4.3.2: the tests of the cases fail, and pass with the fix. What a
consumer sends to a group that it has joined comes after all that its `connect()` sends directly,
and before its own later messages to groups. Read in 278 repositories: 6 tests of one are reported,
all rightly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wslint.findings.actions import Code, InsertStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import block_of
from wslint.rules.shared.consumers import own_methods
from wslint.rules.shared.exchanges import exchanges_of
from wslint.rules.shared.greetings import Greeting, greetings_of_consumer, greetings_of_handler
from wslint.rules.shared.handlers import only_handler
from wslint.rules.shared.messages import Claim, claims, contradicts, said_by
from wslint.syntax import nodes as s
from wslint.syntax.search import statements, walk
from wslint.timeline.model import Event, Moment, Resource, Timeline
from wslint.timeline.query import may_failure_pass, replaces, subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes",
    concerns=("channels", "starlette", "fastapi", "httpx-ws"),
)  # fmt: skip


@RULE.checks
def greeting_is_not_received(timeline: Timeline) -> Iterator[Finding]:
    """Report the first such receive of each websocket and communicator."""
    for made, opened, greetings in _greeted(timeline):
        uses = exchanges_of(timeline, made, opened)
        receives = [use for use in uses if use.name.startswith("receive")]
        for number, receive in enumerate(receives[: len(greetings)]):
            claimed = _claims(timeline, receive)
            if not _fails(greetings[number], claimed):
                continue
            fitting = _fitting(greetings[number + 1 :], claimed)
            has_sent = any(use.name.startswith("send") for use in uses[: uses.index(receive)])
            if (has_sent or fitting is not None) and not may_failure_pass(timeline, receive.at):
                missing = len(greetings) - number if fitting is None else fitting + 1
                yield _finding(timeline, receive, greetings[number], missing)
            break


def _greeted(timeline: Timeline) -> Iterator[tuple[Resource, Moment, Sequence[Greeting]]]:
    """Yield each websocket and communicator, from when it is used, and how it is greeted."""
    for socket in timeline.scopes_of("Socket"):
        handler, made = only_handler(timeline, socket), subject_of(timeline, socket)
        if handler is not None and not handler.before and not made.escaped and not made.members:
            yield made, socket.opened, greetings_of_handler(handler.code)
    for made in timeline.resources:
        if made.role != "WebsocketCommunicator" or made.escaped or len(made.consumers) != 1:
            continue
        (consumer,) = made.consumers
        if not replaces(timeline, set(own_methods(consumer))):
            yield made, made.born, greetings_of_consumer(consumer)


def _claims(timeline: Timeline, receive: Event) -> list[Claim]:
    """Return what the test asserts of a message that it receives, itself or through a helper."""
    function, statement, node = receive.function, receive.statement, receive.node
    if isinstance(statement, s.Return) and _is_returned(statement, node):
        function = timeline.test.function
        statement, node = _call_of_helper(function, receive)
    if function is None or statement is None or node is None:
        return []
    return claims(block_of(function.body, statement), statement, node)


def _is_returned(statement: s.Return, node: s.Call | None) -> bool:
    value = statement.value
    return (value.value if isinstance(value, s.Await) else value) is node


def _call_of_helper(test: s.Function, receive: Event) -> tuple[s.Stmt | None, s.Call | None]:
    """Return the call in the test by which a helper receives, and its statement."""
    if len(receive.origin.via) != 1:
        return None, None
    (place,) = receive.origin.via
    for statement in statements(test.body):
        if isinstance(statement, (s.Assign, s.Assert, s.Do)):
            for node in walk(statement):
                if isinstance(node, s.Call) and node.span == place.span:
                    return statement, node
    return None, None


def _fails(greeting: Greeting, claimed: Sequence[Claim]) -> bool:
    said = said_by(greeting)
    return any(contradicts(said, claim) for claim in claimed)


def _fitting(greetings: Sequence[Greeting], claimed: Sequence[Claim]) -> int | None:
    """Return the number of the first greeting of which the claims may hold."""
    numbers = range(len(greetings))
    return next((number for number in numbers if not _fails(greetings[number], claimed)), None)


def _finding(timeline: Timeline, receive: Event, greeting: Greeting, missing: int) -> Finding:
    place = Place(greeting.code.path, greeting.call.span)
    return RULE.finding(
        receive.origin.nearest_place(timeline.test.path),
        "this receives what the application says first, not the answer",
        "receive the greeting before",
        labels=[Label(place, "this is sent first, to everybody who connects")],
        fix=_fix(receive, missing),
        cause=f"receive {receive.origin.place}",
    )


def _fix(receive: Event, missing: int) -> Fix | str:
    """Return the fix that receives so many messages before."""
    if receive.statement is None or not receive.receiver:
        return "the receive is inside another expression"
    if receive.origin.via:
        return "the receive is in a helper, which other tests may call"
    awaited = {id(node.value) for node in walk(receive.statement) if isinstance(node, s.Await)}
    call = f"{'.'.join(receive.receiver)}.{receive.name}()"
    call = f"await {call}" if id(receive.node) in awaited else call
    code = Code("\n".join([call] * missing))
    insert = InsertStatement(receive.origin.place.path, receive.statement.span, code, after=False)
    return Fix("unsafe", "receive the greeting first", (insert,))
