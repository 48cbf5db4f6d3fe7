"""The lines of files, for display."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.syntax.source import DEFAULT_MAX_SIZE, Unreadable, read_bytes, split_lines

if TYPE_CHECKING:
    from collections.abc import Mapping


class FileLines:
    """The lines of files, read once, for display only: undecodable bytes are replaced."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._lines = {path: split_lines(text) for path, text in texts.items()}

    def lines(self, path: str) -> list[str]:
        """Return the lines of a file without line ends; empty if it cannot be read."""
        if path not in self._lines:
            self._lines[path] = self._read(path)
        return self._lines[path]

    def _read(self, path: str) -> list[str]:
        data = read_bytes(path, max_size=DEFAULT_MAX_SIZE)
        if isinstance(data, Unreadable) or len(data) > DEFAULT_MAX_SIZE:
            return []
        return split_lines(_decode(data))


def _decode(data: bytes) -> str:
    import io
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding, "replace")
    except (SyntaxError, ValueError, LookupError):
        return data.decode("utf-8-sig", "replace")
