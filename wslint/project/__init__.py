"""A file to its project: rootdir, pytest settings, import roots, and what is a test here."""

from __future__ import annotations

import os
from fnmatch import fnmatch
from functools import cache

from wslint.paths import inside, plain
from wslint.project.ini import read_settings
from wslint.project.model import Project, PytestSettings

__all__ = ["Project", "PytestSettings", "base_folder", "import_roots", "is_pytest_file",
           "is_unittest_file", "project_of"]  # fmt: skip


@cache
def project_of(folder: str, invoked_from: str = "") -> Project:
    """Give the project of the files in ``folder`` (absolute).

    The rootdir is the nearest folder above with pytest settings, else the nearest with setup.py,
    manage.py or pyproject.toml, else the top of the checkout, else ``invoked_from`` where the file
    lies below it (as pytest has it), else ``folder`` itself.
    """
    settings: PytestSettings | None = None
    rootdir = marked = top = ""
    for parent in _parents(folder):
        if settings is None:
            settings = read_settings(parent)
            rootdir = parent if settings else ""
        if not marked and any(
            os.path.isfile(inside(parent, name))
            for name in ("setup.py", "manage.py", "pyproject.toml")
        ):
            marked = parent
        if any(os.path.exists(inside(parent, name)) for name in (".git", ".hg")):
            top = parent
            break
    below = invoked_from if f"{folder}/".startswith(f"{invoked_from.rstrip('/')}/") else ""
    rootdir = rootdir or marked or top or below or folder
    top = top or (marked if len(marked) < len(rootdir) and marked else rootdir)
    return Project(rootdir, top, settings or PytestSettings())


def _parents(folder: str) -> list[str]:
    found = [folder]
    while os.path.dirname(found[-1]) != found[-1]:
        found.append(os.path.dirname(found[-1]))
    return found


@cache
def base_folder(folder: str) -> str:
    """Give the folder from which pytest imports a file of ``folder``: the first above packages."""
    while os.path.isfile(inside(folder, "__init__.py")):
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    return folder


@cache
def import_roots(folder: str, project: Project) -> tuple[str, ...]:
    """List the folders in which an absolute import of a file in ``folder`` is looked for.

    Nearest first, so that of two modules of one name in a monorepo the file's own wins.
    """
    roots = [base_folder(folder)]
    roots += [os.path.join(project.rootdir, path) for path in project.pytest.pythonpath]
    for parent in _parents(folder):
        roots += [parent, inside(parent, "src")]
        if parent in (project.top, os.path.dirname(project.top)):
            break
    unique = dict.fromkeys(map(plain, roots))
    return tuple(root for root in unique if os.path.isdir(root))


def is_pytest_file(path: str, project: Project) -> bool:
    """Tell whether pytest collects this file by itself."""
    name = os.path.basename(path)
    return any(
        fnmatch(name, pattern) or ("/" in pattern and fnmatch(path, f"*/{pattern.lstrip('/')}"))
        for pattern in project.pytest.python_files
    )


def is_unittest_file(path: str) -> bool:
    """Tell whether unittest's and Django's discovery (``test*.py``) take this file."""
    return fnmatch(os.path.basename(path), "test*.py")
