"""The gate's second round: test files that hold no word of the libraries, but lead to one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wslint.gate import Leads, imports, names_library
from wslint.project import is_pytest_file
from wslint.source import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wslint.files import Candidate
    from wslint.gate import Gate
    from wslint.link.program import Program

_ROUNDS = 5


def led_files(
    let_through: Iterable[Candidate],
    held_back: Iterable[Candidate],
    program: Program,
    gate: Gate,
) -> Iterator[tuple[Candidate, bytes]]:
    """Give the files of the second group, with their bytes, that name what the first holds.

    Files in between are learned from too, whether they are among the paths or not.
    """
    by_top: dict[str, list[Candidate]] = {}
    for candidate in held_back:
        if _is_test_code(candidate.path, program):
            by_top.setdefault(program.project(candidate.path).top, []).append(candidate)
    if not by_top:
        return
    beside = {os.path.dirname(held.path) for pending in by_top.values() for held in pending}
    sources: dict[str, list[str]] = {}
    for candidate in let_through:
        near = os.path.dirname(candidate.path) in beside
        if near or _is_test_code(candidate.path, program):
            sources.setdefault(program.project(candidate.path).top, []).append(candidate.path)
    for top, pending in by_top.items():
        leads = Leads(gate)
        learned = dict.fromkeys(sources.get(top, ()))
        named = [candidate.path for candidate in pending if candidate.named]
        learned.update(dict.fromkeys(_support(named, program, gate)))
        for path in learned:
            leads.learn(path, _read(path, program))
        yield from _follow(pending, leads, program)


def _follow(
    pending: Sequence[Candidate], leads: Leads, program: Program
) -> Iterator[tuple[Candidate, bytes]]:
    for _ in range(_ROUNDS):
        if not leads.has_grown:
            return
        leads.has_grown = False
        left = []
        for candidate in pending:
            data = _read(candidate.path, program)
            followed = leads.followed(candidate.path, data)
            if followed and (leads.names_library or _names_library(candidate.path, data, program)):
                leads.learn(candidate.path, data, followed)
                yield candidate, data
            else:
                left.append(candidate)
        pending = left


def _is_test_code(path: str, program: Program) -> bool:
    return program.is_support(path) or is_pytest_file(path, program.project(path))


def _support(paths: Iterable[str], program: Program, gate: Gate) -> Iterator[str]:
    """Give the files with a word of the gate that files given by name may use.

    A hook passes single files: what they import, and each conftest.py above them, isn't among the
    paths then.
    """
    for path in paths:
        data = _read(path, program)
        reached = program.around(path)[1:]
        reached += [program.find(name, level, path) for level, name, _ in imports(data)]
        for found in reached:
            if found.endswith(".py") and gate.passes(_read(found, program)):
                yield found


def _names_library(path: str, data: bytes, program: Program) -> bool:
    """Tell whether a file, or a conftest.py above it, names one of the libraries."""
    return names_library(data) or any(
        names_library(_read(conftest, program)) for conftest in program.around(path)[1:]
    )


def _read(path: str, program: Program) -> bytes:
    data = program.overlay.get(path)
    if data is None:
        found = read_bytes(path, max_size=program.max_file_size)
        data = found if isinstance(found, bytes) else b""
    return data
