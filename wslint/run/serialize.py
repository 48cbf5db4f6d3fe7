"""Findings to plain JSON and back, checked against the types: what a cache holds is only data.

An object is ``{"Class": [fields]}``, a tuple a list.
"""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from wslint.findings import actions, finding
from wslint.findings import span as spans
from wslint.suppressions import comments as suppress

_CLASSES: dict[str, Any] = {
    name: value
    for module in (actions, finding, spans, suppress)
    for name, value in vars(module).items()
    if isinstance(value, type)
    and (hasattr(value, "__dataclass_fields__") or hasattr(value, "_fields"))
}


def pack(value: Any) -> Any:
    """Turn an object, a tuple of such or a scalar into what ``json.dumps`` takes."""
    name = type(value).__name__
    if name in _CLASSES:
        return {name: [pack(getattr(value, field)) for field in _fields(name)]}
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    return value


def unpack(value: Any, wanted: Any) -> Any:
    """Undo ``pack``. Raises TypeError, ValueError or KeyError where it is not of the type."""
    if wanted is Any:
        return value
    origin = get_origin(wanted)
    if origin in (Union, UnionType):
        return _one_of(value, get_args(wanted))
    if origin is Literal:
        if value not in get_args(wanted):
            raise ValueError(f"not one of {wanted}")
        return value
    if origin is tuple:
        return _tuple(value, get_args(wanted))
    if isinstance(value, dict):
        ((name, fields),) = value.items()
        if not issubclass(_CLASSES[name], wanted):
            raise TypeError(f"not {wanted}")
        hints = _fields(name)
        pairs = zip(fields, hints.values(), strict=True)
        return _CLASSES[name](*(unpack(field, hint) for field, hint in pairs))
    if type(value) is not wanted:
        raise TypeError(f"not {wanted}")
    return value


@cache
def _fields(name: str) -> dict[str, Any]:
    hints = get_type_hints(_CLASSES[name])
    names = getattr(_CLASSES[name], "_fields", None) or _CLASSES[name].__dataclass_fields__
    return {field: hints[field] for field in names}


def _one_of(value: Any, options: tuple[Any, ...]) -> Any:
    if value is None and type(None) in options:
        return None
    for option in options:
        if isinstance(value, dict) and getattr(option, "__name__", "") not in value:
            continue
        try:
            return unpack(value, option)
        except (TypeError, ValueError):
            continue
    raise TypeError("none of the types")


def _tuple(value: Any, wanted: tuple[Any, ...]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    if wanted and wanted[-1] is Ellipsis:
        return tuple(unpack(item, wanted[0]) for item in value)
    return tuple(unpack(item, one) for item, one in zip(value, wanted, strict=True))
