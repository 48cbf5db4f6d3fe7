"""Channels' consumers: their methods, and what they use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from wslint.rules.shared.code import inner_blocks, methods_of, names_assigned
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions, statements
from wslint.timeline.application_model import DATABASE_ADAPTER, Code, Shared
from wslint.timeline.model import Consumer

# what they close or raise is not the answer to a message
_BEFORE_AND_AFTER = frozenset(("__init__", "connect", "websocket_connect", "disconnect"))
_AT_CONNECT = ("__init__", "websocket_connect", "connect")
_CLOSES = frozenset(("close",))
_DATABASE = frozenset(("objects", "_default_manager", "database_sync_to_async"))


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
