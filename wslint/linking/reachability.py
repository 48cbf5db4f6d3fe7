"""Finds the tests of a file that can reach a socket, a communicator or an override at all.

Everything in a timeline begins with one of the prefilter's words. A test is relevant if it contains
one, or a name by which it reaches a code unit that does, in any file to which its imports and
conftest.py files lead. This searches words: it may keep a test needlessly, which costs time, and
never leaves out a relevant one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wslint.discovery.prefilter import imports, plugins
from wslint.linking.code_units import CodeUnit, code_units
from wslint.vocabulary import LIBRARIES

if TYPE_CHECKING:
    from wslint.discovery.prefilter import Prefilter
    from wslint.linking.program import Program

# How many imports deep application code is searched; test helpers are not further away.
_MAX_DEPTH = 3
_MAX_FILES = 400
# for more words, a file is split into its words at once
_FEW = 50
_WORD = re.compile(rb"\w+")


@dataclass(frozen=True)
class RelevantTests:
    """The relevant tests of one file.

    ``tops``: the top-level functions and classes with one of them. ``parts``: (class, method) of
    each relevant unit, with "" for what all tests of a class share and "()" for what it inherits.
    """

    tops: frozenset[str]
    parts: frozenset[tuple[str, str]]
    own: frozenset[tuple[str, str]]

    def includes(self, owners: tuple[str, ...], name: str) -> bool:
        """Return whether a test is relevant; ``owners``: its classes, outermost first."""
        around = [".".join(owners[: at + 1]) for at in range(len(owners))]
        if any((owner, "") in self.parts for owner in around):
            return True
        owner = around[-1] if around else ""
        key = name if (owner, name) in self.own else "()"
        return (owner, key) in self.parts


class Reachability:
    """The imports and code units of the files of one run."""

    def __init__(self, program: Program, prefilter: Prefilter) -> None:
        self._program = program
        self._prefilter = prefilter
        self._imported: dict[str, list[str]] = {}
        self._units: dict[str, list[tuple[CodeUnit, bool]]] = {}
        self._words: dict[str, frozenset[bytes]] = {}

    def of(self, path: str) -> RelevantTests | None:
        """Return the relevant tests of a file; None for all of them."""
        files = self._around(path)
        module = self._program.module(path)
        if files is None or module is None:
            return None
        own = list(code_units(module.tree, module.lines, of_tests=True))
        settings = self._program.project(path).pytest
        relevant, names = self._relevant_units(list(own), files, path)
        if any(unit.everywhere for unit in relevant) or not names.isdisjoint(settings.usefixtures):
            return None
        mine = {id(unit) for unit in own}
        parts = {(unit.owner, unit.key) for unit in relevant if id(unit) in mine}
        tops = {owner.partition(".")[0] or key for owner, key in parts}
        return RelevantTests(
            frozenset(tops),
            frozenset(parts),
            frozenset((unit.owner, unit.key) for unit in own),
        )

    def _relevant_units(
        self, own: list[CodeUnit], files: Iterable[str], path: str
    ) -> tuple[list[CodeUnit], set[str]]:
        """Return the units that contain a trigger word, or the name of one that does."""
        names: set[str] = set()
        relevant: list[CodeUnit] = []
        irrelevant: list[CodeUnit] = []
        closed = [file for file in files if file != path]
        opened = {file for file in closed if self._opens(file)}
        fresh = [(unit, self._prefilter.matches_text(unit.text)) for unit in own]
        new: set[str] = set()
        while True:
            for file in opened:
                fresh += self._of(file)
            closed = [file for file in closed if file not in opened]
            matching: list[CodeUnit] = []
            still: list[CodeUnit] = []
            for unit in irrelevant:
                (matching if unit.mentions(new) else still).append(unit)
            for unit, opens in fresh:
                (matching if opens or unit.mentions(names) else still).append(unit)
            irrelevant = still
            if not matching:
                return relevant, names
            relevant += matching
            fresh = []
            new = {name for unit in matching for name in unit.names} - names
            names |= new
            words = {name.removesuffix("()").encode() for name in new}
            opened = {file for file in closed if self._holds(file, words)}

    def _opens(self, path: str) -> bool:
        return self._prefilter.passes(self._program.text(path))

    def _holds(self, path: str, words: AbstractSet[bytes]) -> bool:
        text = self._program.text(path)
        if path not in self._words:
            if len(words) < _FEW and not any(word in text for word in words):
                return False
            self._words[path] = frozenset(_WORD.findall(text))
        return not self._words[path].isdisjoint(words)

    def _of(self, path: str) -> list[tuple[CodeUnit, bool]]:
        """Return the units of a file, and whether each contains one of the prefilter's words."""
        if path not in self._units:
            module = self._program.module(path)
            units = code_units(module.tree, module.lines, of_tests=False) if module else ()
            self._units[path] = [(unit, self._prefilter.matches_text(unit.text)) for unit in units]
        return self._units[path]

    def _around(self, path: str) -> list[str] | None:
        """Return the files that a test file's imports and conftest.py files lead to."""
        by_settings = self._program.project(path).pytest.plugins
        first = [*self._program.around(path), *self._python_files(by_settings, path)]
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
        self._program.leads_of(path)
        if path not in self._imported:
            data = self._program.text(path)
            targets = dict.fromkeys(self._targets(data, path))
            targets.update(dict.fromkeys(self._python_files(plugins(data), path)))
            self._imported[path] = [file for file in targets if file.endswith(".py")]
        return self._imported[path]

    def _targets(self, data: bytes, path: str) -> Iterator[str]:
        find = self._program.find
        for level, module, names in imports(data):
            if not level and module.partition(".")[0] in LIBRARIES:
                continue
            target = find(module, level, path)
            yield target
            if not target.endswith(".py") or target.endswith("__init__.py"):
                for name in names if target else ():
                    yield find(f"{module}.{name}" if module else name, level, path)

    def _python_files(self, modules: Iterable[str], path: str) -> list[str]:
        targets = (self._program.find(name, 0, path) for name in modules)
        return [file for file in targets if file.endswith(".py")]
