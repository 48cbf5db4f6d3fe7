"""Whether a test uses a websocket: found in the code objects of its functions, without running any.

What cannot be found out counts as no. Values are never asked for their attributes or their class:
a lazy object would do its work then.
"""

from __future__ import annotations

import inspect
import os
from collections import deque
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

from wslint.vocabulary import TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pytest

_MODULES = ("channels.testing", "asgiref.testing", "httpx_ws")
_NAMES = frozenset(("websocket_connect", "aconnect_ws"))
_OBJECTS = 500
_INSTALLED = ("site-packages", "dist-packages", os.path.dirname(inspect.__file__))


def is_socket_test(item: pytest.Item) -> bool:
    """Return whether a test, its class or its fixtures use a communicator or a websocket client."""
    todo = deque([*_functions_of(item), *_fixtures_of(item)])
    seen: dict[int, Any] = {}  # with the values, so that no id is used again
    while todo and len(seen) < _OBJECTS:
        value = todo.popleft()
        if id(value) in seen:
            continue
        seen[id(value)] = value
        if _is_of_socket_library(value):
            return True
        for function in _parts(value):
            names = dict.fromkeys(_names(function.__code__))
            if names.keys() & _NAMES or any(name.startswith(_MODULES) for name in names):
                return True
            todo += _used(function, names)
    return False


def is_socket_file(path: str) -> bool:
    """Return whether a file contains a word that the linter looks for."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return False
    return any(word in data for word in TRIGGERS)


def _functions_of(item: pytest.Item) -> Iterator[Any]:
    yield getattr(item, "obj", None)
    owner = getattr(item, "cls", None)
    if owner is not None:
        # an earlier test of the class may have left its connection closed
        yield from owner.__mro__


def _fixtures_of(item: pytest.Item) -> Iterator[Any]:
    yield from (getattr(item, "funcargs", None) or {}).values()  # None after the test
    found = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
    yield from (definition.func for definitions in found.values() for definition in definitions)


def _is_a(value: Any, kind: type) -> bool:
    # unlike isinstance, this does not ask the value
    return issubclass(type(value), kind)


def _is_of_socket_library(value: Any) -> bool:
    """Return whether a value is a class of a socket library, a subclass of one, or an instance."""
    kind = value if _is_a(value, type) else type(value)
    return any(str(vars(base).get("__module__")).startswith(_MODULES) for base in kind.__mro__)


def _parts(value: Any) -> Iterator[FunctionType]:
    """Yield the functions of a value, if it is the project's own."""
    for found in vars(value).values() if _is_a(value, type) else (value,):
        function = found
        for _ in range(10):  # decorators, and the fixtures of pytest
            if function is None:
                break
            if _is_a(function, FunctionType) and not _is_installed(function.__code__.co_filename):
                yield function
            function = _wrapped(function)


def _wrapped(value: Any) -> Any:
    """Return the function in a method, a decorated function or a fixture."""
    if _is_a(value, MethodType):
        return value.__func__
    try:
        return inspect.getattr_static(value, "__wrapped__", None)
    except Exception:
        return None


def _is_installed(path: str) -> bool:
    return any(folder in path for folder in _INSTALLED)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return None


def _used(function: FunctionType, names: Iterable[str]) -> Iterator[Any]:
    """Yield the values to which the names in a function refer."""
    yield from map(_content, function.__closure__ or ())
    for name in names:
        value = function.__globals__.get(name)
        if _is_a(value, ModuleType):
            # not getattr: it may import more
            yield from (vars(value).get(attribute) for attribute in names)
        else:
            yield value
