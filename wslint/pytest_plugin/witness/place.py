"""The place of a cause: the innermost frame of the project."""

from __future__ import annotations

import inspect
import os
import sys
import sysconfig
from types import CodeType, FrameType
from typing import Any, NamedTuple

import wslint

# also where the project is one of them
_LIBRARIES = frozenset(("asgiref", "channels", "django", "fastapi", "starlette", "waffle"))
_NOT_OF_THE_PROJECT = (
    *(f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"),
    os.path.dirname(inspect.__file__) + os.sep,
    os.path.dirname(wslint.__file__) + os.sep,
    sysconfig.get_path("scripts") + os.sep,  # such as pytest itself
)


class Place(NamedTuple):
    """A line of a file."""

    path: str
    line: int


def is_of_the_project(path: str) -> bool:
    """Return whether a file belongs neither to an installed package, nor to Python or wslint."""
    return not path.startswith("<") and not any(part in path for part in _NOT_OF_THE_PROJECT)


def cause() -> Place | None:
    """Return the line that the innermost frame of the project is running."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        package = str(frame.f_globals.get("__name__")).partition(".")[0]
        if is_of_the_project(frame.f_code.co_filename) and package not in _LIBRARIES:
            return Place(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def place_of(function: Any) -> Place | None:
    """Return the first line of a function of the project, decorators included."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if isinstance(code, CodeType) and is_of_the_project(code.co_filename):
        return Place(code.co_filename, code.co_firstlineno)
    return None


def decorated() -> Any:
    """Return the function around which a decorator of Django or ``mock`` enters its context."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and not is_of_the_project(frame.f_code.co_filename):
        if frame.f_code.co_name in ("inner", "patched") and "func" in frame.f_locals:
            return frame.f_locals["func"]
        frame = frame.f_back
    return None
