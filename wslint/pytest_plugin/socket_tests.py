"""Whether a test uses a websocket: found in the code objects of its functions, without running any.

What cannot be found out counts as no.
"""

from __future__ import annotations

import inspect
from types import CellType, CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from wslint.vocabulary import TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

_MODULES = ("channels.testing", "asgiref.testing", "httpx_ws")
_NAMES = frozenset(("websocket_connect", "aconnect_ws"))
_OBJECTS = 500
_INSTALLED = ("site-packages", "dist-packages")


def is_socket_test(item: pytest.Item) -> bool:
    """Return whether a test, its class or its fixtures use a communicator or a websocket client."""
    todo = [*_functions_of(item), *_fixtures_of(item)]
    seen: set[int] = set()
    while todo and len(seen) < _OBJECTS:
        value = todo.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if _is_of_socket_library(value):
            return True
        for function in _parts(value):
            names = set(_names(function.__code__))
            if names & _NAMES or any(name.startswith(_MODULES) for name in names):
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
        yield from inspect.getmro(owner)


def _fixtures_of(item: pytest.Item) -> Iterator[Any]:
    yield from getattr(item, "funcargs", {}).values()
    conftests = [
        plugin
        for plugin in item.config.pluginmanager.get_plugins()
        if isinstance(plugin, ModuleType)
        and str(getattr(plugin, "__file__", "")).endswith("conftest.py")
    ]
    for name in getattr(item, "fixturenames", ()):
        for module in (getattr(item, "module", None), *conftests):
            yield vars(module).get(name) if module is not None else None


def _is_of_socket_library(value: Any) -> bool:
    """Return whether a value is a class of a socket library, a subclass of one, or an instance."""
    kind = value if isinstance(value, type) else type(value)
    return any(base.__module__.startswith(_MODULES) for base in inspect.getmro(kind))


def _parts(value: Any) -> Iterator[FunctionType]:
    """Yield the functions of a value, if it is the project's own."""
    for found in vars(value).values() if isinstance(value, type) else (value,):
        function = found
        for _ in range(10):  # decorators, and the fixtures of pytest
            if isinstance(function, FunctionType) and not _is_installed(function):
                yield function
            function = getattr(function, "__wrapped__", None) or getattr(function, "__func__", None)


def _is_installed(function: FunctionType) -> bool:
    return any(folder in function.__code__.co_filename for folder in _INSTALLED)


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


def _used(function: FunctionType, names: set[str]) -> Iterator[Any]:
    """Yield the values to which the names in a function refer."""
    yield from map(_content, function.__closure__ or ())
    for name in names:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType):
            # not getattr: it may import more
            yield from (vars(value).get(attribute) for attribute in names)
        else:
            yield value
