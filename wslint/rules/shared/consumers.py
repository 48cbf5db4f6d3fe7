"""Channels' consumers: their methods, and what they use."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wslint.rules.shared.code import methods_of
from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.application_model import Code
from wslint.timeline.model import Consumer

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


def uses_database(consumers: Iterable[Consumer]) -> bool:
    """Return whether the code of each of some consumers, and what it calls, names the ORM."""
    return all(
        any(mentions(code.node, _DATABASE) for own in one.classes for code in own.reached())
        for one in consumers
    )
