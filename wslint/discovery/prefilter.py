"""The gate: which files may hold anything that a rule speaks of, by a search of their bytes.

First a file must hold a word of the libraries. In a second round, tests that hold none are let
through where they name a helper, fixture or base class that does, and the file it lies in.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Set as AbstractSet

# With one of these words a test opens what rules speak of. To patch close_old_connections is no
# matter where nothing is opened.
WORDS = (
    b"websocket_connect",
    b"ommunicator",
    b"override_flag",
    b"override_switch",
    b"override_sample",
)
# Who opens a socket through a helper names one of these somewhere: in the test, the helper, or a
# conftest.py. The websocket_connect of other libraries (aiohttp, tornado) leads nowhere.
_LIBRARIES = re.compile(rb"\b(?:starlette|fastapi|litestar|channels\.testing|waffle)\b")
_DEFINITION = re.compile(
    rb"^(?:([ \t]*)(?:async[ \t]+def|def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))", re.M
)
_IMPORTED = re.compile(
    rb"^[ \t]*(?:from[ \t]*([.\w]+)[ \t]+import[ \t]*(\((?:[^)#]|#.*)*\)|(?:[^\n\\#]|\\\r?\n)*)"
    rb"|import[ \t]+([\w., \t]+))",
    re.M,
)
_IMPORTS_ALL = re.compile(rb"import[ \t]*\*")
_IMPORT = re.compile(rb"^[ \t]*(?:from|import)[ \t][^\n(]*(?:\([^)]*\))?", re.M)
_AUTOUSE = re.compile(rb"autouse[ \t]*=[ \t]*True[^@]*?def[ \t]+(\w+)")
_WORD = re.compile(rb"\w+")
# Run by runners and by Python itself: nobody names them, their class is what is named.
_NAMED_BY_NOBODY = re.compile(rb"__\w+__|(?:async)?(?:setup|teardown)\w*|test_?\w*", re.I)


class Gate:
    """The words of one run, those of the user's roles with them."""

    def __init__(self, roles: Iterable[str] = ()) -> None:
        own = (name.rpartition(".")[2].encode() for name in roles)
        self.words = (*WORDS, *(name for name in own if name))
        self.shortest = min(map(len, self.words))
        # one search for words that begin alike: most files hold none of them
        self._stems = tuple(dict.fromkeys(_stem(word) for word in self.words))
        self.pattern = re.compile(b"|".join(map(re.escape, self.words)))
        self._words_in_text = [word.decode("utf-8", "replace") for word in self.words]

    def passes(self, data: bytes) -> bool:
        """Tell whether a file holds any word that a rule could be about."""
        for stem in self._stems:
            if stem in data:
                return any(word in data for word in self.words)
        return False

    def opens(self, text: str) -> bool:
        """Tell the same of a piece of code."""
        return any(word in text for word in self._words_in_text)

    def large_file_passes(self, path: str) -> bool:
        """Search a file of any size, a megabyte at a time."""
        longest = max(map(len, self.words))
        kept = b""
        try:
            with open(path, "rb") as stream:
                while chunk := stream.read(1_000_000):
                    if self.passes(kept + chunk):
                        return True
                    kept = chunk[-longest:]
        except OSError:
            return True  # it vanished: better said than passed over
        return False


def _stem(word: bytes) -> bytes:
    return b"override_" if word.startswith(b"override_") else word


