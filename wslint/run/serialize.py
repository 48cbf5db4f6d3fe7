"""Findings and the outcomes of files as plain JSON data, and back.

An object is ``{"Class": [fields]}``. Reading checks each type: data that another version wrote, or
something else, raises an error.
"""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints


def pack(value: Any) -> Any:
    """Return plain JSON data: an object is ``{"Class": [fields]}``, a tuple is a list."""
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, dict):
        return [[pack(key), pack(item)] for key, item in value.items()]
    name = type(value).__name__
    if name in _classes():
        return {name: [pack(getattr(value, field)) for field in _fields(name)]}
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    return value


def unpack(value: Any, wanted: Any) -> Any:
    """Undo ``pack``. Raises TypeError, ValueError or KeyError for a value of another type."""
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, UnionType):
        if value is None and type(None) in arguments:
            return None
        (wanted,) = (argument for argument in arguments if argument is not type(None))
        return unpack(value, wanted)
    if origin is Literal:
        if value not in arguments:
            raise ValueError(f"not one of {wanted}")
        return value
    if isinstance(value, dict):
        ((name, fields),) = value.items()
        if not issubclass(_classes()[name], wanted):
            raise TypeError(f"not {wanted}")
        pairs = zip(fields, _fields(name).values(), strict=True)
        return _classes()[name](*(unpack(field, hint) for field, hint in pairs))
    if origin is not None:
        return _unpack_container(value, origin, arguments)
    if type(value) is not wanted:
        raise TypeError(f"not {wanted}")
    return value


def _unpack_container(value: Any, origin: Any, arguments: tuple[Any, ...]) -> Any:
    if not isinstance(value, list):
        raise TypeError("not a list")
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(unpack(item, arguments[0]) for item in value)
        return tuple(unpack(item, one) for item, one in zip(value, arguments, strict=True))
    if len(arguments) == 1:
        return {unpack(item, arguments[0]) for item in value}
    return {unpack(key, arguments[0]): unpack(item, arguments[1]) for key, item in value}


@cache
def _classes() -> dict[str, Any]:
    from wslint.findings import actions, finding, report, span
    from wslint.run import file_checker
    from wslint.syntax import source

    return {
        name: value
        for module in (actions, finding, report, span, source, file_checker)
        for name, value in vars(module).items()
        if isinstance(value, type)
        and (hasattr(value, "__dataclass_fields__") or hasattr(value, "_fields"))
    }


@cache
def _fields(name: str) -> dict[str, Any]:
    from collections.abc import Mapping, Set

    class_ = _classes()[name]
    hints = get_type_hints(class_, localns={**_classes(), "Mapping": Mapping, "Set": Set})
    names = getattr(class_, "_fields", None) or class_.__dataclass_fields__
    return {field: hints[field] for field in names}
