"""The gate's second round: test files that hold no word of the libraries, but lead to one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wslint.gate import Leads, imports, names_library
from wslint.project import is_pytest_file
from wslint.source import read_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from wslint.files import Candidate
    from wslint.gate import Gate
    from wslint.link.layout import Layout

    Search = Callable[[Leads, Sequence[Candidate]], Iterable[Candidate]]

_ROUNDS = 10
# So many bytes can't name anything: most __init__.py are empty.
_LEAST = 12


def led_files(
    let_through: Sequence[Candidate],
    held_back: Sequence[Candidate],
    layout: Layout,
    gate: Gate,
    search: Search,
) -> Iterator[Candidate]:
    """Give the files of the second group that name what the first holds.

    Files in between are learned from too, whether they are among the paths or not. ``search``
    gives those of some files for which ``is_led`` holds.
    """
    sources: dict[str, list[str]] = {}
    beside = _folders_of_tests(let_through, held_back, layout)
    for candidate in let_through:
        path = candidate.path
        if os.path.dirname(path) in beside or _is_test_code(path, layout):
            sources.setdefault(layout.project(path).top, []).append(path)
    named: dict[str, list[str]] = {}
    for candidate in held_back:
        if candidate.named and _is_test_code(candidate.path, layout):
            named.setdefault(layout.project(candidate.path).top, []).append(candidate.path)
    for top in {**sources, **named}:
        pending = _pending(held_back, top, layout)
        if not pending:
            continue
        leads = Leads(gate)
        learned = dict.fromkeys(sources.get(top, ()))
        learned.update(dict.fromkeys(_support(named.get(top, ()), layout, gate)))
        for path in learned:
            leads.learn(path, _read(path, layout))
        if leads.has_grown:
            yield from _follow(pending, leads, layout, search)


def is_led(path: str, leads: Leads, layout: Layout) -> bool:
    """Tell whether a file names what leads to a socket."""
    data = _read(path, layout)
    return bool(leads.followed(path, data)) and (
        leads.names_library or _names_library(path, data, layout)
    )


def _folders_of_tests(
    let_through: Iterable[Candidate], held_back: Iterable[Candidate], layout: Layout
) -> set[str]:
    """Name the folders of the first files in which one of the second is test code."""
    folders = {os.path.dirname(candidate.path) for candidate in let_through}
    return {
        folder
        for candidate in held_back
        if (folder := candidate.path.rpartition("/")[0]) in folders
        and _is_test_code(candidate.path, layout)
    }


def _pending(held_back: Iterable[Candidate], top: str, layout: Layout) -> list[Candidate]:
    """List the files of one project that are test code."""
    start = f"{top.rstrip('/')}/"
    folders: dict[str, bool] = {}
    found: list[Candidate] = []
    for candidate in held_back:
        path, stamp = candidate.path, candidate.stamp
        if not path.startswith(start) or (stamp is not None and stamp[2] <= _LEAST):
            continue
        folder = path.rpartition("/")[0]
        if folder not in folders:
            folders[folder] = layout.project(path).top == top
        if folders[folder] and _is_test_code(path, layout):
            found.append(candidate)
    return found


def _follow(
    pending: Sequence[Candidate], leads: Leads, layout: Layout, search: Search
) -> Iterator[Candidate]:
    for _ in range(_ROUNDS):
        if not leads.has_grown:
            return
        leads.has_grown = False
        found = sorted(search(leads, pending), key=lambda candidate: candidate.path)
        paths = {candidate.path for candidate in found}
        pending = [candidate for candidate in pending if candidate.path not in paths]
        for candidate in found:
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
