"""All files that one run has linked: loads them when a name leads there, each once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wslint.link.modules import Module
from wslint.paths import inside
from wslint.project import Project, import_roots, project_of
from wslint.source import DEFAULT_MAX_SIZE, Source, read_bytes, read_source
from wslint.vocabulary import LIBRARIES, TRIGGERS

if TYPE_CHECKING:
    from wslint.cache import ScriptCache
    from wslint.source import Unreadable

MAX_LINKED = 1000


class Program:
    """The files reachable from the judged ones. ``overlay`` gives the bytes of unsaved files."""

    def __init__(
        self,
        overlay: dict[str, bytes] | None = None,
        max_file_size: int = DEFAULT_MAX_SIZE,
        words: tuple[bytes, ...] = TRIGGERS,
        cache: ScriptCache | None = None,
    ) -> None:
        self.cache = cache
        self.words = words
        self.overlay = {} if overlay is None else overlay
        self.max_file_size = max_file_size
        self.invoked_from = os.getcwd().replace(os.sep, "/")
        self.consulted: set[str] = set()
        self._modules: dict[str, Module | None] = {}
        self._texts: dict[str, bytes] = {}
        self._paths: dict[tuple[str, str], str] = {}

    def project(self, path: str) -> Project:
        """Give the project of a file."""
        return project_of(os.path.dirname(path), self.invoked_from)

    def module(self, path: str) -> Module | None:
        """Load a file; None where it can't be read, or too many were read already."""
        if path not in self._modules:
            self._modules[path] = None
            if len(self._modules) < MAX_LINKED:
                self._modules[path] = self._load(path)
        return self._modules[path]

    def _load(self, path: str) -> Module | None:
        self.consulted.add(path)
        if path in self.overlay:
            source = Source.from_bytes(path, self.overlay[path], max_size=self.max_file_size)
        else:
            source = read_source(path, max_size=self.max_file_size)
        if not isinstance(source, Source):
            return None
        supports = self._supports(path, source.data)
        return Module(source, self._package(path), supports_tests=supports, cache=self.cache)

    def keep(self) -> None:
        """Put what was lowered into the cache."""
        for module in self._modules.values():
            if module is not None:
                module.keep()

    def problems(self) -> list[Unreadable]:
        """List what libcst could not read of the files that were loaded."""
        loaded = (module for module in self._modules.values() if module is not None)
        return [problem for module in loaded for problem in module.problems]

    def _supports(self, path: str, data: bytes) -> bool:
        """Tell whether a file is test code, by its path, or names what timelines are made of."""
        return self.is_support(path) or any(word in data for word in self.words)

    def is_support(self, path: str) -> bool:
        """Tell whether a file is test code by its path."""
        top = self.project(path).top
        parts = os.path.relpath(path, top).replace(os.sep, "/").split("/")
        return any(part.startswith(("test", "conftest", "fixture")) for part in parts)

    def mentions(self, path: str, word: bytes) -> bool:
        """Tell whether a file's text holds a word; cheaper than loading it."""
        return word in self.text(path)

    def text(self, path: str) -> bytes:
        """Give a file's bytes, none where it can't be read."""
        if path not in self._texts:
            self.consulted.add(path)
            data = self.overlay.get(path) or read_bytes(path, max_size=self.max_file_size)
            self._texts[path] = data if isinstance(data, bytes) else b""
        return self._texts[path]

    def around(self, path: str) -> list[str]:
        """List a test file and each conftest.py that pytest would load for it."""
        found, folder, top = [path], os.path.dirname(path), self.project(path).top
        while True:
            conftest = inside(folder, "conftest.py")
            if self.exists(conftest):
                found.append(conftest)
            if folder in (top, os.path.dirname(folder)):
                return found
            folder = os.path.dirname(folder)

    def _package(self, path: str) -> str:
        """Give the dotted name of the folder of ``path`` as its own imports see it."""
        folder = os.path.dirname(path)
        parts: list[str] = []
        while self.exists(inside(folder, "__init__.py")):
            parts.insert(0, os.path.basename(folder))
            if os.path.dirname(folder) == folder:
                break
            folder = os.path.dirname(folder)
        return ".".join(parts)

    def exists(self, path: str) -> bool:
        """Tell whether a file is there, and remember that the answer was used."""
        self.consulted.add(path)
        return path in self.overlay or os.path.isfile(path)

    def find(self, dotted: str, level: int, importer: str) -> str:
        """Give the path of the module or package folder that an import names, "" for none.

        ``importer`` is the importing file. A package is its ``__init__.py``, or its folder where
        it has none.
        """
        folder = os.path.dirname(importer)
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._below(folder, dotted)
        key = (dotted, folder)
        if key not in self._paths:
            self._paths[key] = ""
            for root in import_roots(folder, project_of(folder, self.invoked_from)):
                if self._hides_library(root, dotted):
                    continue
                found = self._below(root, dotted)
                # a plain folder is a namespace package only where nothing better is found
                if found and (found.endswith(".py") or not self._paths[key]):
                    self._paths[key] = found
                    if found.endswith(".py"):
                        break
        return self._paths[key]

    def _hides_library(self, root: str, dotted: str) -> bool:
        """Tell whether ``root`` is a package's own folder: there `pytest.py` is not pytest."""
        known = dotted.partition(".")[0] in LIBRARIES
        return known and self.exists(inside(root, "__init__.py"))

    def _below(self, folder: str, dotted: str) -> str:
        path = inside(folder, *dotted.split(".")) if dotted else folder
        for candidate in (inside(path, "__init__.py"), path + ".py"):
            if self.exists(candidate):
                return candidate
        return path if os.path.isdir(path) else ""
