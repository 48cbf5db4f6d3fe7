"""Which versions of the libraries a project uses, as its own files say; nothing is imported.

Lock files are exact; of requirements only ``name==version`` counts. What is not found counts as the
newest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from wslint.filesystem import snapshot as disk
from wslint.filesystem.paths import inside
from wslint.filesystem.toml import toml_of

LIBRARIES = frozenset(
    ("asgiref", "channels", "django", "django-waffle", "fastapi", "litestar", "pytest",
     "pytest-asyncio", "pytest-django", "starlette")
)  # fmt: skip
_PINNED = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*===?\s*([0-9][\w.!+]*)")
# Written by programs, so that a search does: to parse a lock file of 400 kB takes 0.1 s.
_NAMES = "|".join(sorted(LIBRARIES)).replace("-", "[-_.]")
_NAMED_IN_LOCK = re.compile(rf'^name\s*=\s*"({_NAMES})"', re.MULTILINE | re.IGNORECASE)
_VERSION_IN_LOCK = re.compile(r'^version\s*=\s*"([^"\n]*)"', re.MULTILINE)
_LOCKS = ("uv.lock", "poetry.lock", "pylock.toml")
_FLOOR = re.compile(r"(?:>=|~=|\^|==)\s*(\d+\.\d+)")


@disk.per_run
def library_versions(folder: str, top: str) -> dict[str, str]:
    """Return the versions by name for files in ``folder``, nearest files first, up to ``top``.

    ``python`` is the lowest version that the project supports.
    """
    found: dict[str, str] = {}
    while True:
        for name, version in _declared_in(folder):
            found.setdefault(name, version)
        if folder in (top, os.path.dirname(folder)):
            return found
        folder = os.path.dirname(folder)


@disk.per_run
def _declared_in(folder: str) -> tuple[tuple[str, str], ...]:
    """Read the files of a folder once, however many folders of tests lie below it."""
    return tuple(_of_folder(folder))


def _of_folder(folder: str) -> Iterator[tuple[str, str]]:
    for lock in _LOCKS:
        path = inside(folder, lock)
        if disk.is_file(path):
            yield from _of_lock(path)
    for name in disk.requirements_in(folder):
        if name.endswith(".txt"):
            yield from _of_requirements(inside(folder, name))
    path = inside(folder, "pyproject.toml")
    if disk.is_file(path):
        yield from _of_pyproject(toml_of(path))


def _of_lock(path: str) -> Iterator[tuple[str, str]]:
    try:
        text = disk.read(path).decode("utf-8", "replace")
    except OSError:
        return
    for name in _NAMED_IN_LOCK.finditer(text):
        start, end = text.rfind("\n[", 0, name.start()) + 1, text.find("\n[", name.end())
        package = text[start : end if end >= 0 else None]
        version = _VERSION_IN_LOCK.search(package)
        if version and package.startswith("[[package"):
            yield _key(name[1]), version[1]


def _of_requirements(path: str) -> Iterator[tuple[str, str]]:
    try:
        lines = disk.read(path).decode("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        yield from _of_requirement(line)


def _of_requirement(text: str) -> Iterator[tuple[str, str]]:
    pinned = _PINNED.match(text)
    if pinned and _key(pinned[1]) in LIBRARIES:
        yield _key(pinned[1]), pinned[2]


def _of_pyproject(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    project = data.get("project")
    if not isinstance(project, dict):
        return
    floor = _FLOOR.search(str(project.get("requires-python", "")))
    if floor:
        yield "python", floor[1]
    dependencies = project.get("dependencies")
    for text in dependencies if isinstance(dependencies, list) else []:
        yield from _of_requirement(str(text))


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version: "4.1.0rc1" is (4, 1, 0); of none, of a version above all."""
    numbers = re.match(r"\d{1,4000}(?:\.\d{1,4000})*", version)
    return tuple(int(part) for part in numbers[0].split(".")) if numbers else (9999,)
