"""Looks for names in a piece of a script, without asking what they mean."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from wslint.lower import script as s


def mentions(node: object, names: AbstractSet[str]) -> bool:
    """Tell whether one of the names stands anywhere in a piece of a script."""
    if isinstance(node, s.Ref):
        return not names.isdisjoint(node.parts)
    if isinstance(node, tuple):
        return any(mentions(item, names) for item in node)
    if isinstance(node, s.Attr) and node.name in names:
        return True
    fields = getattr(node, "__dataclass_fields__", ())
    return any(mentions(getattr(node, name), names) for name in fields)


def reads_attribute(node: object, name: str) -> bool:
    """Tell whether an attribute of a name is read anywhere in a piece of a script."""
    if isinstance(node, s.Ref):
        return node.parts[0] == name and len(node.parts) > 1
    if isinstance(node, tuple):
        return any(reads_attribute(item, name) for item in node)
    fields = getattr(node, "__dataclass_fields__", ())
    return any(reads_attribute(getattr(node, field), name) for field in fields)
