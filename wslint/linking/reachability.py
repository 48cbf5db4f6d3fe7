"""Which tests of a file can reach a socket, a communicator or an override at all.

Everything that a timeline is made of begins with one of the gate's words. A test matters if it
holds one, or a name by which it gets at a piece of code, of any file that its imports and
conftest.py files lead to, that does. This is a search among words: it may keep a test in vain,
which costs time, and never leaves out one that matters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslint.discovery.prefilter import imports
from wslint.linking.code_units import Piece, pieces
from wslint.vocabulary import LIBRARIES

if TYPE_CHECKING:
    from wslint.discovery.prefilter import Gate
    from wslint.linking.program import Program

# Application code is looked through this deep; what it imports beyond that is no test helper.
_MAX_DEPTH = 3
_MAX_FILES = 400
_PLUGINS = re.compile(rb"pytest_plugins[^=\n]*=([^\])]*)")
_WORD = re.compile(rb"\w+")
_QUOTED = re.compile(rb"""["']([\w.]+)["']""")


@dataclass(frozen=True)
class Reaching:
    """The tests of one file that matter.

    ``tops``: the top-level functions and classes with one of them. ``parts``: (class, method) of
    what matters itself, with "" for what all tests of a class share and "()" for what it inherits.
    """

    tops: frozenset[str]
    parts: frozenset[tuple[str, str]]
    own: frozenset[tuple[str, str]]

    def reaches(self, owners: tuple[str, ...], name: str) -> bool:
        """Tell whether a test matters; ``owners``: its class and those around, outermost first."""
        around = [".".join(owners[: at + 1]) for at in range(len(owners))]
        if any((owner, "") in self.parts for owner in around):
            return True
        owner = around[-1] if around else ""
        key = name if (owner, name) in self.own else "()"
        return (owner, key) in self.parts


class Reach:
    """What one run knows of the imports between files."""

    def __init__(self, program: Program, gate: Gate) -> None:
        self._program = program
        self._gate = gate
        self._imported: dict[str, list[str]] = {}
        self._pieces: dict[str, list[tuple[Piece, bool]]] = {}
        self._words: dict[str, frozenset[bytes]] = {}

    def of(self, path: str) -> Reaching | None:
        """Tell which tests of a file matter; None for all of them."""
        files = self._around(path)
        module = self._program.module(path)
        if files is None or module is None:
            return None
        own = list(pieces(module.tree, module.lines, of_tests=True))
        settings = self._program.project(path).pytest
        hot, names = self._hot(list(own), files, path)
        if any(piece.everywhere for piece in hot) or not names.isdisjoint(settings.usefixtures):
            return None
        mine = {id(piece) for piece in own}
        parts = {(piece.owner, piece.key) for piece in hot if id(piece) in mine}
        tops = {owner.partition(".")[0] or key for owner, key in parts}
        return Reaching(
            frozenset(tops),
            frozenset(parts),
            frozenset((piece.owner, piece.key) for piece in own),
        )

    def _hot(
        self, own: list[Piece], files: Iterable[str], path: str
    ) -> tuple[list[Piece], set[str]]:
        """Give the pieces that hold one of the gate's words, or the name of one that does."""
        names: set[str] = set()
        hot: list[Piece] = []
        cold: list[Piece] = []
        closed = [file for file in files if file != path]
        opened = {file for file in closed if self._opens(file)}
        fresh = [(piece, self._gate.opens(piece.text)) for piece in own]
        new: set[str] = set()
        while True:
            for file in opened:
                fresh += self._of(file)
            closed = [file for file in closed if file not in opened]
            found: list[Piece] = []
            still: list[Piece] = []
            for piece in cold:
                (found if piece.speaks_of(new) else still).append(piece)
            for piece, opens in fresh:
                (found if opens or piece.speaks_of(names) else still).append(piece)
            cold = still
            if not found:
                return hot, names
            hot += found
            fresh = []
            new = {name for piece in found for name in piece.names} - names
            names |= new
            words = {name.removesuffix("()").encode() for name in new}
            opened = {file for file in closed if self._holds(file, words)}

    def _opens(self, path: str) -> bool:
        return self._gate.passes(self._program.text(path))

    def _holds(self, path: str, words: Iterable[bytes]) -> bool:
        text = self._program.text(path)
        words = [word for word in words if word in text]
        if words and path not in self._words:
            self._words[path] = frozenset(_WORD.findall(text))
        return bool(words) and not self._words[path].isdisjoint(words)

    def _of(self, path: str) -> list[tuple[Piece, bool]]:
        """Give the pieces of a file, and whether each holds one of the gate's words."""
        if path not in self._pieces:
            module = self._program.module(path)
            found = pieces(module.tree, module.lines, of_tests=False) if module else ()
            self._pieces[path] = [(piece, self._gate.opens(piece.text)) for piece in found]
        return self._pieces[path]

    def _around(self, path: str) -> list[str] | None:
        """List the files to which a test file's imports and conftest.py files lead."""
        plugins = self._program.project(path).pytest.plugins
        first = [*self._program.around(path), *self._found(plugins, path)]
        depths = dict.fromkeys(first, 0)
        queue = list(depths)
        for file in queue:
            for imported in self._imports(file):
                depth = 0 if self._program.is_support(imported) else depths[file] + 1
                if depth <= _MAX_DEPTH and imported not in depths:
                    depths[imported] = depth
                    queue.append(imported)
            if len(queue) > _MAX_FILES:
                return None
        return queue

    def _imports(self, path: str) -> list[str]:
        if path not in self._imported:
            data = self._program.text(path)
            found = dict.fromkeys(self._targets(data, path))
            plugins = [
                name.decode() for text in _PLUGINS.findall(data) for name in _QUOTED.findall(text)
            ]
            found.update(dict.fromkeys(self._found(plugins, path)))
            self._imported[path] = [file for file in found if file.endswith(".py")]
        return self._imported[path]

    def _targets(self, data: bytes, path: str) -> Iterator[str]:
        find = self._program.find
        for level, module, names in imports(data):
            if not level and module.partition(".")[0] in LIBRARIES:
                continue
            found = find(module, level, path)
            yield found
            if not found.endswith(".py") or found.endswith("__init__.py"):
                for name in names if found else ():
                    yield find(f"{module}.{name}" if module else name, level, path)

    def _found(self, modules: Iterable[str], path: str) -> list[str]:
        found = (self._program.find(name, 0, path) for name in modules)
        return [file for file in found if file.endswith(".py")]
