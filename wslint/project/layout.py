"""Resolves imports and conftest.py files to paths. No file is parsed."""

from __future__ import annotations

import os

from wslint.filesystem import snapshot
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
        self._paths: dict[tuple[str, str], str] = {}
        self._libraries: dict[tuple[str, str], bool] = {}
        self._support: dict[str, bool] = {}

    def project(self, path: str) -> Project:
        """Return the project of a file."""
        return project_of(os.path.dirname(path), self.invoked_from)

    def is_support(self, path: str) -> bool:
        """Return whether the path of a file says that it is test code."""
        folder, _, name = path.rpartition("/")
        if folder not in self._support:
            top = self.project(path).top.rstrip("/")
            below = f"{folder}/".startswith(f"{top}/")
            within = folder[len(top) :] if below else f"/{os.path.relpath(folder, top)}"
            self._support[folder] = any(start in within for start in _SUPPORT)
        return self._support[folder] or f"/{name}".startswith(_SUPPORT)

    def text(self, path: str) -> bytes:
        """Return a file's bytes; empty if it can't be read."""
        if path not in self._texts:
            snapshot.kind(path)
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

    def find(self, dotted: str, level: int, importer: str) -> str:
        """Return the path of the module or package folder that an import names, or "".

        ``importer`` is the importing file. A package is its ``__init__.py``, or its folder if
        it has none.
        """
        folder = importer.rpartition("/")[0] or "/"
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
                candidate = self._below(root, dotted)
                if candidate and self._is_library(root, dotted.partition(".")[0]):
                    return ""  # libraries are never read: their behaviour is known
                # a plain folder is a namespace package only if there is nothing better
                if candidate and (candidate.endswith(".py") or not self._paths[key]):
                    self._paths[key] = candidate
                    if candidate.endswith(".py"):
                        break
        return self._paths[key]

    def _hides_library(self, root: str, dotted: str) -> bool:
        """Return whether ``root`` is a package: its `pytest.py` is not pytest."""
        known = dotted.partition(".")[0] in LIBRARIES
        return known and self.exists(inside(root, "__init__.py"))

    def _is_library(self, root: str, package: str) -> bool:
        """Return whether ``root`` contains the library itself, not a namesake."""
        key = (root, package)
        if key not in self._libraries:
            parts = PARTS_OF_LIBRARIES.get(package, ())
            self._libraries[key] = bool(parts) and all(
                self._below(inside(root, package), part) for part in parts
            )
        return self._libraries[key]

    def _below(self, folder: str, dotted: str) -> str:
        path = inside(folder, *dotted.split(".")) if dotted else folder
        for candidate in (inside(path, "__init__.py"), path + ".py"):
            if self.exists(candidate):
                return candidate
        return path if snapshot.is_folder(path) else ""
