"""The open files, with the text that the editor shows."""

from __future__ import annotations

import tokenize
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import to_fs_path

from wslint.discovery.walk import absolute_path
from wslint.server.positions import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pygls.workspace import PositionCodec


@dataclass(frozen=True)
class Buffer:
    """One version of an open file. A change makes a new buffer, so other threads may keep one."""

    uri: str
    path: str
    version: int
    text: str

    @cached_property
    def data(self) -> bytes:
        """The bytes that the file would have, in the encoding that it declares."""
        lines = iter(self.text.encode("utf-8", "replace").splitlines(keepends=True)[:2])
        try:
            encoding, _ = tokenize.detect_encoding(lambda: next(lines, b""))
            if encoding == "utf-8-sig":  # the mark is in the text
                encoding = "utf-8"
            return self.text.encode(encoding, "replace")
        except (SyntaxError, LookupError):  # checking it reports the reason
            return self.text.encode("utf-8", "replace")


def path_of(uri: str) -> str | None:
    """Return the path of a file as findings have it; None if it is not on a disk."""
    path = to_fs_path(uri)
    return absolute_path(path) if path else None


class Buffers:
    """The open files by path."""

    def __init__(self) -> None:
        self._by_path: dict[str, Buffer] = {}

    def get(self, path: str) -> Buffer | None:
        """Return an open file."""
        return self._by_path.get(path)

    def all(self) -> Mapping[str, Buffer]:
        """Return all open files, as they are now."""
        return dict(self._by_path)

    def open(self, document: types.TextDocumentItem) -> str | None:
        """Add a file; return its path."""
        path = path_of(document.uri)
        if path is not None:
            self._by_path[path] = Buffer(document.uri, path, document.version, document.text)
        return path

    def change(
        self,
        document: types.VersionedTextDocumentIdentifier,
        changes: Sequence[types.TextDocumentContentChangeEvent],
        codec: PositionCodec,
    ) -> str | None:
        """Apply changes to a file in order; return its path."""
        path = path_of(document.uri)
        buffer = self._by_path.get(path or "")
        if buffer is None:
            return None
        text = buffer.text
        for change in changes:
            if isinstance(change, types.TextDocumentContentChangePartial):
                before = Text(text, codec)
                start, end = before.offset(change.range.start), before.offset(change.range.end)
                text = text[:start] + change.text + text[max(start, end) :]
            else:
                text = change.text
        self._by_path[buffer.path] = replace(buffer, text=text, version=document.version)
        return path

    def close(self, uri: str) -> str | None:
        """Remove a file; return its path."""
        path = path_of(uri)
        if path is not None:
            self._by_path.pop(path, None)
        return path
