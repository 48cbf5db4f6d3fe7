"""The consumer's `connect()` neither accepts nor refuses the connection.

## What it does
Reports a communicator's `connect()` if the consumer that it reaches has a `connect()` or
`websocket_connect()` of its own that surely neither accepts, closes nor raises, and does not call
`super()`. What is not awaited
(`self.accept()` in an async consumer) or not called (`self.accept`) accepts nothing. Not reported
if another method accepts, such as a handler of the channel layer, or if the test replaces a method
of it.

## Why is this bad?
Channels answers the handshake only with what the consumer sends. The communicator waits, and its
`connect()` fails with TimeoutError after a second. A real client waits until the server gives up.

## Example
```python
class Board(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("board", self.channel_name)
```

## Use instead
```python
class Board(AsyncWebsocketConsumer):
    async def connect(self):
        await self.channel_layer.group_add("board", self.channel_name)
        await self.accept()
```

## Fix safety
Display-only: the fix changes the application. It accepts at the end of the consumer's `connect()`,
and only you know whether the consumer should refuse instead (`await self.close()`).

## Evidence
Channels 4.3.2: TimeoutError at the communicator's `connect()`; accepted with the fix.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from wslint.findings.actions import Code, InsertStatement
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee, dotted
from wslint.rules.shared.consumers import OwnMethod, own_methods
from wslint.rules.shared.fixes import self_name
from wslint.rules.shared.idle_answers import (
    IdleAnswer,
    give_effect,
    idle_answers,
    ids_of_names,
    label_of,
)
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, walk
from wslint.timeline.application_model import Code as Source
from wslint.timeline.model import Consumer, Timeline
from wslint.timeline.query import is_failure_expected, replaces, subject_of

RULE = Rule.of(__name__, __doc__, status="stable", fixable="display-only", concerns=("channels",))

_ANSWERS = frozenset(("accept", "close", "base_send", "send"))
_ACCEPTS = frozenset(("accept", "base_send"))
_AFTERWARDS = frozenset(
    ("receive", "receive_json", "disconnect", "websocket_receive", "websocket_disconnect")
)
# connect() may be reached through these, or the handshake answered by them
_LOWER = frozenset(("__call__", "dispatch", "send", "accept", "close"))


@RULE.checks
def handshake_is_never_answered(timeline: Timeline) -> Iterator[Finding]:
    """Report the connect of each such communicator."""
    path = timeline.test.path
    for event in timeline.events_of("Communicator"):
        made = subject_of(timeline, event)
        if event.name != "connect" or len(made.consumers) != 1:
            continue
        connect = _silent_connect(made.consumers[0])
        if (
            connect is None
            or replaces(timeline, {*own_methods(made.consumers[0]), *_LOWER})
            or is_failure_expected(timeline, event.at) is not False
        ):
            continue
        place = Place(connect.owner.path, connect.function.name_span)
        idle = _idle(connect.function)
        silent = Label(place, "nothing in this method answers")
        yield RULE.finding(
            event.origin.nearest_place(path),
            "connect() times out: the consumer neither accepts nor closes",
            f"call `{_accepting(made.consumers[0], connect)}` in the consumer's "
            f"`{connect.function.name}()`",
            labels=[label_of(connect.owner.path, idle[0]) if idle else silent],
            fix=_fix(made.consumers[0], connect),
            cause=f"consumer {place}",
        )


def _silent_connect(consumer: Consumer) -> OwnMethod | None:
    """Return the method that Channels calls first, if it surely leaves the handshake unanswered.

    That is ``websocket_connect``, and then ``connect`` unless the project overrides the first.
    """
    methods = own_methods(consumer)
    connect = methods.get("websocket_connect") or methods.get("connect")
    if connect is None or not consumer.is_known or not _LOWER.isdisjoint(methods):
        return None
    # a plain consumer has only `send`
    accepts = _ACCEPTS if connect.function.name == "connect" else {*_ACCEPTS, "send"}
    if any(
        _uses(one.function, accepts) for name, one in methods.items() if name not in _AFTERWARDS
    ):
        return None  # perhaps a handler of the channel layer
    pending, seen = [connect], {connect.function.name}
    while pending:
        method = pending.pop()
        function = method.function
        if function.decorators or not function.params or _uses(function, _ANSWERS):
            return None
        me = self_name(method.function)
        idle = set(map(id, _idle(function)))
        for node in walk(method.function.body):
            if isinstance(node, s.Raise) or callee(node) == ("super",):
                return None
            if not isinstance(node, s.Call) or id(node) in idle:
                continue
            name = dotted(node.func)
            if any(dotted(arg.value) == (me,) for arg in node.args):
                return None
            given = [dotted(arg.value) for arg in node.args]
            called = [parts[1] for parts in (name, *given) if len(parts) == 2 and parts[0] == me]
            if name[:1] == (me,) and len(name) == 2 and name[1] not in methods:
                return None
            for inner in set(called) & methods.keys() - seen:
                seen.add(inner)
                pending.append(methods[inner])
            if _may_raise(method.owner, name):
                return None
    return connect


def _idle(function: s.Function) -> list[IdleAnswer]:
    return idle_answers(function, self_name(function))


def _uses(function: s.Function, names: AbstractSet[str]) -> bool:
    """Return whether a method names one of these methods, other than without effect."""
    inner = ids_of_names(_idle(function))
    return any(
        mentions(node, names)
        for node in walk(function.body)
        if isinstance(node, (s.Ref, s.Attr)) and id(node) not in inner
    )


def _may_raise(owner: Source, name: tuple[str, ...]) -> bool:
    """Return whether a call is of the project's own code, which may refuse by an exception."""
    return isinstance(owner.uses.get(".".join(name)), Source)


def _accepting(consumer: Consumer, connect: OwnMethod) -> str:
    """Return the code by which a method accepts; a consumer that is not generic only sends."""
    classes = (owner.node for owner in consumer.classes)
    bases = [dotted(base)[-1:] for one in classes if isinstance(one, s.Class) for base in one.bases]
    call = f"{self_name(connect.function)}.accept()"
    if ("AsyncConsumer",) in bases or ("SyncConsumer",) in bases:
        call = f'{self_name(connect.function)}.send({{"type": "websocket.accept"}})'
    return f"await {call}" if connect.function.is_async else call


def _fix(consumer: Consumer, connect: OwnMethod) -> Fix | str:
    idle = _idle(connect.function)
    if idle:
        return give_effect(connect.owner.path, connect.function, idle[0])
    last = connect.function.body[-1] if connect.function.body else None
    if last is None or isinstance(last, (s.Return, s.Raise)):
        return f"the consumer's {connect.function.name}() has no place for the answer"
    code = Code(_accepting(consumer, connect).replace("{", "{{").replace("}", "}}"))
    action = InsertStatement(connect.owner.path, last.span, code)
    return Fix("display-only", "accept the connection", (action,))
