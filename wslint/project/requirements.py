"""What the files of a folder say of the versions of libraries."""

from __future__ import annotations

import json
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
# Lock files are generated, so a regex is enough; parsing one of 400 kB takes 0.1 s.
_NAMES = "|".join(sorted(LIBRARIES)).replace("-", "[-_.]")
_NAMED_IN_LOCK = re.compile(rf'^name\s*=\s*"({_NAMES})"', re.MULTILINE | re.IGNORECASE)
_VERSION_IN_LOCK = re.compile(r'^version\s*=\s*"([^"\n]*)"', re.MULTILINE)
_LOCKS = ("uv.lock", "poetry.lock", "pylock.toml")
_FLOOR = re.compile(r"(?:>=|~=|\^|==)\s*(\d+\.\d+)")
LIMIT = re.compile(r"(===?|~=|<=?)\s*(\d{1,9}(?:\.\d{1,9})*)(\.\*)?")
"""The clauses of a specifier that exclude newer versions."""
_OTHERS = ("setup.cfg", "setup.py", "environment.yml", "environment.yaml")
_POETRY = re.compile(r"([~^])\s*(\d{1,9}(?:\.\d{1,9})*)")
# with one = for conda
_WRITTEN = re.compile(
    rf"(?<![\w.-])({_NAMES})(\[[^\]]*\])?\s*(?:===?|~=|<=?|>=?|=)\s*[\w.*]+(?:\s*,\s*{_CLAUSE})*",
    re.IGNORECASE,
)


def declared_in(folder: str) -> Iterator[tuple[str, str]]:
    """Yield libraries and ``python`` with their versions or specifiers, the most exact first."""
    for lock in _LOCKS:
        path = inside(folder, lock)
        if snapshot.is_file(path):
            yield from _of_lock(path)
    path = inside(folder, "Pipfile.lock")
    if snapshot.is_file(path):
        yield from _of_pipfile_lock(path)
    for name in snapshot.requirements_in(folder):
        if name.endswith(".txt"):
            yield from _of_requirements(inside(folder, name))
        elif name == "requirements":
            yield from _of_requirements_folder(inside(folder, name))
    path = inside(folder, "pyproject.toml")
    if snapshot.is_file(path):
        yield from _of_pyproject(toml_of(path))
    path = inside(folder, "Pipfile")
    if snapshot.is_file(path):
        for table in ("packages", "dev-packages"):
            yield from _of_table(toml_of(path).get(table))
    for name in _OTHERS:
        path = inside(folder, name)
        if snapshot.is_file(path):
            yield from _of_text(path)


def _of_lock(path: str) -> Iterator[tuple[str, str]]:
    text = _text_of(path)
    for name in _NAMED_IN_LOCK.finditer(text):
        start, end = text.rfind("\n[", 0, name.start()) + 1, text.find("\n[", name.end())
        package = text[start : end if end >= 0 else None]
        version = _VERSION_IN_LOCK.search(package)
        if version and package.startswith("[[package"):
            yield _key(name[1]), version[1]


def _of_pipfile_lock(path: str) -> Iterator[tuple[str, str]]:
    try:
        locked = json.loads(snapshot.read(path))
        for table in ("default", "develop"):
            yield from _of_table(locked.get(table))
    except (OSError, ValueError, AttributeError, RecursionError):
        return


def _of_table(table: object) -> Iterator[tuple[str, str]]:
    """Yield what a table of Pipenv or Poetry says: ``name = "…"``, ``name = {version = "…"}``."""
    for name, given in table.items() if isinstance(table, dict) else ():
        version = given.get("version") if isinstance(given, dict) else given
        if isinstance(version, str):
            clauses = [_with_operator(clause.strip()) for clause in version.split(",")]
            yield from _of_requirement(f"{name} {','.join(filter(None, clauses))}")


def _with_operator(clause: str) -> str:
    """Return a clause of Poetry as one of pip: ``^2.1`` is ``<3``, ``~2.1`` is ``<2.2``."""
    found = _POETRY.fullmatch(clause)
    if found is None:
        return f"=={clause}" if clause[:1].isdigit() else "" if clause == "*" else clause
    numbers = [int(number) for number in found[2].split(".")]
    place = 1 if found[1] == "~" else next((n for n, one in enumerate(numbers) if one), 0)
    place = min(place, len(numbers) - 1)
    return "<" + ".".join(map(str, (*numbers[:place], numbers[place] + 1)))


def _of_text(path: str) -> Iterator[tuple[str, str]]:
    """Yield what is written as a requirement in a setup.py, setup.cfg or environment.yml."""
    for found in _WRITTEN.finditer(_text_of(path)):
        yield from _of_requirement(re.sub(r"(?<![=<>~!])=(?!=)", "==", found[0]))


def _of_requirements_folder(folder: str) -> Iterator[tuple[str, str]]:
    """Yield what ``requirements/*.txt`` declare: "base" and "common" first, then by name."""
    names = snapshot.requirements_in(folder)
    for name in sorted(names, key=lambda name: (not name.startswith(("base", "common")), name)):
        yield from _of_requirements(inside(folder, name))


def _of_requirements(path: str) -> Iterator[tuple[str, str]]:
    for line in _text_of(path).splitlines():
        yield from _of_requirement(line)


def _of_requirement(text: str) -> Iterator[tuple[str, str]]:
    requirement = _REQUIREMENT.match(text)
    if requirement and _key(requirement[1]) in LIBRARIES:
        pinned = re.fullmatch(r"===?\s*([\w.!+]+)", requirement[2])
        if pinned or LIMIT.search(requirement[2]):
            yield _key(requirement[1]), pinned[1] if pinned else requirement[2].replace(" ", "")


def _of_pyproject(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    tools = data.get("tool")
    poetry = tools.get("poetry") if isinstance(tools, dict) else None
    if isinstance(poetry, dict):
        floor = _FLOOR.search(str(dict(poetry.get("dependencies") or {}).get("python", "")))
        if floor:
            yield "python", floor[1]
        groups = poetry.get("group")
        own = groups.values() if isinstance(groups, dict) else ()
        for table in (poetry, *own):
            yield from _of_table(table.get("dependencies") if isinstance(table, dict) else None)
    project = data.get("project")
    if not isinstance(project, dict):
        return
    floor = _FLOOR.search(str(project.get("requires-python", "")))
    if floor:
        yield "python", floor[1]
    dependencies = project.get("dependencies")
    for text in dependencies if isinstance(dependencies, list) else []:
        yield from _of_requirement(str(text))


def _text_of(path: str) -> str:
    """Return the text of a file, "" if it can't be read."""
    try:
        return snapshot.read(path).decode("utf-8", "replace")
    except OSError:
        return ""


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
