"""The gate's second round: test files that hold no word of the libraries, but lead to one."""

from __future__ import annotations

from bisect import bisect_left
from operator import attrgetter
from typing import TYPE_CHECKING

from wslint.discovery.prefilter import Leads, imports, names_library
from wslint.project import is_pytest_file
from wslint.syntax.source import read_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from wslint.discovery.prefilter import Gate
    from wslint.discovery.walk import Candidate
    from wslint.filesystem.snapshot import Stamp
    from wslint.project import Project
    from wslint.project.layout import Layout

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
    tests = _TestCode(files, layout, passed)
    sources: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {}
    for path in (one.path for one in files if one.named or one.path in passed):
        if tests.has(path) or (path in passed and tests.are_beside(path)):
            top = layout.project(path).top
            (sources if path in passed else named).setdefault(top, []).append(path)
    searches: list[tuple[Leads, list[Candidate]]] = []
    for top in {**sources, **named}:
        pending = [one for one in tests.of(top) if one.stamp is None or one.stamp[2] > _LEAST]
        if not pending:
            continue
        leads = Leads(gate)
        learned = dict.fromkeys(sources.get(top, ()))
        learned.update(dict.fromkeys(_support(named.get(top, ()), layout, gate)))
        for path in learned:
            leads.learn(path, _read(path, layout))
        searches.append((leads, pending))
    yield from _follow(searches, layout, search)


class _TestCode:
    """What is test code by its path, and those of the files that are and haven't ``passed``."""

    def __init__(
        self, files: Sequence[Candidate], layout: Layout, passed: AbstractSet[str]
    ) -> None:
        self._files = sorted(files, key=_path)
        self._layout = layout
        self._passed = passed
        self._projects: dict[str, Project] = {}
        self._beside: dict[str, bool] = {}

    def has(self, path: str) -> bool:
        """Tell whether a file is test code by its path."""
        return self._layout.is_support(path) or is_pytest_file(path, self._project(path))

    def of(self, top: str) -> Iterator[Candidate]:
        """Give those of one project."""
        for candidate in self._below(top):
            path = candidate.path
            if self._project(path).top == top and self.has(path) and path not in self._passed:
                yield candidate

    def are_beside(self, path: str) -> bool:
        """Tell whether there are some in the folder of a file."""
        folder = path.rpartition("/")[0]
        if folder not in self._beside:
            self._beside[folder] = any(self.in_folder(folder))
        return self._beside[folder]

    def in_folder(self, folder: str) -> Iterator[Candidate]:
        """Give those right in a folder."""
        for candidate in self._below(folder):
            path = candidate.path
            beside = path.rpartition("/")[0] == folder
            if beside and path not in self._passed and self.has(path):
                yield candidate

    def _below(self, folder: str) -> Sequence[Candidate]:
        start = f"{folder.rstrip('/')}/"
        first = bisect_left(self._files, start, key=_path)
        last = bisect_left(self._files, f"{start[:-1]}0", key=_path)  # "0" comes after "/"
        return self._files[first:last]

    def _project(self, path: str) -> Project:
        folder = path.rpartition("/")[0]
        if folder not in self._projects:
            self._projects[folder] = self._layout.project(path)
        return self._projects[folder]


def is_led(candidate: Candidate, leads: Leads, layout: Layout) -> bool:
    """Tell whether a file names what leads to a socket."""
    path = candidate.path
    data = _read(path, layout, candidate.stamp)
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


def _read(path: str, layout: Layout, stamp: Stamp | None = None) -> bytes:
    data = layout.overlay.get(path)
    if data is None:
        found = read_found(path, stamp, max_size=layout.max_file_size)
        data = found if isinstance(found, bytes) else b""
    return data
