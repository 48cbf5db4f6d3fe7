"""What an application surely sends before it has got a message, in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from wslint.rules.shared import exchanges
from wslint.rules.shared.code import called_name, callee, dotted, inner_blocks, leaves, methods_of
from wslint.rules.shared.consumers import OwnMethod, called_from, own_methods
from wslint.rules.shared.evaluation import names_read
from wslint.rules.shared.fixes import self_name
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, walk
from wslint.timeline.application_model import Code
from wslint.timeline.model import Consumer

_DEPTH = 3
_SENDS = frozenset(("send", "send_json"))
# with one of its own, or from another task, it may send otherwise
_OTHERWISE = frozenset(
    ("__call__", "dispatch", "websocket_connect", "accept", "base_send", "encode_json", *_SENDS)
)
_GROUPS = frozenset(("group_add", "group_send"))
_TASKS = frozenset(("create_task", "ensure_future", "gather", "Thread", "call_later"))


class Greeting(NamedTuple):
    """The call that sends a message, in a function of some code."""

    call: s.Call
    code: Code
    function: s.Function


class _Unclear(Exception):
    """From here on, the consumer may do one thing or another."""


def greetings_of_handler(code: Code) -> list[Greeting]:
    """Return what a handler surely sends first."""
    return [
        Greeting(sent.call, sent.code, sent.code.node)
        for sent in exchanges.greetings(code)
        if sent.call is not None and isinstance(sent.code.node, s.Function)
    ]


def greetings_of_consumer(consumer: Consumer) -> list[Greeting]:
    """Return what a consumer that accepts surely sends first, in its ``connect()``."""
    methods = own_methods(consumer)
    if not consumer.is_known or "connect" not in methods or not _OTHERWISE.isdisjoint(methods):
        return []
    found = list[Greeting]()
    connect = _Connect(consumer, methods)
    with suppress(_Unclear):
        found.extend(connect.of(methods["connect"], 0))
        found.extend(connect.of_groups())
    return found


@dataclass
class _Connect:
    """A consumer's ``connect()`` as it runs. All methods may raise ``_Unclear``."""

    consumer: Consumer
    methods: dict[str, OwnMethod]
    accepted: bool = field(default=False, init=False)
    joined: list[object] = field(default_factory=list, init=False)
    to_groups: list[s.Call] = field(default_factory=list, init=False)
    """What it sends to a group that it has joined, so to itself."""

    def of(self, method: OwnMethod, depth: int) -> Iterator[Greeting]:
        """Yield what one method sends."""
        function = method.function
        if function.decorators and not self._may_send(method, function.body):
            return  # as what runs in a thread
        if depth > _DEPTH or function.decorators or function.is_generator:
            raise _Unclear
        yield from self._block(method, function.body, depth)

    def _block(self, method: OwnMethod, block: s.Block, depth: int) -> Iterator[Greeting]:
        for statement in block:
            if isinstance(statement, s.With):
                for item in statement.items:
                    yield from self._expression(method, item.value, depth)
                yield from self._block(method, statement.body, depth)
            elif isinstance(statement, s.Try):
                if not all(leaves(one.body) or mentions(one.body, {"close"})
                           for one in statement.handlers):  # fmt: skip
                    raise _Unclear
                for inner in (statement.body, statement.orelse, statement.final):
                    yield from self._block(method, inner, depth)
            elif isinstance(statement, (s.Branch, s.Loop)):
                head = statement.test if isinstance(statement, s.Branch) else statement.head
                yield from self._expression(method, head, depth)
                self._pass_over(method, statement)
            elif isinstance(statement, (s.Return, s.Raise, s.Jump)):
                raise _Unclear
            elif not isinstance(statement, (s.Function, s.Class)):
                value = getattr(statement, "value", None) or getattr(statement, "test", None)
                yield from self._expression(method, value, depth)

    def _pass_over(self, method: OwnMethod, statement: s.Branch | s.Loop) -> None:
        """Take no arm that refuses, as the connection is there; the others must not send."""
        for arm in inner_blocks(statement):
            if leaves(arm):
                if self.accepted or mentions(arm, {"accept"}):
                    raise _Unclear
            elif self._may_send(method, arm):
                raise _Unclear

    def _may_send(self, method: OwnMethod, node: object) -> bool:
        """Return whether code sends, or gives the consumer or a method of it to something."""
        me, own = self_name(method.function), {*_SENDS, *_TASKS, *_GROUPS, *self.methods}
        return any(ref.parts == (me,) for ref in refs(node)) or mentions(node, own | {"accept"})

    def _expression(self, method: OwnMethod, expr: object, depth: int) -> Iterator[Greeting]:
        me = self_name(method.function)
        sure = {id(ref) for ref, _ in names_read(expr)}
        awaited = {id(node.value) for node in walk(expr) if isinstance(node, s.Await)}
        calls = [node for node in walk(expr) if isinstance(node, s.Call)]
        clear = set[int]()
        for call in sorted(calls, key=lambda call: call.span[2:]):
            self._use_group(call)
            name = dotted(call.func)
            is_super = isinstance(call.func, s.Attr) and callee(call.func.value) == ("super",)
            if called_name(call) in _TASKS or (is_super and called_name(call) != "connect"):
                raise _Unclear
            if not is_super and (name[:-1] != (me,) or id(call.func) not in sure):
                continue
            if method.function.is_async is not (id(call) in awaited) or name[-1:] == ("close",):
                raise _Unclear
            clear.add(id(call.func))
            inner = self._base(method) if is_super else self.methods.get(name[-1])
            if inner is not None:
                yield from self.of(inner, depth + 1)
            elif is_super or name[-1] == "accept":
                self.accepted = True
            elif name[-1] in _SENDS:
                yield Greeting(call, method.owner, method.function)
        given = [ref.parts for ref in refs(expr) if ref.parts[0] == me and id(ref) not in clear]
        if any(not {*parts[1:2]} - {*_SENDS, *self.methods} for parts in given):
            raise _Unclear

    def _use_group(self, call: s.Call) -> None:
        wrapped = (
            call.func.args[0].value if isinstance(call.func, s.Call) and call.func.args else None
        )
        name = (dotted(wrapped) or dotted(call.func))[-1:]
        if name in (("group_add",), ("group_send",)) and call.args:
            group = _spelling(call.args[0].value)
            if name == ("group_add",):
                self.joined.append(group)
            elif group in self.joined:
                self.to_groups.append(call)

    def of_groups(self) -> Iterator[Greeting]:
        """Yield what it sends when it gets its own messages to groups, after all others.

        Only if its answers come through groups, too: others overtake these messages.
        """
        if any(mentions(self.methods[name].function.body, _SENDS)
               for name in called_from(self.methods, ("receive", "receive_json"))):  # fmt: skip
            return
        for sent in self.to_groups:
            kind = _type_of(sent)
            method = self.methods.get(kind.replace(".", "_"))
            if method is None:
                return
            greetings = list(self.of(method, 0))
            if len(greetings) != 1:
                return
            yield from greetings

    def _base(self, method: OwnMethod) -> OwnMethod | None:
        """Return the ``connect()`` that a method overrides, None for that of Channels."""
        classes = self.consumer.classes
        at = next(number for number, one in enumerate(classes) if one is method.owner)
        for owner in classes[at + 1 :]:
            if method.function.name in (methods := methods_of(owner.node)):
                return OwnMethod(methods[method.function.name], owner)
        return None


def _spelling(expr: s.Expr) -> object:
    """Return what two names or texts that are written alike have in common."""
    if isinstance(expr, s.Const):
        return expr.value
    if isinstance(expr, s.Op):
        return (expr.kind, *map(_spelling, expr.operands))
    return dotted(expr) or expr


def _type_of(sent: s.Call) -> str:
    """Return the type of a message to a group, "" if it isn't known."""
    message = sent.args[1].value if len(sent.args) > 1 else None
    for key, value in message.items if isinstance(message, s.Mapping) else ():
        if isinstance(key, s.Const) and key.value == "type" and isinstance(value, s.Const):
            return str(value.value)
    return ""
