"""The versions of the libraries that a project uses, read from its files; nothing is imported.

Lock files are exact. A requirement such as ``name<4.2`` or ``name==4.*`` is a set of versions, of
which the newest counts. A library without a version is assumed to be the newest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from wslint.filesystem import snapshot
from wslint.filesystem.paths import inside
from wslint.filesystem.toml import toml_of

LIBRARIES = frozenset(
    ("asgiref", "channels", "django", "django-waffle", "fastapi", "litestar", "pytest",
     "pytest-asyncio", "pytest-django", "starlette")
)  # fmt: skip
_CLAUSE = r"(?:===?|~=|!=|<=?|>=?)\s*[\w.*!+]+"
_REQUIREMENT = re.compile(
    rf"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*\(?({_CLAUSE}(?:\s*,\s*{_CLAUSE})*)"
)
_LIMIT = re.compile(r"(===?|~=|<=?)\s*(\d{1,9}(?:\.\d{1,9})*)(\.\*)?")
# Greater than any part of a version.
_ANY = 9999
# Lock files are generated, so a regex is enough; parsing one of 400 kB takes 0.1 s.
_NAMES = "|".join(sorted(LIBRARIES)).replace("-", "[-_.]")
_NAMED_IN_LOCK = re.compile(rf'^name\s*=\s*"({_NAMES})"', re.MULTILINE | re.IGNORECASE)
_VERSION_IN_LOCK = re.compile(r'^version\s*=\s*"([^"\n]*)"', re.MULTILINE)
_LOCKS = ("uv.lock", "poetry.lock", "pylock.toml")
_FLOOR = re.compile(r"(?:>=|~=|\^|==)\s*(\d+\.\d+)")


@snapshot.per_run
def library_versions(folder: str, top: str) -> dict[str, str]:
    """Return the versions for files in ``folder`` by name, from the nearest files up to ``top``.

    ``python`` is the lowest version that the project supports.
    """
    versions: dict[str, str] = {}
    while True:
        for name, version in _declared_in(folder):
            versions.setdefault(name, version)
        if folder in (top, os.path.dirname(folder)):
            return versions
        folder = os.path.dirname(folder)


@snapshot.per_run
def _declared_in(folder: str) -> tuple[tuple[str, str], ...]:
    """Cache what the files of a folder declare."""
    return tuple(_of_folder(folder))


def _of_folder(folder: str) -> Iterator[tuple[str, str]]:
    for lock in _LOCKS:
        path = inside(folder, lock)
        if snapshot.is_file(path):
            yield from _of_lock(path)
    for name in snapshot.requirements_in(folder):
        if name.endswith(".txt"):
            yield from _of_requirements(inside(folder, name))
        elif name == "requirements":
            yield from _of_requirements_folder(inside(folder, name))
    path = inside(folder, "pyproject.toml")
    if snapshot.is_file(path):
        yield from _of_pyproject(toml_of(path))


def _of_lock(path: str) -> Iterator[tuple[str, str]]:
    try:
        text = snapshot.read(path).decode("utf-8", "replace")
    except OSError:
        return
    for name in _NAMED_IN_LOCK.finditer(text):
        start, end = text.rfind("\n[", 0, name.start()) + 1, text.find("\n[", name.end())
        package = text[start : end if end >= 0 else None]
        version = _VERSION_IN_LOCK.search(package)
        if version and package.startswith("[[package"):
            yield _key(name[1]), version[1]


def _of_requirements_folder(folder: str) -> Iterator[tuple[str, str]]:
    """Yield what ``requirements/*.txt`` declare: "base" and "common" first, then by name."""
    names = snapshot.requirements_in(folder)
    for name in sorted(names, key=lambda name: (not name.startswith(("base", "common")), name)):
        yield from _of_requirements(inside(folder, name))


def _of_requirements(path: str) -> Iterator[tuple[str, str]]:
    try:
        lines = snapshot.read(path).decode("utf-8", "replace").splitlines()
    except OSError:
        return
    for line in lines:
        yield from _of_requirement(line)


def _of_requirement(text: str) -> Iterator[tuple[str, str]]:
    requirement = _REQUIREMENT.match(text)
    if requirement and _key(requirement[1]) in LIBRARIES:
        pinned = re.fullmatch(r"===?\s*([\w.!+]+)", requirement[2])
        if pinned or _LIMIT.search(requirement[2]):
            yield _key(requirement[1]), pinned[1] if pinned else requirement[2].replace(" ", "")


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
    """Return the numbers of a version, or of the newest one that a specifier admits.

    >>> release("4.1.0rc1"), release("<4.2"), release("==4.*"), release("")
    ((4, 1, 0), (4, 1, 9999), (4, 9999), (9999,))
    """
    if version[:1].isdigit():
        numbers = re.match(r"\d{1,9}(?:\.\d{1,9})*", version)
        return _numbers(numbers[0]) if numbers else (_ANY,)
    limits = [_newest(*limit) for limit in _LIMIT.findall(version)]
    return min(limits, default=(_ANY,))


def _newest(operator: str, version: str, star: str) -> tuple[int, ...]:
    """Return the newest version that one clause of a specifier admits."""
    numbers = _numbers(version)
    if operator == "~=":
        return (*numbers[:-1], _ANY)
    if star:
        return (*numbers, _ANY)
    if operator != "<":
        return numbers
    while numbers and not numbers[-1]:
        numbers = numbers[:-1]
    return (*numbers[:-1], numbers[-1] - 1, _ANY) if numbers else (0,)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
