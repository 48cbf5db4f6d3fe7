"""The gate's second round: test files that hold no word of the libraries, but lead to one."""

from __future__ import annotations

import os
from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING

from wslint.gate import Leads, imports, names_library
from wslint.project import is_pytest_file
from wslint.source import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from wslint.files import Candidate
    from wslint.gate import Gate
    from wslint.link.layout import Layout
    from wslint.project import Project

    Searches = Sequence[tuple[Leads, Sequence[Candidate]]]
    Search = Callable[[Searches], Iterable[Candidate]]

_ROUNDS = 10
# So many bytes can't name anything: most __init__.py are empty.
_LEAST = 12
_path = attrgetter("path")


def led_files(
    passed: AbstractSet[str],
    files: Sequence[Candidate],
    layout: Layout,
    gate: Gate,
    search: Search,
) -> Iterator[Candidate]:
    """Give those of the files that name what the files that ``passed`` the gate hold.

    Files in between are learned from too, whether they are among the paths or not. ``search``
    gives those files for which ``is_led`` holds with the leads that it is given with them.
    """
    files = sorted(files, key=_path)
    held_back: dict[str, list[Candidate]] = {}
    beside: dict[str, set[str]] = {}
    sources: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {}
    for path in (one.path for one in files if one.named or one.path in passed):
        top = layout.project(path).top
        if top not in held_back:
            held_back[top] = [c for c in _test_code(top, files, layout) if c.path not in passed]
            beside[top] = {os.path.dirname(one.path) for one in held_back[top]}
        among_tests = path in passed and os.path.dirname(path) in beside[top]
        if among_tests or _is_test_code(path, layout):
            (sources if path in passed else named).setdefault(top, []).append(path)
    searches: list[tuple[Leads, list[Candidate]]] = []
    for top in {**sources, **named}:
        pending = [one for one in held_back[top] if one.stamp is None or one.stamp[2] > _LEAST]
        if not pending:
            continue
        leads = Leads(gate)
        learned = dict.fromkeys(sources.get(top, ()))
        learned.update(dict.fromkeys(_support(named.get(top, ()), layout, gate)))
        for path in learned:
            leads.learn(path, _read(path, layout))
        searches.append((leads, pending))
    yield from _follow(searches, layout, search)


def _test_code(top: str, files: Sequence[Candidate], layout: Layout) -> Iterator[Candidate]:
    """Give those of the files, sorted by path, that are test code of one project."""
    start = f"{top.rstrip('/')}/"
    first = bisect_left(files, start, key=_path)
    last = bisect_left(files, f"{start[:-1]}0", key=_path)  # "0" comes after "/"
    projects: dict[str, Project] = {}
    for candidate in files[first:last]:
        path = candidate.path
        folder = path.rpartition("/")[0]
        if folder not in projects:
            projects[folder] = layout.project(path)
        project = projects[folder]
        if project.top == top and (layout.is_support(path) or is_pytest_file(path, project)):
            yield candidate


def is_led(path: str, leads: Leads, layout: Layout) -> bool:
    """Tell whether a file names what leads to a socket."""
    data = _read(path, layout)
    return bool(leads.followed(path, data)) and (
        leads.names_library or _names_library(path, data, layout)
    )


def _follow(
    searches: list[tuple[Leads, list[Candidate]]], layout: Layout, search: Search
) -> Iterator[Candidate]:
    """Search again and again, each time for what the files found last lead to."""
    for _ in range(_ROUNDS):
        searches = [(leads, pending) for leads, pending in searches if leads.has_grown]
        if not searches:
            return
        for leads, _ in searches:
            leads.has_grown = False
        found = {candidate.path for candidate in search(searches)}
        for leads, pending in searches:
            for candidate in [one for one in pending if one.path in found]:
                pending.remove(candidate)
                data = _read(candidate.path, layout)
                leads.learn(candidate.path, data, leads.followed(candidate.path, data))
                yield candidate


def _is_test_code(path: str, layout: Layout) -> bool:
    return layout.is_support(path) or is_pytest_file(path, layout.project(path))


def _support(paths: Iterable[str], layout: Layout, gate: Gate) -> Iterator[str]:
    """Give the files with a word of the gate that files given by name may use.

    A hook passes single files: what they import, and each conftest.py above them, isn't among the
    paths then.
    """
    for path in paths:
        data = _read(path, layout)
        reached = layout.around(path)[1:]
        reached += [layout.find(name, level, path) for level, name, _ in imports(data)]
        for found in reached:
            if found.endswith(".py") and gate.passes(_read(found, layout)):
                yield found


def _names_library(path: str, data: bytes, layout: Layout) -> bool:
    """Tell whether a file, or a conftest.py above it, names one of the libraries."""
    return names_library(data) or any(
        names_library(_read(conftest, layout)) for conftest in layout.around(path)[1:]
    )


def _read(path: str, layout: Layout) -> bytes:
    data = layout.overlay.get(path)
    if data is None:
        found = read_bytes(path, max_size=layout.max_file_size)
        data = found if isinstance(found, bytes) else b""
    return data
