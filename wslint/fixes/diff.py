"""Renders changes as a patch for ``git apply``."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ODD = re.compile(r'[\x00-\x1f\x7f"\\]')


def unified_diff(path: str, before: bytes | None, after: bytes) -> bytes:
    """Return the patch from ``before`` (None: no such file) to ``after``.

    ``path`` is relative to where the patch is applied, with ``/``. The patch is bytes, as the file
    may have any encoding and line ends.
    """
    if before == after:
        return b""
    # latin-1 maps every byte to a character and back
    old, new = (part.decode("latin-1") for part in (before or b"", after))
    head = "/dev/null" if before is None else _header("a/" + path)
    changes = difflib.unified_diff(_lines(old), _lines(new), lineterm="\n")
    body = list(changes)[2:]
    if not body:
        return b""
    head_lines = f"--- {head}\n+++ {_header('b/' + path)}\n"
    return head_lines.encode(errors="surrogateescape") + "".join(_ended(body)).encode("latin-1")


def _lines(text: str) -> list[str]:
    # for git, only \n ends a line
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _ended(changes: Iterable[str]) -> Iterable[str]:
    for change in changes:
        yield change if change.endswith("\n") else f"{change}\n\\ No newline at end of file\n"


def _header(path: str) -> str:
    if _ODD.search(path):
        return '"' + _ODD.sub(_quoted, path) + '"'
    # git ends a name with spaces with a tab
    return f"{path}\t" if " " in path else path


def _quoted(match: re.Match[str]) -> str:
    character = match.group()
    return "\\" + character if character in '"\\' else f"\\{ord(character):03o}"
