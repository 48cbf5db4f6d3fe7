"""The texts that findings refer to: of open files, and of others on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path

from wslint.server.positions import Text
from wslint.syntax.source import Source, read_source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pygls.workspace import PositionCodec

    from wslint.findings.span import Place
    from wslint.server.buffers import Buffer


class Texts:
    """Reads each file once."""

    def __init__(self, buffers: Mapping[str, Buffer], codec: PositionCodec) -> None:
        self.buffers = buffers
        self._codec = codec
        self._known: dict[str, Text | None] = {}

    def of(self, path: str) -> Text | None:
        """Return the text of a file; None if it can't be read."""
        if path not in self._known:
            buffer = self.buffers.get(path)
            if buffer is not None:
                self._known[path] = Text(buffer.text, self._codec)
            else:
                source = read_source(path)
                text = source.text if isinstance(source, Source) else None
                self._known[path] = None if text is None else Text(text, self._codec)
        return self._known[path]

    def uri(self, path: str) -> str:
        """Return the URI of a file, as the editor spells it if the file is open."""
        buffer = self.buffers.get(path)
        return buffer.uri if buffer is not None else from_fs_path(path) or path

    def location(self, place: Place) -> types.Location | None:
        """Return a place for the editor."""
        text = self.of(place.path)
        return types.Location(self.uri(place.path), text.range(place.span)) if text else None
