"""Searches nodes of a script for names, regardless of what they are bound to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from typing import TypeVar

from wslint.syntax import nodes as s

T = TypeVar("T")
R = TypeVar("R")

# the fields of each class that can contain nodes, or tuples of nodes
_PARTS: dict[type, tuple[str, ...]] = {
    cls: tuple(
        field.name
        for field in fields(cls)
        if str(field.type) not in ("str", "int", "bool", "Span", "tuple[str, ...]")
    )
    for cls in vars(s).values()
    if is_dataclass(cls) and isinstance(cls, type) and cls is not s.Const
}


def remembering_last(function: Callable[[T], R]) -> Callable[[T], R]:
    """Keep the result for the last node, compared by identity: a whole body is slow to hash."""
    last: list[tuple[T, R]] = []

    def remembered(node: T) -> R:
        if not last or last[0][0] is not node:
            last[:] = [(node, function(node))]
        return last[0][1]

    return remembered


def mentions(node: object, names: AbstractSet[str]) -> bool:
    """Return whether one of the names occurs anywhere in a node."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, s.Ref):
            if not names.isdisjoint(node.parts):
                return True
        elif isinstance(node, tuple):
            pending.extend(node)
        else:
            if isinstance(node, s.Attr) and node.name in names:
                return True
            pending += [getattr(node, name) for name in _PARTS.get(type(node), ())]
    return False


def refs(node: object) -> Iterator[s.Ref]:
    """Yield the dotted names in a node, in order."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, s.Ref):
            yield node
        elif isinstance(node, tuple):
            pending.extend(reversed(node))
        else:
            fields = _PARTS.get(type(node), ())
            pending += [getattr(node, name) for name in reversed(fields)]


def walk(node: object, skip: tuple[type, ...] = ()) -> Iterator[object]:
    """Yield a node and those in it, in order, without nodes of the skipped types."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, tuple):
            pending.extend(reversed(node))
        elif type(node) in _PARTS and not isinstance(node, skip):
            yield node
            pending += [getattr(node, name) for name in reversed(_PARTS[type(node)])]


def statements(block: s.Block) -> Iterator[s.Stmt]:
    """Yield the statements of a body and its nested blocks, not those of functions and classes."""
    for statement in block:
        yield statement
        if isinstance(statement, s.Branch):
            for arm in statement.arms:
                yield from statements(arm)
        elif isinstance(statement, (s.With, s.Loop, s.Try)):
            yield from statements(statement.body)
            if not isinstance(statement, s.With):
                yield from statements(statement.orelse)
            if isinstance(statement, s.Try):
                for handler in statement.handlers:
                    yield from statements(handler.body)
                yield from statements(statement.final)


def global_names(block: s.Block) -> set[str]:
    """Return the names that a body declares as global."""
    return _declared(block, ("global",))


def outer_names(block: s.Block) -> set[str]:
    """Return the names that a body declares as global or nonlocal."""
    return _declared(block, ("global", "nonlocal"))


def _declared(block: s.Block, kinds: tuple[str, ...]) -> set[str]:
    found = (one for one in block if isinstance(one, s.Declare) and one.kind in kinds)
    return {name for one in found for name in one.names}


def attributes_read(node: object, name: str) -> AbstractSet[str]:
    """Return the attributes of a name that are read in a node.

    Inner functions that bind the name themselves are left out.
    """
    return _attributes_by_name(node).get(name, frozenset())


@remembering_last
def _attributes_by_name(node: object) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    _add_attributes(node, found)
    return found


def _add_attributes(node: object, found: dict[str, set[str]]) -> None:
    if isinstance(node, s.Ref):
        if len(node.parts) > 1:
            found.setdefault(node.parts[0], set()).add(node.parts[1])
    elif isinstance(node, tuple):
        for item in node:
            _add_attributes(item, found)
    else:
        inner = {} if isinstance(node, s.Function) else found
        for field in _PARTS.get(type(node), ()):
            _add_attributes(getattr(node, field), inner)
        if isinstance(node, s.Function):
            local = set(_local_names(node))
            for name, attributes in inner.items():
                if name not in local:
                    found.setdefault(name, set()).update(attributes)


def _local_names(function: s.Function) -> Iterator[str]:
    """Yield the names that are parameters, or bound by an assignment or a ``with``."""
    yield from (param.name for param in function.params)
    for statement in statements(function.body):
        targets: tuple[s.Expr | None, ...] = ()
        if isinstance(statement, s.Assign):
            targets = statement.targets
        elif isinstance(statement, s.With):
            targets = tuple(item.target for item in statement.items)
        for target in targets:
            if isinstance(target, s.Ref) and len(target.parts) == 1:
                yield target.parts[0]
