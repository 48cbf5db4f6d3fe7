"""The linked files of one run; each is loaded once, when a name leads to it."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from wslint.filesystem.lookups import Memo
from wslint.filesystem.paths import inside
from wslint.linking.module import Module
from wslint.project.layout import Layout
from wslint.syntax.nodes import Import
from wslint.syntax.source import DEFAULT_MAX_SIZE, Source, read_source
from wslint.vocabulary import TRIGGERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from wslint.syntax.source import Unreadable

# The most files that are followed for one test file, and that are kept for the next ones.
MAX_LINKED = 1000


_QUOTED = re.compile(rb"""["']([^"'\s\\]+)["']""")


class StarNames(NamedTuple):
    """The names that some star imports may bind: ``names``, and any of the ``libraries``.

    ``paths`` are the files of the project that they lead to.
    """

    names: frozenset[str]
    libraries: frozenset[str]
    paths: frozenset[str]


_NO_STARS = StarNames(frozenset(), frozenset(), frozenset())


class Program(Layout):
    """The files that tests can reach. ``overlay`` has the bytes of unsaved files.

    ``words`` are trigger words beside those of the libraries: the names of the user's roles.
    """

    def __init__(
        self,
        overlay: dict[str, bytes] | None = None,
        max_file_size: int = DEFAULT_MAX_SIZE,
        words: Iterable[bytes] = (),
    ) -> None:
        super().__init__(overlay, max_file_size)
        self.words = (*TRIGGERS, *words)
        self._reported: list[Unreadable] = []
        self._sources: dict[str, Source | Unreadable] = {}
        self._modules: dict[str, Module | None] = {}
        self._imports: dict[Module, list[tuple[str, str]]] = {}
        self._followed: set[str] = set()
        # what is found out once for all tests
        self.known: Memo[object, Any] = Memo()
        self._judged = ""

    def module(self, path: str) -> Module | None:
        """Load a file; None if it can't be read, or if too many files were followed already."""
        leads = self.leads_of(path)
        if path not in self._followed:
            if len(self._followed) >= MAX_LINKED:
                return None
            self._followed.add(path)
        if path not in self._modules:
            self._modules[path] = None
            source = self.source(path)
            if isinstance(source, Source):
                with leads, suppress(RecursionError):  # nothing in it can be followed
                    self._modules[path] = self._load(source)
        return self._modules[path]

    def _load(self, source: Source) -> Module:
        return Module(
            source,
            self._package(source.path),
            supports_tests=self._supports(source.path, source.data),
        )

    def source(self, path: str) -> Source | Unreadable:
        """Read and parse a file, once."""
        self.leads_of(path)
        if path not in self._sources:
            if path in self.overlay:
                data = self.overlay[path]
                source = Source.from_bytes(path, data, max_size=self.max_file_size)
            else:
                source = read_source(path, max_size=self.max_file_size)
            self._sources[path] = source
        return self._sources[path]

    def text(self, path: str, *searched: str) -> bytes:
        """Return a file's bytes; ``searched``: all that is searched in it, if that is known."""
        module = self._modules.get(path) if path == self._judged else None
        if module is not None:
            module.asked.update(("text", text) for text in searched or ("",))
        return super().text(path)

    def mentions(self, path: str, word: bytes) -> bool:
        """Return whether a file's text contains a word; cheaper than loading it."""
        return word in self.text(path, word.decode())

    def quotes(self, path: str, word: str) -> bool:
        """Return whether a word is a string in a file."""
        if path == self._judged:
            return any(self.mentions(path, f"{mark}{word}{mark}".encode()) for mark in "\"'")
        return word in self.quoted(path)

    def quoted(self, path: str) -> frozenset[str]:
        """Return the words that are strings in a file."""
        found: frozenset[str] = self.known.get(
            ("quoted", path),
            lambda: frozenset(
                word.decode("utf-8", "replace") for word in _QUOTED.findall(self.text(path))
            ),
        )
        return found

    def is_judged(self, path: str) -> bool:
        """Return whether a file is the one that is judged, which may change in an editor."""
        return path == self._judged

    def names_file(self, path: str) -> bool:
        """Return whether another loaded file contains the name of this one."""
        stem = os.path.basename(path).removesuffix(".py").encode()
        return any(
            isinstance(source, Source) and stem in source.data
            for other, source in self._sources.items()
            if other != path
        )

    def _already_read(self, path: str) -> bytes | None:
        known = self._sources.get(path)
        return known.data if isinstance(known, Source) else None

    def adopt(self, source: Source) -> Module:
        """Add the file that is judged next. Raises RecursionError if it nests too deeply."""
        self._followed = {source.path}
        self._judged = source.path
        if len(self._modules) > MAX_LINKED:
            self._modules.clear()
            self._sources.clear()
            self._imports.clear()
            self._texts.clear()
        self._sources.setdefault(source.path, source)
        module = self._modules.get(source.path)
        if module is None:
            with self.leads_of(source.path):
                self._modules[source.path] = module = self._load(source)
        return module

    def release(self, path: str) -> None:
        """Drop a file that was judged; if another one needs it, it is read again."""
        self._sources.pop(path, None)
        self._texts.pop(path, None)
        module = self._modules.pop(path, None)
        if module is not None:
            self._imports.pop(module, None)

    def imports_of(self, module: Module) -> list[tuple[str, str]]:
        """Return the names that a module imports from the project, each with its file."""
        imports = module.imports
        if module not in self._imports:
            self._imports[module] = list(self._imported(module, imports))
        return self._imports[module]

    def _imported(self, module: Module, imports: list[Import]) -> Iterator[tuple[str, str]]:
        for statement in imports:
            if statement.name not in ("", "*"):
                path = self.find(statement.module, statement.level, module.path)
                if path.endswith("__init__.py"):
                    path = self._re_exported_from(path, statement.name) or path
                if path.endswith(".py"):
                    yield statement.alias or statement.name, path

    def _re_exported_from(self, package: str, name: str) -> str:
        """Return the file from which a package of test code re-exports a name."""
        module = self.module(package) if self.is_support(package) else None
        for statement in module.bindings(name) if module is not None else ():
            if isinstance(statement, Import):
                return self.find(statement.module, statement.level, package)
        return ""

    def star_names(self, module: Module) -> StarNames | None:
        """Return what the star imports of a module may bind; None if that can't be said."""
        if not module.stars:
            return _NO_STARS
        find = partial(self._star_names, module)
        if module.path == self._judged:
            return module.once("star names", find)
        found = self.known.get(("star names", module.path), find)
        return None if found is None or self._judged in found.paths else found

    def _star_names(self, module: Module) -> StarNames | None:
        names: set[str] = set()
        libraries: set[str] = set()
        paths = {module.path}
        pending = [module]
        while pending:
            importer = pending.pop()
            for star in importer.stars:
                path = self.find(star.module, star.level, importer.path)
                if not path.endswith(".py"):
                    libraries.add(star.module)
                elif path not in paths:
                    found = self.module(path)
                    if found is None:
                        return None
                    paths.add(path)
                    names |= found.bound
                    pending.append(found)
        return StarNames(frozenset(names), frozenset(libraries), frozenset(paths))

    def problems(self) -> list[Unreadable]:
        """Return the statements of loaded files that nest too deeply."""
        loaded = (module for module in self._modules.values() if module is not None)
        return [problem for module in loaded for problem in module.problems]

    def new_problems(self) -> list[Unreadable]:
        """Return the problems since the last call."""
        problems = self.problems()
        new = [problem for problem in problems if problem not in self._reported]
        self._reported += new
        return new

    def had_problems(self, paths: AbstractSet[str]) -> bool:
        """Return whether a problem was reported in one of these files."""
        return any(problem.path in paths for problem in self._reported)

    def _supports(self, path: str, data: bytes) -> bool:
        """Return whether a file is test code by its path, or contains a trigger word."""
        return self.is_support(path) or any(word in data for word in self.words)

    def _package(self, path: str) -> str:
        """Return the package of ``path``, as its relative imports need it."""
        folder = os.path.dirname(path)
        parts: list[str] = []
        while self.exists(inside(folder, "__init__.py")):
            parts.insert(0, os.path.basename(folder))
            if os.path.dirname(folder) == folder:
                break
            folder = os.path.dirname(folder)
        return ".".join(parts)