class Leads:
    """The names that lead to a socket, and where they lie."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._by_stem: dict[bytes, set[bytes]] = {}
        self._by_folder: dict[str, set[bytes]] = {}
        self._autouse: set[str] = set()
        self.names_library = False
        self.has_grown = False

    def learn(self, path: str, data: bytes, followed: AbstractSet[bytes] = frozenset()) -> None:
        """Take up what leads to a socket in a file: what holds a word, or one of ``followed``."""
        if followed:
            found = _names_holding(data, _whole_words(followed))
        else:
            found = _names_holding(data, self._gate.pattern)
        if _IMPORTS_ALL.search(data):
            found |= followed
        found |= followed & _imported_words(data)
        self.names_library = self.names_library or names_library(data)
        folder, name = os.path.split(path)
        if name == "conftest.py":
            known = self._by_folder.setdefault(folder, set())
            if found & set(_AUTOUSE.findall(data)):
                self._autouse.add(folder)
        else:
            stem = os.path.basename(folder) if name == "__init__.py" else name[: -len(".py")]
            known = self._by_stem.setdefault(stem.encode("utf-8", "surrogateescape"), set())
        self.has_grown = self.has_grown or not found <= known
        known |= found

    def followed(self, path: str, data: bytes) -> set[bytes]:
        """Give the names in a file that lead to a socket elsewhere; empty where none does."""
        folder = os.path.dirname(path)
        above = [part for part in self._by_folder if f"{folder}/".startswith(f"{part}/")]
        stems = [stem for stem in self._by_stem if stem in data]
        if not above and not stems:
            return set()
        found: set[bytes] = set()
        for part in above:
            names = self._by_folder[part]
            found |= names if part in self._autouse else _words_among(names, data)
        for stem in stems:
            names = self._by_stem[stem]
            if not _IMPORTS_ALL.search(data):
                names = _words_among(names, data)
            if names and stem in _imported_words(data):
                found |= names
        return found


def _words_among(names: Iterable[bytes], data: bytes) -> set[bytes]:
    # most names are in no part of most files, which is quickly seen
    there = {name for name in names if name in data}
    return there.intersection(_WORD.findall(data)) if there else there


def names_library(data: bytes) -> bool:
    """Tell whether a file names one of the libraries whose sockets are meant."""
    return _LIBRARIES.search(data) is not None


def imports(data: bytes) -> Iterable[tuple[int, str, tuple[str, ...]]]:
    """Give what a file imports: the number of leading dots, the dotted name, the names from it."""
    for source, given, plain in _IMPORTED.findall(data):
        if source:
            name = source.decode("utf-8", "ignore")
            words = tuple(word.decode("utf-8", "ignore") for word in _WORD.findall(given))
            yield len(name) - len(name.lstrip(".")), name.lstrip("."), words
        for name in plain.decode("ascii", "ignore").split(","):
            if dotted := name.partition(" as ")[0].strip():
                yield 0, dotted, ()


def _imported_words(data: bytes) -> set[bytes]:
    return set(_WORD.findall(b" ".join(_IMPORT.findall(data))))


def _names_holding(data: bytes, pattern: re.Pattern[bytes]) -> set[bytes]:
    """Name the definitions of a file that hold the pattern, or the name of one that does."""
    lines = [
        (match.start(), len((match[1] or b"").expandtabs()), match[2] or match[3])
        for match in _DEFINITION.finditer(data)
    ]
    starts = [start for start, _, _ in lines]
    found: set[bytes] = set()
    while True:
        holding: set[bytes] = set()
        for hit in pattern.finditer(data):
            holding.update(_around(data, hit.start(), lines, bisect_right(starts, hit.start())))
        new = {name for name in holding if not _NAMED_BY_NOBODY.fullmatch(name)} - found
        if not new:
            return found
        found |= new
        pattern = _whole_words(new)


def _whole_words(names: Iterable[bytes]) -> re.Pattern[bytes]:
    return re.compile(rb"\b(?:%s)\b" % b"|".join(map(re.escape, sorted(names))))


def _around(
    data: bytes, place: int, lines: list[tuple[int, int, bytes]], number: int
) -> Iterable[bytes]:
    """Give the definitions around a place, innermost first; the last before it is ``number``."""
    line = data.rfind(b"\n", 0, place) + 1
    text = data[line : place + 1]
    inner = len(text.expandtabs()) - len(text.expandtabs().lstrip())
    while number:
        number -= 1
        start, indent, name = lines[number]
        if start == line or indent < inner:
            inner = indent
            yield name
        if not inner:
            return
