"""``Script`` to JSON and back: a node is ``{"Class": [fields]}``, a tuple a list."""

from __future__ import annotations

from typing import Any

from wslint.findings.span import Span
from wslint.syntax import nodes

_CLASSES: dict[str, Any] = {
    name: value
    for name, value in vars(nodes).items()
    if isinstance(value, type) and hasattr(value, "__dataclass_fields__")
}
_FIELDS = {name: tuple(cls.__dataclass_fields__) for name, cls in _CLASSES.items()}


def encode(value: Any) -> Any:
    """Turn a node, a tuple of nodes or a scalar into what ``json.dumps`` takes."""
    if isinstance(value, Span):
        return {"@": list(value)}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    name = type(value).__name__
    if name in _FIELDS:
        return {name: [encode(getattr(value, field)) for field in _FIELDS[name]]}
    return value


def decode(value: Any) -> Any:
    """Undo ``encode``. Raises KeyError or TypeError on data that is not a script's."""
    if isinstance(value, list):
        return tuple(decode(item) for item in value)
    if isinstance(value, dict):
        ((name, fields),) = value.items()
        if name == "@":
            return Span(*fields)
        return _CLASSES[name](*(decode(field) for field in fields))
    return value
