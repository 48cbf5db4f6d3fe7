"""The values of names and attributes, along the ways that a test may take.

A view sees the values of its parent and what was written to itself. The arms of a branch run in
forks of one view, and only what they wrote is joined after the branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wslint.timeline.interpreter.values import Value, join


class Store:
    """Values by owner (the number of a scope or an object) and name."""

    __slots__ = ("own", "parent")

    def __init__(self, parent: Store | None = None) -> None:
        self.parent = parent
        self.own: dict[int, dict[str, Value]] = {}

    def get(self, owner: int, name: str) -> Value | None:
        """Return a value, None if none was written."""
        view: Store | None = self
        while view is not None:
            names = view.own.get(owner)
            if names is not None and name in names:
                return names[name]
            view = view.parent
        return None

    def put(self, owner: int, name: str, value: Value) -> None:
        """Write a value."""
        self.own.setdefault(owner, {})[name] = value

    def of(self, owner: int) -> dict[str, Value]:
        """Return all values of an owner, by name."""
        found: dict[str, Value] = {}
        view: Store | None = self
        while view is not None:
            found = {**view.own.get(owner, {}), **found}
            view = view.parent
        return found

    def fork(self) -> Store:
        """Return a view of this one that can be written to separately."""
        return Store(self)

    def first(self) -> Store:
        """Return the view that all others descend from."""
        view = self
        while view.parent is not None:
            view = view.parent
        return view

    def _written_since(self, ancestor: Store) -> Iterator[tuple[int, str]]:
        view: Store | None = self
        while view is not None and view is not ancestor:
            for owner, names in view.own.items():
                for name in names:
                    yield owner, name
            view = view.parent

    def absorb(self, views: Sequence[Store], into: Store) -> None:
        """Write to ``into`` what any of ``views``, all descended from this one, has written."""
        keys = {key for view in views for key in view._written_since(self)}
        for owner, name in keys:
            values = [value for view in views if (value := view.get(owner, name)) is not None]
            same = all(value is values[0] for value in values)
            into.put(owner, name, values[0] if same else join(values))
