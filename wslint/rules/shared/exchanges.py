"""What a test and a handler surely send and receive over a websocket, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, pairwise
from typing import Literal, NamedTuple

from wslint.findings.span import Span
from wslint.rules.shared.code import called_name, caught_names, dotted, is_endless, is_name, leaves
from wslint.rules.shared.evaluation import names_read
from wslint.rules.shared.handlers import given_socket, is_wrapped, socket_name_of
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, walk
from wslint.timeline.application_model import Code
from wslint.timeline.model import Event, Moment, Resource, Timeline
from wslint.timeline.order import before
from wslint.timeline.query import calls_of

_DEPTH = 3
_MOST = 1_000
_READ = frozenset(
    ("query_params", "path_params", "headers", "url", "cookies", "client", "state", "app", "scope",
     "session", "user", "auth", "base_url", "client_state", "application_state")
)  # fmt: skip
_KEEPS = frozenset(("append", "add", "insert", "appendleft"))
_TASKS = frozenset(("create_task", "ensure_future", "start_soon", "add_task"))
# what a receive or a send raises when the test has gone
_ENDS = frozenset(("WebSocketDisconnect", "CancelledError", "ClosedResourceError"))


class Exchange(NamedTuple):
    """A method by which a handler sends, receives or accepts; "iter" goes through the messages.

    ``call`` calls it in ``code``, None for an "iter".
    """

    name: str
    call: s.Call | None
    code: Code


_Others = Literal["nobody", "ignored", "later"]
"""Who else may send through the socket: nobody, or whoever keeps it, once something is awaited."""


class _Unclear(Exception):
    """From here on, the handler may do one thing or another."""


def exchanges_of(timeline: Timeline, made: Resource, opened: Moment) -> list[Event]:
    """Return the sends and receives of a test that surely happen, up to one that may happen again.

    There are none if several tasks share them: one may send while another receives.
    """
    looping = {id(timeline.events[at]) for loop in timeline.loops for at in loop.events}
    calls, found = calls_of(timeline, made), list[Event]()
    if not all(before(timeline, one.at, other.at) for one, other in pairwise(calls)):
        return []
    for call in calls:
        if call.at.path != opened.path:
            break
        if call.name.startswith(("send", "receive")) and call.name != "receive_nothing":
            found.append(call)
        if id(call) in looping:
            break
    return found


def first_stuck(code: Code, sends: Iterable[bool]) -> int | None:
    """Return the number of the first receive at which test and handler surely wait for each other.

    ``sends`` tells of each exchange of the test whether it sends or else receives.
    """
    operations = _operations(code, "nobody")
    for_handler = for_test = 0
    for number, is_send in enumerate(sends):
        if is_send:
            for_handler += 1
            continue
        while not for_test:
            operation = next(operations, None)
            if operation is None:
                return None
            if operation.name.startswith("send"):
                for_test += 1
            elif for_handler:
                for_handler -= 1
            else:
                return number
        for_test -= 1
    return None


def answers(code: Code, messages: int) -> list[list[str]] | None:
    """Return the methods by which a handler sends: first unasked, then after each message.

    None if that isn't sure for so many messages. Others may send to its socket as well.
    """
    found: list[list[str]] = [[]]
    for operation in _operations(code, "ignored"):
        if operation.name.startswith("send"):
            found[-1].append(operation.name)
        elif len(found) > messages:
            return found
        else:
            found.append([])
    return None


def greetings(code: Code) -> list[Exchange]:
    """Return what a handler surely sends, before all else, until it receives a message.

    Without what an endless loop sends, which may wait for something.
    """
    found = list[Exchange]()
    for operation in _operations(code, "later"):
        calls = [one.call for one in found]
        if operation.call in calls:
            return found[: calls.index(operation.call)]
        if not operation.name.startswith("send"):
            break
        found.append(operation)
    return found


def _operations(code: Code, others: _Others) -> Iterator[Exchange]:
    """Yield how a handler sends and receives, while it is sure."""
    function, socket = code.node, socket_name_of(code)
    if not isinstance(function, s.Function) or not socket or is_wrapped(function) or code.depends:
        return
    body = _Body(code, socket, others)
    try:
        # an endless loop may send for ever
        for operation in islice(body.block(function.body), _MOST):
            if operation.name == "send" or (operation.name == "receive" and not body.accepts):
                return  # these may be the handshake
            if operation.name != "accept":
                yield operation
    except _Unclear:
        return


@dataclass(frozen=True)
class _Body:
    """A running function, and its name for the socket. All methods may raise ``_Unclear``.

    ``kept`` are the places where the socket was kept so far, by which others may send.
    """

    code: Code
    socket: str
    others: _Others
    depth: int = 0
    accepts: list[s.Call] = field(default_factory=list)
    kept: list[Span] = field(default_factory=list)

    def block(self, block: s.Block) -> Iterator[Exchange]:
        for statement in block:
            yield from self._statement(statement)

    def _statement(self, statement: s.Stmt) -> Iterator[Exchange]:
        if isinstance(statement, s.With):
            for item in statement.items:
                yield from self._expression(item.value)
            yield from self.block(statement.body)
        elif isinstance(statement, s.Try):
            if any(not caught_names(handler) <= _ENDS for handler in statement.handlers):
                raise _Unclear
            for block in (statement.body, statement.orelse, statement.final):
                yield from self.block(block)
        elif isinstance(statement, s.Branch):
            yield from self._branch(statement)
        elif isinstance(statement, s.Loop):
            yield from self._loop(statement)
        elif isinstance(statement, (s.Function, s.Class)):
            if mentions(statement, {self.socket}):
                raise _Unclear
        elif isinstance(statement, s.Assign) and is_name(statement.value, self.socket):
            is_in_a_dict = all(isinstance(to, s.Item) for to in statement.targets)
            if self.others == "nobody" or not is_in_a_dict:
                raise _Unclear
            self.kept.append(statement.span)
        else:
            for part in ("value", "test", "targets"):
                yield from self._expression(getattr(statement, part, None))
            if isinstance(statement, (s.Return, s.Raise, s.Jump)):
                raise _Unclear

    def _branch(self, branch: s.Branch) -> Iterator[Exchange]:
        """Follow a condition; what leaves before the accept refuses, so nothing comes after it."""
        yield from self._expression(branch.test)
        if mentions(branch.arms, {"accept"}):
            raise _Unclear
        arms = [arm for arm in branch.arms if self.accepts or not leaves(arm)]
        if any(mentions(arm, {self.socket}) or leaves(arm) for arm in arms):
            raise _Unclear

    def _loop(self, loop: s.Loop) -> Iterator[Exchange]:
        parts = dotted(loop.head.func if isinstance(loop.head, s.Call) else None)
        receives = loop.is_async and parts[:1] == (self.socket,) and parts[-1].startswith("iter_")
        if not receives and not is_endless(loop):
            if mentions(loop, {self.socket}) or leaves(loop.body):
                raise _Unclear
            return
        while True:
            if receives:
                yield Exchange("iter", None, self.code)
            operation = None
            for operation in self.block(loop.body):
                yield operation
            if not receives and operation is None:
                raise _Unclear

    def _expression(self, expr: object) -> Iterator[Exchange]:
        """Yield what evaluating an expression does with the socket."""
        if self.kept and self.others == "later" and self._lets_others_send(expr):
            raise _Unclear
        used = [ref for ref in refs(expr) if ref.parts[0] == self.socket]
        if not used:
            return
        sure = {id(ref) for ref, _ in names_read(expr)}
        if any(id(ref) not in sure for ref in used):
            raise _Unclear
        clear = {id(ref) for ref in used if len(ref.parts) > 1 and ref.parts[1] in _READ}
        awaited = {id(node.value) for node in walk(expr) if isinstance(node, s.Await)}
        calls = [node for node in walk(expr) if isinstance(node, s.Call)]
        for call in sorted(calls, key=lambda call: call.span[2:]):
            name = dotted(call.func)
            if name[:-1] == (self.socket,) and id(call) in awaited:
                clear.add(id(call.func))
                if not name[-1].startswith(("send", "receive", "accept")):
                    raise _Unclear
                if name[-1] == "accept":
                    self.accepts.append(call)
                yield Exchange(name[-1], call, self.code)
            elif id(call) in awaited:
                if (inner := given_socket(self.code, call, self.socket)) is not None:
                    clear.update(id(arg.value) for arg in call.args)
                    yield from self._called(*inner)
            elif self.others != "nobody" and called_name(call) in _KEEPS:
                clear.update(id(arg.value) for arg in call.args)
                self.kept.append(call.span)
        if any(id(ref) not in clear for ref in used):
            raise _Unclear

    def _lets_others_send(self, expr: object) -> bool:
        """Return whether an expression awaits anything but the socket, or starts a task."""
        calls = [node for node in walk(expr) if isinstance(node, s.Call)]
        awaited = [node.value for node in walk(expr) if isinstance(node, s.Await)]
        return any(called_name(call) in _TASKS for call in calls) or any(
            not isinstance(one, s.Call)
            or (
                dotted(one.func)[:-1] != (self.socket,)
                and given_socket(self.code, one, self.socket) is None
            )
            for one in awaited
        )

    def _called(self, code: Code, socket: str) -> Iterator[Exchange]:
        """Yield what a function does that is given the socket; its last statement may return."""
        function = code.node
        if (
            not isinstance(function, s.Function)
            or self.depth >= _DEPTH
            or is_wrapped(function)
            or function.is_generator
        ):
            raise _Unclear
        inner = replace(self, code=code, socket=socket, depth=self.depth + 1)
        *before, last = function.body
        yield from inner.block(tuple(before))
        if isinstance(last, s.Return):
            yield from inner._expression(last.value)
        else:
            yield from inner._statement(last)
