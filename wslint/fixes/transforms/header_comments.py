"""The comments at the top of a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wslint.fixes.transforms import lines

if TYPE_CHECKING:
    import libcst as cst

# A comment at the top that speaks of the whole file stays at the top.
_OF_THE_FILE = re.compile(
    r"#!|#.*(coding[:=]|copyright|licen[cs]e|spdx|pylint|flake8|ruff|mypy|isort|pyright|noqa"
    r"|type: ignore|fmt:|vim:|-\*-)",
    re.IGNORECASE,
)


def parted(module: cst.Module) -> cst.Module:
    """Give the comment right above the first statement to that statement.

    libcst gives all comments at the top to the module; one that speaks of the first statement
    has to go with it. The text is the same.
    """
    if not module.body or any(line.comment is None for line in lines.leading(module.body[0])):
        return module
    header = module.header
    start = max((n + 1 for n, line in enumerate(header) if line.comment is None), default=0)
    for number, line in enumerate(header):
        if line.comment is not None and _OF_THE_FILE.match(line.comment.value):
            start = max(start, number + 1)
    first, *rest = module.body
    first = lines.with_leading(first, [*header[start:], *lines.leading(first)])
    return module.with_changes(header=header[:start], body=[first, *rest])
