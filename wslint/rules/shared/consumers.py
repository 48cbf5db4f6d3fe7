"""Channels' consumers: their methods, and what they use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from wslint.rules.shared.code import (
    call_in,
    callee,
    dotted,
    inner_blocks,
    is_decorated,
    leaves,
    methods_of,
    names_assigned,
    sure_statements,
)
from wslint.rules.shared.fixes import self_name
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, refs, statements
from wslint.timeline.application_model import DATABASE_ADAPTER, Code, Shared
from wslint.timeline.model import Consumer

# what they close or raise is not the answer to a message
_BEFORE_AND_AFTER = frozenset(("__init__", "connect", "websocket_connect", "disconnect"))
_AT_CONNECT = ("__init__", "websocket_connect", "connect")
_DEPTH = 3
TO_THREADS = ("database_sync_to_async", "sync_to_async")
"""What runs a function in a thread, and gives a coroutine function."""
_CLOSES = frozenset(("close",))
_DATABASE = frozenset(("objects", "_default_manager", "database_sync_to_async"))


_Step = Literal["accept", "wait", "join"]


class OwnMethod(NamedTuple):
    """A method that the project defines, with the class it belongs to."""

    function: s.Function
    owner: Code


def own_methods(consumer: Consumer) -> dict[str, OwnMethod]:
    """Return the methods of a consumer that the project defines, by name."""
    found: dict[str, OwnMethod] = {}
    for owner in reversed(consumer.classes):
        found |= {name: OwnMethod(one, owner) for name, one in methods_of(owner.node).items()}
    return found


def names_in_classes(consumer: Consumer) -> set[str]:
    """Return the names that the project's classes of a consumer bind, also in an ``if``."""
    return {name for owner in consumer.classes for name in _names_in(owner.node.body)}


def _names_in(body: s.Block) -> Iterator[str]:
    for one in body:
        if isinstance(one, (s.Function, s.Class)):
            yield one.name
        else:
            yield from names_assigned(one)
        for block in inner_blocks(one):
            yield from _names_in(block)


def called_at_connect(consumer: Consumer) -> set[str]:
    """Return the names of the methods that may run before the connection is there."""
    return called_from(own_methods(consumer), _AT_CONNECT)


def called_from(methods: Mapping[str, OwnMethod], first: Iterable[str]) -> set[str]:
    """Return the names of the methods that may run when one of the first does, with these."""
    pending, found = [name for name in first if name in methods], set[str]()
    while pending:
        name = pending.pop()
        found.add(name)
        body = methods[name].function.body
        pending += [other for other in methods if other not in found and mentions(body, {other})]
    return found


def may_greet(consumer: Consumer) -> bool:
    """Return whether a consumer may send something when it is connected."""
    methods = own_methods(consumer)
    called = (methods[name].function for name in called_at_connect(consumer))
    return any(name.startswith("send") for one in called for ref in refs(one) for name in ref.parts)


def joins_late(consumer: Consumer) -> bool:
    """Return whether a consumer surely joins no group before it has accepted and then waited."""
    steps = list(_steps(consumer, "connect", 0))
    accepted = steps.index("accept") if "accept" in steps else len(steps)
    before, after = steps[:accepted], steps[accepted:]
    first_join = after.index("join") if "join" in after else 0
    is_late = "join" not in before and "wait" in after[:first_join]
    return is_late and "groups" not in names_in_classes(consumer)


def _steps(consumer: Consumer, name: str, depth: int) -> Iterator[_Step]:
    """Yield what a method surely does in order, and the joins that it may do."""
    methods = own_methods(consumer)
    found = methods.get(name)
    if found is None or depth > _DEPTH:
        return
    me, joining = self_name(found.function), {"group_add"}
    joining |= {one for one in methods if mentions(methods[one].function.body, joining)}
    is_sure = True
    for statement in sure_statements(found.function.body):
        call = call_in(statement)
        parts = dotted(call.func) if call is not None else ()
        own = methods.get(parts[1]) if parts[:1] == (me,) and len(parts) == 2 else None
        if own is not None and not is_decorated(own.function, *TO_THREADS):
            steps = _steps(consumer, parts[1], depth + 1)
            yield from steps if is_sure else (step for step in steps if step == "join")
        elif mentions(statement, joining):
            yield "join"
        elif is_sure and parts == (me, "accept"):
            yield "accept"
        elif is_sure and (own is not None or _waits(call)):
            yield "wait"
        # if connect() is left there, nothing is joined
        is_sure = is_sure and (not depth or not leaves((statement,)))


def _waits(call: s.Call | None) -> bool:
    """Return whether a call sleeps, or runs something in a thread, such as a query."""
    func = call.func if call is not None else None
    is_in_a_thread = isinstance(func, s.Call) and callee(func)[-1:] in {(n,) for n in TO_THREADS}
    return is_in_a_thread or dotted(func)[-2:] == ("asyncio", "sleep")


def may_close(consumers: Iterable[Consumer]) -> bool | None:
    """Return whether one of the consumers may close or fail after connect(); None if unknown."""
    answers = [_may_close(one) for one in consumers]
    if True in answers:
        return True
    return None if None in answers or not answers else False


def _may_close(consumer: Consumer) -> bool | None:
    methods = own_methods(consumer)
    bodies = [one.function.body for name, one in methods.items() if name not in _BEFORE_AND_AFTER]
    if any(
        mentions(body, _CLOSES) or any(isinstance(one, s.Raise) for one in statements(body))
        for body in bodies
    ):
        return True
    return False if consumer.is_known else None


def uses_database(consumers: Iterable[Consumer]) -> bool:
    """Return whether the ORM is named by each of some consumers or its middleware."""
    return all(
        any(
            mentions(code.node, _DATABASE) or _has_query(code)
            for own in (*one.classes, *one.middleware)
            for code in own.reached()
        )
        for one in consumers
    )


def _has_query(code: Code) -> bool:
    """Return whether code uses a query that is adapted at the top of a module."""
    adapted = (used for used in code.uses.values() if isinstance(used, Shared))
    return any(used.kind == DATABASE_ADAPTER for used in adapted)
