"""The project of a file: rootdir, pytest settings, import roots, and which files are tests."""

from __future__ import annotations

import os
import re
from fnmatch import fnmatch, translate
from functools import cache

from wslint.filesystem import snapshot
from wslint.filesystem.paths import inside, plain
from wslint.project.ini import NAMES, read_settings
from wslint.project.model import Project, PytestSettings

__all__ = ["Project", "PytestSettings", "base_folder", "import_roots", "is_pytest_file",
           "is_test_file", "is_unittest_file", "project_of"]  # fmt: skip
_MARKS = ("setup.py", "manage.py", "pyproject.toml")
_CHECKOUTS = (".git", ".hg")
_TELLING = frozenset((*NAMES, *_MARKS, *_CHECKOUTS))


@snapshot.per_run
def project_of(folder: str, invoked_from: str = "") -> Project:
    """Return the project of the files in ``folder`` (absolute).

    The rootdir is the nearest folder at or above with pytest settings, else the nearest with
    setup.py, manage.py or pyproject.toml, else the top of the checkout, else ``invoked_from`` if
    the file is below it (as in pytest), else ``folder`` itself.
    """
    settings, rootdir, marked, top = _around(folder)
    below = invoked_from if f"{folder}/".startswith(f"{invoked_from.rstrip('/')}/") else ""
    rootdir = rootdir or marked or top or below or folder
    top = top or (marked if len(marked) < len(rootdir) and marked else rootdir)
    return Project(rootdir, top, settings or PytestSettings())


@snapshot.per_run
def _around(folder: str) -> tuple[PytestSettings | None, str, str, str]:
    """Return the nearest settings, their folder, the nearest marked folder, and the checkout."""
    parent = os.path.dirname(folder)
    if parent != folder and snapshot.holds_none(folder, _TELLING):  # most folders
        return _around(parent)
    settings = read_settings(folder)
    rootdir = folder if settings else ""
    marked = folder if any(snapshot.is_file(f"{folder}/{name}") for name in _MARKS) else ""
    if any(snapshot.kind(f"{folder}/{name}") for name in _CHECKOUTS):
        return settings, rootdir, marked, folder
    if parent == folder:
        return settings, rootdir, marked, ""
    outer, outer_rootdir, outer_marked, top = _around(parent)
    if settings is None:
        settings, rootdir = outer, outer_rootdir
    return settings, rootdir, marked or outer_marked, top


def _parents(folder: str) -> list[str]:
    folders = [folder]
    while os.path.dirname(folders[-1]) != folders[-1]:
        folders.append(os.path.dirname(folders[-1]))
    return folders


@snapshot.per_run
def base_folder(folder: str) -> str:
    """Return pytest's import root for ``folder``: the first folder that is not a package."""
    while snapshot.is_file(f"{folder}/__init__.py"):
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    return folder


@snapshot.per_run
def import_roots(folder: str, project: Project) -> tuple[str, ...]:
    """Return the folders in which absolute imports of a file in ``folder`` are resolved.

    Nearest first: of two modules of the same name in a monorepo, the file's own wins.
    """
    roots = [base_folder(folder)]
    roots += [os.path.join(project.rootdir, path) for path in project.pytest.pythonpath]
    for parent in _parents(folder):
        roots += [parent, inside(parent, "src")]
        if parent in (project.top, os.path.dirname(project.top)):
            break
    unique = dict.fromkeys(map(plain, roots))
    return tuple(root for root in unique if snapshot.is_folder(root))


def is_pytest_file(path: str, project: Project) -> bool:
    """Return whether pytest collects this file by default."""
    patterns = project.pytest.python_files
    return _names(patterns).match(os.path.normcase(path.rpartition("/")[2])) is not None or any(
        "/" in pattern and fnmatch(path, f"*/{pattern.lstrip('/')}") for pattern in patterns
    )


@cache
def _names(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(translate(os.path.normcase(pattern)) for pattern in patterns))


def is_unittest_file(path: str) -> bool:
    """Return whether the discovery of unittest and Django (``test*.py``) finds this file."""
    return fnmatch(os.path.basename(path), "test*.py")


def is_test_file(path: str, project: Project) -> bool:
    """Return whether any runner collects a file."""
    return is_pytest_file(path, project) or is_unittest_file(path)
