"""What a result depends on: the paths that were looked up for it, and the folders that were listed.

Many answers are remembered, and each helps many files. So lookups form a graph: who uses an answer
depends on what finding it looked up, at that time or later. A path that doesn't exist counts too: a
file may appear there.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


class Lookups:
    """The lookups made in a ``with`` block of it, and the ``others`` that it depends on."""

    __slots__ = ("folders", "others", "paths")

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.folders: set[str] = set()
        self.others: set[Lookups] = set()

    def __enter__(self) -> Lookups:
        """Record what is looked up from here on; the lookups around it depend on it."""
        _stack.entered[-1].others.add(self)
        _stack.entered.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        _stack.entered.pop()

    def all(self) -> tuple[set[str], set[str]]:
        """Return all paths and all listed folders."""
        paths, folders = set(self.paths), set(self.folders)
        pending, seen = [self], {self}
        while pending:
            new = pending.pop().others - seen
            seen |= new
            pending += new
            for other in new:
                paths |= other.paths
                folders |= other.folders
        return paths, folders


class _Stack(threading.local):
    def __init__(self) -> None:
        # nothing depends on the outermost one
        self.entered = [Lookups()]


_stack = _Stack()


def forget_lookups() -> None:
    """Free what was looked up outside of any ``with`` block."""
    _stack.entered[0] = Lookups()


def record_lookup(path: str) -> None:
    """Record that a path is looked up."""
    _stack.entered[-1].paths.add(path)


def record_listing(folder: str) -> None:
    """Record that the requirement files of a folder are listed."""
    _stack.entered[-1].folders.add(folder)


def depend_on(lookups: Lookups) -> None:
    """Record that an answer is used which these lookups led to."""
    _stack.entered[-1].others.add(lookups)


class Memo(Generic[K, V]):
    """Answers by key, each found once; who gets one depends on what was looked up for it."""

    def __init__(self) -> None:
        self._known: dict[K, tuple[V, Lookups]] = {}

    def get(self, key: K, find: Callable[[], V]) -> V:
        """Return the answer, which ``find`` finds the first time."""
        known = self._known.get(key)
        if known is None:
            with Lookups() as lookups:
                value = find()
            self._known[key] = value, lookups
            return value
        depend_on(known[1])
        return known[0]
