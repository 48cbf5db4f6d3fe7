"""Tests that are chosen on the command line: ``FILE::test`` or ``FILE::Class::test``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wslint.config.selection import did_you_mean
from wslint.discovery.walk import absolute_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def chosen_tests(paths: Iterable[str]) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Return the paths without the tests, and the chosen tests of each file.

    A file that is also given as a whole, or in a folder, has no chosen tests.
    """
    files: dict[str, None] = {}
    tests: dict[str, tuple[str, ...]] = {}
    whole: list[str] = []
    for path in paths:
        file, colons, test = path.partition("::")
        if not colons or os.path.lexists(path):
            files[path] = None
            whole.append(absolute_path(path).rstrip("/") + "/")
        else:
            files[file] = None
            absolute = absolute_path(file)
            tests[absolute] = (*tests.get(absolute, ()), test)
    for file in [file for file in tests if f"{file}/".startswith(tuple(whole))]:
        del tests[file]
    return tuple(files), tests


def is_chosen(qualname: str, test: str) -> bool:
    """Match the ids that pytest prints: ``Class::test``, ``test[parameters]``, or a class."""
    name = test.partition("[")[0].replace("::", ".")
    return not name or qualname == name or qualname.startswith(f"{name}.")


def no_such_test(test: str, names: Sequence[str]) -> str:
    """Say that none of the tests with these names was chosen, and which one may be meant."""
    if not names:
        return "no test that a runner would collect"
    return f"no test {test!r}{did_you_mean(test, names)}"
