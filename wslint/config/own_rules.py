"""Rules of other packages: the entry points that the setting ``plugins`` allows.

Their codes and names are those of the modules, as for wslint's own. Nothing is imported here.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from wslint.config.settings import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

GROUP = "wslint.rules"
_MODULE = re.compile(r"(?:.+\.)?([a-z]{3}\d{3})_([a-z0-9]\w*)")


class OwnRule(NamedTuple):
    """A rule of another package, and the module whose ``RULE`` it is."""

    code: str
    name: str
    package: str
    module: str


class OwnRuleFailed(Exception):
    """The check of such a rule raised an exception; the message names both."""


_known: dict[str, OwnRule] = {}
_packages: set[str] = set()


def known_rules() -> Mapping[str, OwnRule]:
    """Return the rules of all packages that some settings have named, by code."""
    return _known


def learn_rules(packages: Iterable[str], names: Mapping[str, str]) -> None:
    """Make the rules of installed packages known; ``names``: of wslint's. Raises ConfigError."""
    for package in packages:
        if package in _packages:
            continue
        taken = {word: "wslint" for pair in names.items() for word in pair}
        taken |= {word: own.package for own in _known.values() for word in own[:2]}
        found: dict[str, OwnRule] = {}
        for rule in _rules_of(package):
            for word in rule[:2]:
                if word in taken:
                    raise ConfigError(f"{package}: {word} is already a rule of {taken[word]}")
                taken[word] = package
            found[rule.code] = rule
        _known.update(sorted(found.items()))
        _packages.add(package)


def canonical(package: str) -> str:
    """Return the name of a package as registries normalise it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def search_path() -> list[str]:
    """Return ``sys.path`` without the working directory, where a checked repository may be."""
    here = os.path.realpath(os.getcwd())
    return [path for path in sys.path if os.path.realpath(path or ".") != here]


def _rules_of(package: str) -> Iterator[OwnRule]:
    from importlib.metadata import distributions

    installed = next(iter(distributions(name=package, path=search_path())), None)
    if installed is None:
        raise ConfigError(f"no package {package!r} is installed beside wslint")
    points = [point for point in installed.entry_points if point.group == GROUP]
    if not points:
        raise ConfigError(f"{package}: has no entry points in the group {GROUP}")
    for point in points:
        match = _MODULE.fullmatch(point.value)
        if match is None or match[1].startswith(("ws", "all")):
            wanted = "must end in a code and a name, such as acme.acm001_some_name"
            raise ConfigError(f"{package}: the module {point.value!r} {wanted}")
        yield OwnRule(match[1].upper(), match[2].replace("_", "-"), package, point.value)
