"""The prefilter: which files may contain a websocket test, by a search of their bytes.

A file passes if it contains a trigger word of the libraries. Tests that contain none, but use a
helper, fixture or base class that does, are found by ``indirect_prefilter``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wslint.vocabulary import SOCKET_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

# A test that opens a socket through a helper names one of these somewhere: in the test, the helper
# or a conftest.py. The websocket_connect of other libraries (aiohttp, tornado) does not count.
_LIBRARIES = re.compile(
    rb"\b(?:starlette|fastapi|litestar|channels\.testing|waffle|httpx(?:_ws)?)\b"
)
# A list of names that is never closed is searched up to the next bracket only, not to the end.
_IMPORTED = re.compile(
    rb"^[ \t]*(?:from[ \t]*([.\w]+)[ \t]+import[ \t]*(\((?:[^()#]|#.*\n)*\)|(?:[^\n\\#]|\\\r?\n)*)"
    rb"|import[ \t]+([\w., \t]+))",
    re.M,
)
_PLUGINS = re.compile(rb"pytest_plugins[^=\n]{0,99}=([^\])]*)")
_QUOTED = re.compile(rb"""["']([\w.]+)["']""")
_WORD = re.compile(rb"\w+")


class Prefilter:
    """The trigger words of one run, including the names of the user's roles."""

    def __init__(self, roles: Iterable[str] = ()) -> None:
        own = (name.rpartition(".")[2].encode() for name in roles)
        self.own = tuple(name for name in own if name)
        self.words = (*SOCKET_WORDS, *self.own)
        self.shortest = min(map(len, self.words))
        # one search for words with the same start: most files contain none of them
        self._stems = tuple(dict.fromkeys(_stem(word) for word in self.words))
        self.pattern = re.compile(b"|".join(map(re.escape, self.words)))
        self._words_in_text = [word.decode("utf-8", "replace") for word in self.words]

    def passes(self, data: bytes) -> bool:
        """Return whether a file contains a trigger word."""
        for stem in self._stems:
            if stem in data:
                return any(word in data for word in self.words)
        return False

    def matches_text(self, text: str) -> bool:
        """Return whether a piece of code contains a trigger word."""
        return any(word in text for word in self._words_in_text)

    def large_file_passes(self, path: str) -> bool:
        """Return whether a file of any size contains a trigger word, reading it in pieces."""
        longest = max(map(len, self.words))
        kept = b""
        try:
            with open(path, "rb") as stream:
                while chunk := stream.read(1_000_000):
                    if self.passes(kept + chunk):
                        return True
                    kept = chunk[-longest:]
        except OSError:
            return True  # deleted meanwhile: report it rather than skip it
        return False


def _stem(word: bytes) -> bytes:
    return b"override_" if word.startswith(b"override_") else word


def names_library(data: bytes) -> bool:
    """Return whether a file names a library whose sockets wslint follows."""
    return _LIBRARIES.search(data) is not None


def imports(data: bytes) -> Iterable[tuple[int, str, tuple[str, ...]]]:
    """Yield the imports of a file: number of leading dots, module, imported names."""
    for source, imported, plain in _IMPORTED.findall(data):
        if source:
            name = source.decode("utf-8", "ignore")
            words = tuple(word.decode("utf-8", "ignore") for word in _WORD.findall(imported))
            yield len(name) - len(name.lstrip(".")), name.lstrip("."), words
        for name in plain.decode("ascii", "ignore").split(","):
            if dotted := name.partition(" as ")[0].strip():
                yield 0, dotted, ()


def plugins(data: bytes) -> list[str]:
    """Return the modules that a file names in ``pytest_plugins``."""
    return [name.decode() for text in _PLUGINS.findall(data) for name in _QUOTED.findall(text)]
