"""Resolves imports and conftest.py files to paths. No file is parsed."""

from __future__ import annotations

import os
from functools import partial

from wslint.filesystem import snapshot
from wslint.filesystem.lookups import Lookups, Memo, depend_on
from wslint.filesystem.paths import inside
from wslint.project import Project, import_roots, project_of
from wslint.syntax.source import DEFAULT_MAX_SIZE, read_bytes
from wslint.vocabulary import LIBRARIES, PARTS_OF_LIBRARIES

_SUPPORT = ("/test", "/conftest", "/fixture")


class Layout:
    """The files of a project. ``overlay`` has the bytes of unsaved files."""

    def __init__(
        self, overlay: dict[str, bytes] | None = None, max_file_size: int = DEFAULT_MAX_SIZE
    ) -> None:
        self.overlay = {} if overlay is None else overlay
        self.max_file_size = max_file_size
        self.invoked_from = os.getcwd().replace(os.sep, "/")
        self._texts: dict[str, bytes] = {}
        self._paths: Memo[tuple[str, str], str] = Memo()
        self._libraries: Memo[tuple[str, str], bool] = Memo()
        self._support: Memo[str, bool] = Memo()
        self._leads: dict[str, Lookups] = {}

    def project(self, path: str) -> Project:
        """Return the project of a file."""
        return project_of(os.path.dirname(path), self.invoked_from)

    def is_support(self, path: str) -> bool:
        """Return whether the path of a file says that it is test code."""
        folder, _, name = path.rpartition("/")
        return f"/{name}".startswith(_SUPPORT) or self._support.get(
            folder, lambda: self._is_support_folder(folder, self.project(path).top.rstrip("/"))
        )

    def _is_support_folder(self, folder: str, top: str) -> bool:
        below = f"{folder}/".startswith(f"{top}/")
        within = folder[len(top) :] if below else f"/{os.path.relpath(folder, top)}"
        return any(start in within for start in _SUPPORT)

    def leads_of(self, path: str) -> Lookups:
        """Return what a file leads to: whoever looks at it depends on that, now or later."""
        leads = self._leads.get(path)
        if leads is None:
            leads = self._leads[path] = Lookups()
            with leads:
                snapshot.kind(path)
        depend_on(leads)
        return leads

    def text(self, path: str) -> bytes:
        """Return a file's bytes; empty if it can't be read."""
        self.leads_of(path)
        if path not in self._texts:
            data = self.overlay.get(path, self._already_read(path))
            content = read_bytes(path, max_size=self.max_file_size) if data is None else data
            self._texts[path] = content if isinstance(content, bytes) else b""
        return self._texts[path]

    def _already_read(self, path: str) -> bytes | None:  # noqa: ARG002
        return None

    def around(self, path: str) -> list[str]:
        """Return a test file and each conftest.py that pytest loads for it."""
        paths, folder, top = [path], os.path.dirname(path), self.project(path).top
        while True:
            conftest = inside(folder, "conftest.py")
            if self.exists(conftest):
                paths.append(conftest)
            if folder in (top, os.path.dirname(folder)):
                return paths
            folder = os.path.dirname(folder)

    def exists(self, path: str) -> bool:
        """Return whether a file exists, and record the lookup."""
        return snapshot.is_file(path) or path in self.overlay

    def roots(self, path: str) -> tuple[str, ...]:
        """Return the folders in which absolute imports of a file are resolved, nearest first."""
        return import_roots(path.rpartition("/")[0] or "/", self.project(path))

    def find(self, dotted: str, level: int, importer: str) -> str:
        """Return the path of the module or package folder that an import names, or "".

        ``importer`` is the importing file. A package is its ``__init__.py``, or its folder if
        it has none.
        """
        folder = importer.rpartition("/")[0] or "/"
        with self.leads_of(importer):
            if level:
                for _ in range(level - 1):
                    folder = os.path.dirname(folder)
                found = self._below(folder, dotted)
            else:
                found = self._paths.get((dotted, folder), partial(self._absolute, dotted, folder))
            if found.endswith(".py"):
                self.leads_of(found)
        return found

    def _absolute(self, dotted: str, folder: str) -> str:
        found = ""
        for root in import_roots(folder, project_of(folder, self.invoked_from)):
            if self._hides_library(root, dotted):
                continue
            candidate = self._below(root, dotted)
            if candidate and self._is_library(root, dotted.partition(".")[0]):
                return ""  # libraries are never read: their behaviour is known
            # a plain folder is a namespace package only if there is nothing better
            if candidate and (candidate.endswith(".py") or not found):
                found = candidate
                if candidate.endswith(".py"):
                    break
        return found

    def _hides_library(self, root: str, dotted: str) -> bool:
        """Return whether ``root`` is a package: its `pytest.py` is not pytest."""
        known = dotted.partition(".")[0] in LIBRARIES
        return known and self.exists(inside(root, "__init__.py"))

    def _is_library(self, root: str, package: str) -> bool:
        """Return whether ``root`` contains the library itself, not a namesake."""
        parts = PARTS_OF_LIBRARIES.get(package, ())
        return bool(parts) and self._libraries.get(
            (root, package),
            lambda: all(self._below(inside(root, package), part) for part in parts),
        )

    def _below(self, folder: str, dotted: str) -> str:
        path = inside(folder, *dotted.split(".")) if dotted else folder
        for candidate in (inside(path, "__init__.py"), path + ".py"):
            if self.exists(candidate):
                return candidate
        return path if snapshot.is_folder(path) else ""
