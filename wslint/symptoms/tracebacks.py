"""Reads failures from the text of an error, of a traceback or of pytest's output."""

from __future__ import annotations

import re

from wslint.symptoms.model import Failure

# a traceback of Python, and the short and long styles of pytest
_FRAME = re.compile(r'^\s*File "(?P<path>[^"]+)", line \d+, in (?P<function>\S+)')
_SHORT = re.compile(r"^(?P<path>\S+\.py):\d+: in (?P<function>\S+)")
_LONG = re.compile(r"^(?P<path>\S+\.py):\d+: ?(?P<exception>[A-Z]\w*)?$")
_DEF = re.compile(r"^[> ]?\s*(?:async )?def (?P<function>\w+)\(")
_TEST = re.compile(r"^_{3,} (?:ERROR at \w+ of )?(\S+) _{3,}$", re.MULTILINE)
_RAISED = re.compile(
    r"^(?:E\s+|\s*\|\s+)?(?:[A-Za-z_]\w*\.)*(?P<exception>[A-Z]\w*)(?:: (?P<message>.*))?$"
)
_ENDS = ("Error", "Exception", "Warning", "Forbidden", "Disconnect", "Response")
_OTHERS = frozenset(("Failed", "SynchronousOnlyOperation", "WebSocketDisconnected"))


def tests_in(text: str) -> dict[str, str]:
    """Return what pytest prints of each failed test, by its name; all under "" if it isn't that."""
    first, *rest = _TEST.split(text)
    return dict(zip(rest[::2], rest[1::2], strict=True)) or {"": first}


def failures_in(text: str) -> list[Failure]:
    """Return what a text says was raised, the last first; if nothing, the text itself."""
    found: list[Failure] = []
    frames: list[str] = []
    function = ""
    for line in text.splitlines():
        frame = _FRAME.match(line) or _SHORT.match(line)
        if frame is not None:
            frames.append(frame_of(frame["path"], frame["function"]))
        elif located := _LONG.match(line):
            frames.append(frame_of(located["path"], function or "?"))
            if located["exception"] and found:
                # pytest's long style names the exception before its place
                found[-1] = Failure(found[-1].exception, found[-1].message, tuple(frames))
                frames = []
        elif defined := _DEF.match(line):
            function = defined["function"]
        else:
            raised = _RAISED.match(line.rstrip())
            if raised is not None and _is_exception(raised["exception"]):
                found.append(Failure(raised["exception"], raised["message"] or "", tuple(frames)))
                frames = [] if not line.startswith("E") else frames
    if not found:  # a log, a line of pytest's summary, or a part of a message
        return [Failure("", text.strip())]
    return [_with_frames(failure, tuple(frames)) for failure in reversed(found)]


def frame_of(path: str, function: str) -> str:
    """Return a frame as symptoms write it: an installed file without its folder.

    >>> frame_of("/venv/lib/site-packages/starlette/testclient.py", "receive")
    'starlette/testclient.py:receive'
    >>> frame_of("tests/starlette/test_chat.py", "test_join")
    '/tests/starlette/test_chat.py:test_join'
    """
    path = path.replace("\\", "/")
    for folder in ("/site-packages/", "/dist-packages/"):
        _, found, installed = path.rpartition(folder)
        if found:
            return f"{installed}:{function}"
    return f"/{path.lstrip('/')}:{function}"


def _with_frames(failure: Failure, after: tuple[str, ...]) -> Failure:
    frames = failure.frames or after
    return Failure(failure.exception, failure.message, frames or None)


def _is_exception(name: str) -> bool:
    return name.endswith(_ENDS) or name in _OTHERS
