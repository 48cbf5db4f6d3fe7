"""The versions of the libraries that a project uses, read from its files; nothing is imported.

Lock files are exact. A requirement such as ``name<4.2`` or ``name==4.*`` is a set of versions, of
which the newest counts. A library without a version is assumed to be the newest.
"""

from __future__ import annotations

import os
import re

from wslint.filesystem import snapshot
from wslint.project.requirements import LIMIT, declared_in

# Greater than any part of a version.
_ANY = 9999


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
    return tuple(declared_in(folder))


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, or of the newest one that a specifier admits.

    >>> release("4.1.0rc1"), release("<4.2"), release("==4.*"), release("")
    ((4, 1, 0), (4, 1, 9999), (4, 9999), (9999,))
    """
    if version[:1].isdigit():
        numbers = re.match(r"\d{1,9}(?:\.\d{1,9})*", version)
        return _numbers(numbers[0]) if numbers else (_ANY,)
    limits = [_newest(*limit) for limit in LIMIT.findall(version)]
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
