"""The names at the top of modules that a test replaces where no code looks them up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from wslint.linking.program import Program
from wslint.timeline.application_model import Code, Replacement
from wslint.timeline.patch_targets import targets

_INNER_IMPORT = re.compile(r"[ \t]+(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))")
_FUNCTION = re.compile(r"\s*(async )?def ")


def unseen(
    program: Program,
    test: str,
    replaced: list[Replacement],
    reached: Callable[[], Sequence[Code]],
    files: AbstractSet[str],
) -> Iterator[Replacement]:
    """Yield the names that a test replaces where nothing of the application looks them up.

    Each is given the names by which the application looks up what they stand for.

    ``reached`` returns the application's code, and ``files`` are those of it and of what it
    imports.
    """
    first = {(one.path, one.name): one for one in reversed(replaced)}
    for one in first.values():
        if _may_look_up(program, one, files) or not _is_late(program, test, one):
            continue
        is_seen = any(
            one.is_of(used) and ("." in name or code.path == one.path or (code.path, name) in first)
            for code in reached()
            for name, used in code.uses.items()
        )
        if not is_seen:
            found = targets(program, test, reached(), files, one.name, one.path)
            yield one._replace(targets=found)


def _may_look_up(program: Program, one: Replacement, files: Iterable[str]) -> bool:
    """Return whether a file may look the name up in its module when it runs, under any name."""
    attribute = re.compile(rf"\w\s*\.\s*{one.name}\b".encode())
    inside = re.compile(rf"^[ \t].*\b{one.name}\b".encode(), re.M)
    texts = map(program.text, files)
    return bool(inside.search(program.text(one.path))) or any(map(attribute.search, texts))


def _is_late(program: Program, test: str, one: Replacement) -> bool:
    """Return whether the application has been imported before: no function imports it later."""
    return not any(_imports_later(program, path, one) for path in program.around(test))


def _imports_later(program: Program, path: str, one: Replacement) -> bool:
    """Return whether a function of a file may import other modules of the project later.

    An import above the replacement, in the same function, comes before it.
    """
    lines = program.text(path).decode("utf-8", "replace").split("\n")
    for number, line in enumerate(lines, 1):
        match = _INNER_IMPORT.match(line)
        found = program.find(match[1] or match[2], 0, path) if match else ""
        if found.endswith(".py") and found != one.path:
            between = lines[number : one.place.span.line - 1]
            is_above = path == one.place.path and number < one.place.span.line
            if not is_above or any(map(_FUNCTION.match, between)):
                return True
    return False
