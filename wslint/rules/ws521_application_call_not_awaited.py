"""A consumer or handler calls a coroutine function and drops what it returns.

## What it does
Reports a websocket or communicator of a test if the code that it reaches has a statement such as
`self.send(…)`, `self.channel_layer.group_add(…)` or `websocket.send_json(…)` that is not awaited;
also calls of the project's own coroutine functions, sends to each websocket that an object keeps,
and calls of the channel layer in a sync consumer without `async_to_sync`.

## Why is this bad?
The call only makes a coroutine. Nothing is sent, no group is joined: the test waits for an answer
that never comes, or passes because it expects none. Python only warns, where nobody looks.

## Example
```python
class Board(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        self.send(text_data="noted")
```

## Use instead
```python
class Board(AsyncWebsocketConsumer):
    async def receive(self, text_data=None, bytes_data=None):
        await self.send(text_data="noted")
```

## Fix safety
Unsafe: it changes the application. There is no fix in a function that is no coroutine function.

## Evidence
Channels 4.3.2, Starlette 1.10.0: the receives of the tests time out or hang, and `RuntimeWarning:
coroutine … was never awaited` is shown; with the fix the answers come. Read in 92 repositories: 3
findings in one of them, all true.

## See also
- https://github.com/django/channels/issues/1343: a receive times out, as a call is not awaited
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from wslint.findings.actions import Action, Code, ReplaceExpression, Symbol
from wslint.findings.finding import Finding, Fix, Label
from wslint.findings.span import Place
from wslint.rules.rule import Rule
from wslint.rules.shared.code import callee, dotted, is_decorated
from wslint.rules.shared.consumers import TO_THREADS, own_methods
from wslint.rules.shared.fixes import self_name
from wslint.rules.shared.handlers import called, given_socket, keepers, only_handler, socket_name_of
from wslint.syntax import nodes as s
from wslint.syntax.search import statements, walk
from wslint.timeline.application_model import Code as Source
from wslint.timeline.model import Consumer, Origin, Timeline
from wslint.timeline.query import subject_of

RULE = Rule.of(
    __name__, __doc__, status="preview", fixable="sometimes", yields_to=("WS409", "WS512"),
    concerns=("channels", "starlette", "fastapi"),
)  # fmt: skip

_OF_SOCKETS = frozenset(
    ("accept", "close", "send", "send_text", "send_bytes", "send_json", "send_denial_response",
     "receive", "receive_text", "receive_bytes", "receive_json")
)  # fmt: skip
# methods that hardly anything else has
_TO_ALL = frozenset(("send_text", "send_bytes", "send_json"))
_OF_CONSUMERS = frozenset(("accept", "close", "send", "send_json", "base_send"))
_OF_LAYERS = frozenset(("send", "group_send", "group_add", "group_discard"))
_DEPTH = 3
_DRIVE = Symbol("asgiref.sync.async_to_sync", "asgiref.sync", "async_to_sync")


class _Dropped(NamedTuple):
    """A call whose coroutine is dropped, and the function around it.

    ``is_sync``: that function runs in a thread of its own, as those of sync consumers do.
    """

    path: str
    function: s.Function
    call: s.Call
    is_sync: bool = False


@RULE.checks
def coroutine_is_dropped(timeline: Timeline) -> Iterator[Finding]:
    """Report each websocket and communicator whose handler or consumer has such a call."""
    for socket in timeline.scopes_of("Socket"):
        handler = only_handler(timeline, socket)
        if handler is not None:
            search = _Search(is_kept=bool(keepers(handler.code)))
            found = list(search.in_code(handler.code, socket_name_of(handler.code)))
            yield from _report(timeline, socket.origin, "handler", found)
    for event in timeline.events_of("Communicator"):
        consumers = subject_of(timeline, event).consumers
        if event.name == "connect" and len(consumers) == 1:
            found = list(_in_consumer(consumers[0]))
            yield from _report(timeline, event.origin, "consumer", found)


def _report(
    timeline: Timeline, origin: Origin, what: str, dropped: Sequence[_Dropped]
) -> Iterator[Finding]:
    for first in dropped[:1]:
        name = ".".join(callee(first.call))
        places = [Place(one.path, one.call.span) for one in dropped]
        yield RULE.finding(
            origin.nearest_place(timeline.test.path),
            f"the {what} never awaits `{name}()`, which does nothing",
            f"use `async_to_sync({name})(…)`" if first.is_sync else f"call `await {name}(…)`",
            labels=[Label(place, "this coroutine is dropped") for place in places],
            fix=_fix(dropped),
            cause=f"call {places[0]}",
        )


@dataclass
class _Search:
    """A search for such calls in a handler, and in the functions that it calls.

    ``is_kept``: it gives its websocket to an object, which may send to all of them.
    """

    is_kept: bool
    seen: set[tuple[int, str]] = field(default_factory=set)

    def in_code(self, code: Source, socket: str, depth: int = 0) -> Iterator[_Dropped]:
        """Yield those in a function; ``socket`` is its name for the websocket, "" for none."""
        function = code.node
        if (
            not isinstance(function, s.Function)
            or depth > _DEPTH
            or (id(code), socket) in self.seen
        ):
            return
        self.seen.add((id(code), socket))
        others = _loop_variables(function) if self.is_kept else set()
        for call in _called_by_statements(function):
            owner, name = callee(call)[:-1], callee(call)[-1]
            inner = called(code, call)
            if (
                (owner == (socket,) and name in _OF_SOCKETS)
                or (owner in others and name in _TO_ALL)
                or (inner is not None and _is_coroutine_function(inner.node))
            ):
                yield _Dropped(code.path, function, call)
        for node in walk(function.body):
            inner = called(code, node) if isinstance(node, s.Call) else None
            if inner is not None and isinstance(node, s.Call):
                _, given = given_socket(code, node, socket) or (inner, "")
                yield from self.in_code(inner, given, depth + 1)


def _loop_variables(function: s.Function) -> set[tuple[str, ...]]:
    """Return the names that go through the items of an object, such as all its websockets."""
    loops = (one for one in statements(function.body) if isinstance(one, s.Loop))
    return {dotted(loop.target) for loop in loops if dotted(loop.head)[:1] == ("self",)}


def _in_consumer(consumer: Consumer) -> Iterator[_Dropped]:
    """Yield such calls in the methods of a consumer."""
    methods = own_methods(consumer)
    is_sync = consumer.role == "SyncConsumer"
    for method in methods.values():
        function = method.function
        me = self_name(function) if function.params else ""
        for call in _called_by_statements(function):
            owner, name = callee(call)[:-1], callee(call)[-1]
            own = methods.get(name) if owner == (me,) else None
            if own is not None:
                is_dropped = _is_coroutine_function(own.function)
            elif owner == (me,):
                is_dropped = not is_sync and name in _OF_CONSUMERS
            else:
                is_dropped = owner == (me, "channel_layer") and name in _OF_LAYERS
            if is_dropped:
                yield _Dropped(method.owner.path, function, call, is_sync)


def _called_by_statements(function: s.Function) -> list[s.Call]:
    """Return the calls by a name that are statements of their own."""
    values = [one.value for one in statements(function.body) if isinstance(one, s.Do)]
    return [value for value in values if isinstance(value, s.Call) and dotted(value.func)]


def _is_coroutine_function(node: object) -> bool:
    """Return whether a call of a function surely makes a coroutine."""
    if not isinstance(node, s.Function):
        return False
    if is_decorated(node, *TO_THREADS):
        return len(node.decorators) == 1
    return node.is_async and not node.is_generator and not node.decorators


def _fix(dropped: Sequence[_Dropped]) -> Fix | str:
    actions: list[Action] = []
    for one in dropped:
        if one.is_sync and not one.function.is_async:
            drive = Code("{a}({0})", (_DRIVE,))
            actions.append(ReplaceExpression(one.path, one.call.func.span, drive))
        elif one.function.is_async:
            actions.append(ReplaceExpression(one.path, one.call.span, Code("await {0}")))
        else:
            return "the function around the call is no coroutine function"
    return Fix("unsafe", "drive the coroutine to its end", tuple(actions))
