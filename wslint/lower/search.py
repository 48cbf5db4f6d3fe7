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
