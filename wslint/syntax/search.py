"""Searches nodes of a script for names, regardless of what they are bound to."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass

from wslint.syntax import nodes as s

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


def attributes_read(node: object, name: str) -> set[str]:
    """Return the attributes of a name that are read in a node.

    Inner functions that bind the name themselves are left out.
    """
    if isinstance(node, s.Ref):
        return {node.parts[1]} if node.parts[0] == name and len(node.parts) > 1 else set()
    if isinstance(node, s.Function) and _is_local(name, node):
        return set()
    inside = (
        node
        if isinstance(node, tuple)
        else (getattr(node, field) for field in getattr(node, "__dataclass_fields__", ()))
    )
    return set().union(*(attributes_read(item, name) for item in inside))


def _is_local(name: str, function: s.Function) -> bool:
    """Return whether a function binds a name as a parameter, or by an assignment or a ``with``."""
    if any(param.name == name for param in function.params):
        return True
    for statement in statements(function.body):
        if isinstance(statement, s.Assign):
            targets: tuple[s.Expr | None, ...] = statement.targets
        elif isinstance(statement, s.With):
            targets = tuple(item.target for item in statement.items)
        else:
            continue
        if any(isinstance(target, s.Ref) and target.parts == (name,) for target in targets):
            return True
    return False
