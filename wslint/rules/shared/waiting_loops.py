"""Loops that receive: whether anything but the message they wait for ends them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wslint.findings.span import Span
from wslint.rules.shared.code import blocks_of, called_name, callee, dotted, is_endless
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, walk

_CLOCKS = frozenset(("time", "monotonic", "perf_counter", "now", "utcnow", "time_ns"))
_ENDLESS = frozenset(("count", "cycle"))
_GROWS = frozenset(("append", "extend", "insert", "put", "put_nowait"))
_CHANGES = frozenset(("add", "update", "remove", "discard", "pop", "set"))
_TAKES = frozenset(("remove", "pop"))
_LEAVES = frozenset(("fail", "skip", "skipTest", "exit", "xfail"))

Name = tuple[str, ...]


class _Test(NamedTuple):
    """A condition, and whether it must hold or must not."""

    test: s.Expr
    holds: bool


class Wait(NamedTuple):
    """What ends a loop: the message it waits for, or a ``deadline`` between the receives."""

    deadline: bool


def only_the_message_ends(loop: s.Loop, received: set[Span]) -> Wait | None:
    """Return how a loop waits, None if something else may end it or that isn't known.

    ``received`` are the spans of the calls in it that wait for a message.
    """
    if not _always_receives(loop, received):
        return None
    reader = _Reader(received)
    while reader.reads(loop):
        pass
    return reader.wait(loop)


def _always_receives(loop: s.Loop, received: set[Span]) -> bool:
    """Return whether every round surely receives."""
    return any(
        isinstance(node, s.Call) and node.span in received
        for expr in (loop.head, *_sure_parts(loop.body))
        for node in walk(expr, skip=(s.Lambda, s.Function))
    )


def _sure_parts(body: s.Block) -> Iterator[object]:
    for statement in body:
        if isinstance(statement, s.With):
            yield statement.items
            yield from _sure_parts(statement.body)
        elif isinstance(statement, s.Try):
            yield from _sure_parts(statement.body)
        elif isinstance(statement, s.Branch):
            yield statement.test
        elif not isinstance(statement, (s.Loop, s.Class)):
            yield statement


class _Reader:
    """Follows the received messages through the names of a loop.

    ``messages`` are the names that depend on what is received, ``clocks`` those that depend on the
    time, and ``counts`` those that change in every round for other reasons. ``lists`` are counts
    too: each message is added to one, so its length counts them, and its items are messages.
    """

    def __init__(self, received: set[Span]) -> None:
        self.received = received
        self.messages: set[Name] = set()
        self.clocks: set[Name] = set()
        self.counts: set[Name] = set()
        self.lists: set[Name] = set()

    def reads(self, loop: s.Loop) -> bool:
        """Read the loop once; True if a name was found to depend on more than was known."""
        before = self._known()
        self._named(loop.head)
        self._block(loop.body, conditional=False)
        self.counts -= self.messages | self.clocks
        return before != self._known()

    def _known(self) -> tuple[int, ...]:
        return len(self.messages), len(self.clocks), len(self.counts), len(self.lists)

    def wait(self, loop: s.Loop) -> Wait | None:
        """Return how the loop waits, None if something else may end it."""
        ends = list(_ends(loop.body, (), outer=True))
        if loop.target is None and not is_endless(loop):
            head = loop.head
            parts = head.operands if isinstance(head, s.Op) and head.kind == "and" else (head,)
            ends += [((_Test(self._needed(part), holds=False),), False) for part in parts]
        elif loop.target is not None and callee(loop.head)[-1:] not in {(w,) for w in _ENDLESS}:
            return None
        deadline = found = False
        for conditions, is_assert in ends:
            tests = [condition.test for condition in conditions]
            about = [one for one in conditions if self._is_message(one.test)]
            if about and all(map(_skips, about)) and not is_assert:
                return None  # whatever else comes ends it
            if any(_refers(test, self.counts, skip=(s.Item, s.Comp)) for test in tests):
                return None
            by_message = bool(about)
            by_clock = any(map(self._is_clock, tests))
            if not by_message and not by_clock and not is_assert:
                return None
            found = found or (by_message and not is_assert)
            deadline = deadline or by_clock
        return Wait(deadline) if found or deadline else None

    def _needed(self, condition: s.Expr) -> s.Expr:
        """Return the part of ``A or B`` that depends on the message: both must fail for an end."""
        parts = condition.operands if isinstance(condition, s.Op) and condition.kind == "or" else ()
        return next(filter(self._is_message, parts), condition)

    def _is_message(self, expr: object) -> bool:
        return _refers(expr, self.messages) or any(
            (isinstance(node, s.Call) and node.span in self.received)
            or (isinstance(node, (s.Item, s.Comp)) and _refers(node, self.lists))
            for node in walk(expr)
        )

    def _is_clock(self, expr: object) -> bool:
        return _refers(expr, self.clocks) or any(
            isinstance(node, s.Call) and called_name(node) in _CLOCKS for node in walk(expr)
        )

    def _named(self, expr: object) -> None:
        """Follow ``name := value``."""
        for node in walk(expr, skip=(s.Lambda, s.Function)):
            if isinstance(node, s.Walrus):
                self._bind((node.name,), node.value, conditional=False)

    def _bind(self, name: Name, value: s.Expr | None, *, conditional: bool) -> None:
        if value is None:
            return
        if conditional or self._is_message(value):
            self.messages.add(name)
        elif self._is_clock(value):
            self.clocks.add(name)
        elif name not in self.messages and name not in self.clocks:
            self.counts.add(name)

    def _block(self, body: s.Block, *, conditional: bool) -> None:
        for statement in body:
            if isinstance(statement, s.Assign):
                self._named(statement.value)
                for target in statement.targets:
                    self._assign(target, statement, conditional=conditional)
            elif isinstance(statement, s.Do):
                self._named(statement.value)
                self._do(statement.value, conditional=conditional)
            elif isinstance(statement, s.Branch):
                self._named(statement.test)
                inner = conditional or self._is_message(statement.test)
                for arm in statement.arms:
                    self._block(arm, conditional=inner)
            elif isinstance(statement, s.Loop):
                inner = conditional or self._is_message(statement.head)
                if statement.target is not None:
                    for name in _targets(statement.target):
                        self._bind(name, statement.head, conditional=inner)
                self._block(statement.body, conditional=inner)
            elif isinstance(statement, (s.With, s.Try)):
                for block in blocks_of(statement):
                    self._block(block, conditional=conditional)

    def _assign(self, target: s.Expr, statement: s.Assign, *, conditional: bool) -> None:
        if isinstance(target, s.Item):
            # one more entry, or the same one again
            self.counts |= {name for name in _targets(target.value) if name not in self.messages}
            return
        for name in _targets(target):
            if statement.augmented and not conditional:
                self.counts.add(name)
                if self._is_message(statement.value):
                    self.lists.add(name)
            else:
                self._bind(name, statement.value, conditional=conditional)

    def _do(self, value: s.Expr, *, conditional: bool) -> None:
        func = dotted(value.func) if isinstance(value, s.Call) else ()
        if func[-1:] and func[-1] in _GROWS and not conditional:
            self.counts.add(func[:-1])
            if self._is_message(value):
                self.lists.add(func[:-1])
        elif func[-1:] and func[-1] in _TAKES and not conditional and _takes_one(value):
            self.counts.add(func[:-1])
        elif func[-1:] and func[-1] in _GROWS | _CHANGES and isinstance(value, s.Call):
            self._bind(func[:-1], s.Seq("tuple", tuple(a.value for a in value.args), value.span),
                       conditional=conditional)  # fmt: skip


def _takes_one(value: s.Expr) -> bool:
    """Return whether a call surely takes something away, or raises: ``pop`` has no default."""
    return isinstance(value, s.Call) and len(value.args) < 2


def _targets(target: s.Expr) -> Iterator[Name]:
    if isinstance(target, s.Ref):
        yield target.parts
    elif isinstance(target, s.Seq):
        for item in target.items:
            yield from _targets(item)
    elif isinstance(target, s.Op):
        for item in target.operands:
            yield from _targets(item)


def _refers(expr: object, names: set[Name], skip: tuple[type, ...] = ()) -> bool:
    """Return whether an expression contains one of the names, or an attribute of one."""
    return any(
        isinstance(node, s.Ref)
        and any(node.parts[:length] in names for length in range(1, len(node.parts) + 1))
        for node in walk(expr, skip)
    )


def _skips(condition: _Test) -> bool:
    """Return whether a condition holds for all messages but those it names."""
    test, holds = condition
    while isinstance(test, s.Op) and test.kind == "not":
        test, holds = test.operands[0], not holds
    if not isinstance(test, s.Compare) or len(test.ops) != 1:
        return False
    right = test.rights[0]
    named = right.items if isinstance(right, s.Seq) else (right,)
    is_known = all(isinstance(one, (s.Const, s.Ref)) for one in named)
    return is_known and test.ops[0] in (("!=", "not in") if holds else ("==", "in"))


def _ends(
    body: s.Block, tests: tuple[_Test, ...], *, outer: bool
) -> Iterator[tuple[tuple[_Test, ...], bool]]:
    """Yield the conditions under which each way out of a loop is taken; True for an assertion."""
    for statement in body:
        if isinstance(statement, s.Jump):
            if statement.kind == "break" and outer:
                yield tests, False
        elif isinstance(statement, (s.Return, s.Raise)) or _fails(statement):
            yield tests, False
        elif isinstance(statement, s.Assert):
            yield (*tests, _Test(statement.test, holds=True)), True
        elif isinstance(statement, s.Branch):
            for number, arm in enumerate(statement.arms):
                chosen = _Test(statement.test, holds=number == 0)
                yield from _ends(arm, (*tests, chosen), outer=outer)
            for number, arm in enumerate(statement.arms):
                if any(isinstance(last, s.Jump) and last.kind == "continue" for last in arm):
                    tests = (*tests, _Test(statement.test, holds=number != 0))
        elif isinstance(statement, s.Try):
            # a handler ends it only if the receive raises
            for block in (statement.body, statement.orelse, statement.final):
                yield from _ends(block, tests, outer=outer)
        elif isinstance(statement, (s.With, s.Loop)):
            inside = outer and not isinstance(statement, s.Loop)
            for block in blocks_of(statement):
                yield from _ends(block, tests, outer=inside)


def _fails(statement: s.Stmt) -> bool:
    value = statement.value if isinstance(statement, s.Do) else None
    return isinstance(value, s.Call) and mentions(value.func, _LEAVES)
