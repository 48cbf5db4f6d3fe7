"""The indirect prefilter: test files without a trigger word that reach a socket elsewhere.

Many real tests use a helper, a fixture or a base class. The names of those are indexed; a test
file passes where it imports their module, or is below their conftest.py, and names one of them.
What it defines is indexed in turn.
"""

from __future__ import annotations

import os
import re
from bisect import bisect_left, bisect_right
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from wslint.discovery.prefilter import imports, names_library, plugins
from wslint.project import is_pytest_file
from wslint.syntax.source import read_found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from wslint.discovery.prefilter import Prefilter
    from wslint.discovery.walk import Candidate
    from wslint.filesystem.snapshot import Stamp
    from wslint.project import Project
    from wslint.project.layout import Layout


_WORD = re.compile(rb"\w+")
_BLANK = re.compile(rb"\s*")
# A decorator, its arguments, the function after it.
_FIXTURE = re.compile(
    rb"""(@)|(autouse[ \t]*=[ \t]*True)|\bname[ \t]*=[ \t]*["'](\w+)["']|def[ \t]+(\w+)"""
)
# A list of names that is never closed is searched up to the next bracket only, not to the end.
# Looking for the newline first is twice as fast as looking for the start of a line.
_IMPORT = re.compile(rb"\n[ \t]*(?:from|import)[ \t][^\n(]*(?:\((?:[^()#]|#.*\n)*\))?")
_IMPORTS_ALL = re.compile(rb"import[ \t]*\*")
_DEFINITION = re.compile(
    rb"^(?:([ \t]*)(?:async[ \t]+def|def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]*)?=(?!=))", re.M
)
# Called implicitly by the runner or by Python, so references name the class instead.
_CALLED_IMPLICITLY = re.compile(rb"__\w+__|(?:async)?(?:setup|teardown)\w*|test_?\w*", re.I)

_ROUNDS = 10
# Fewer bytes can't import anything: most __init__.py are empty.
_MIN_SIZE = 12
_FEW = 100
_FEW_SEARCHES = 30
_path = attrgetter("path")
_start = attrgetter("start")


class Definitions(NamedTuple):
    """What a file adds to the index.

    ``names`` lead to a socket; ``is_autouse``: one of them is a fixture of all tests below.
    """

    names: frozenset[bytes]
    is_autouse: bool
    names_library: bool


class Memory:
    """Finds everything anew; a cache knows what earlier runs found."""

    def select(
        self, names: object, pending: Sequence[Candidate], refers: Callable[[Candidate], bool]
    ) -> list[Candidate]:
        """Return the files that refer to one of some names, which plain data identifies."""
        del names
        return [candidate for candidate in pending if refers(candidate)]

    def definitions(
        self, path: str, referenced: AbstractSet[bytes], find: Callable[[], Definitions]
    ) -> Definitions:
        """Return what a file defines around the names that it refers to."""
        del path, referenced
        return find()


def indirect_files(
    passed: AbstractSet[str],
    files: Sequence[Candidate],
    layout: Layout,
    prefilter: Prefilter,
    memory: Memory,
) -> Iterator[Candidate]:
    """Yield the test files that refer to what the files that ``passed`` define.

    Files in between are indexed too, whether they are among the paths or not.
    """
    tests = _TestCode(files, layout, passed)
    sources: dict[str, list[str]] = {}
    named: dict[str, list[str]] = {}
    for path in (file.path for file in files if file.named or file.path in passed):
        if tests.has(path) or (path in passed and tests.are_beside(path)):
            top = layout.project(path).top
            (sources if path in passed else named).setdefault(top, []).append(path)
    above = conftests_above(files, layout)
    for path in above:
        if prefilter.passes(_read(path, layout)):
            sources.setdefault(layout.project(path).top, []).append(path)
    conftests = [file.path for file in files if file.path.endswith("/conftest.py")]
    beside = [path for paths in named.values() for test in paths for path in layout.around(test)]
    loaded = _loaded_plugins(dict.fromkeys((*conftests, *above, *beside)), layout)
    searches: list[tuple[NameIndex, list[Candidate]]] = []
    for top in {**sources, **named}:
        pending = [
            file for file in tests.of(top) if file.stamp is None or file.stamp[2] > _MIN_SIZE
        ]
        if not pending:
            continue
        index = NameIndex(prefilter, memory, dict.fromkeys(loaded.get(top, ()), top))
        learned = dict.fromkeys(sources.get(top, ()))
        learned.update(dict.fromkeys(_support(named.get(top, ()), layout, prefilter)))
        if top in named:
            learned.update(dict.fromkeys(loaded.get(top, ())))
        for path in learned:
            index.add(path, _read(path, layout))
        searches.append((index, pending))
    yield from _follow(searches, layout, memory)


class _TestCode:
    """The files that are test code by their path; ``of`` yields those that haven't ``passed``."""

    def __init__(
        self, files: Sequence[Candidate], layout: Layout, passed: AbstractSet[str]
    ) -> None:
        self._files = sorted(files, key=_path)
        self._layout = layout
        self._passed = passed
        self._projects: dict[str, Project] = {}
        self._beside: dict[str, bool] = {}

    def has(self, path: str) -> bool:
        """Return whether a file is test code by its path."""
        return self._layout.is_support(path) or is_pytest_file(path, self._project(path))

    def of(self, top: str) -> Iterator[Candidate]:
        """Yield those of one project."""
        for candidate in self._below(top):
            path = candidate.path
            if self._project(path).top == top and self.has(path) and path not in self._passed:
                yield candidate

    def are_beside(self, path: str) -> bool:
        """Return whether there are some in the folder of a file."""
        folder = path.rpartition("/")[0]
        if folder not in self._beside:
            self._beside[folder] = any(self.in_folder(folder))
        return self._beside[folder]

    def in_folder(self, folder: str) -> Iterator[Candidate]:
        """Yield those directly in a folder."""
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


def references_indexed_name(candidate: Candidate, index: NameIndex, layout: Layout) -> bool:
    """Return whether a file refers to an indexed name."""
    path = candidate.path
    data = _read(path, layout, candidate.stamp)
    return index.is_referenced_in(path, data) and (
        index.names_library or _names_library(path, data, layout)
    )


def _follow(
    searches: list[tuple[NameIndex, list[Candidate]]], layout: Layout, memory: Memory
) -> Iterator[Candidate]:
    """Search repeatedly, each time for the names that the last round added."""
    for _ in range(_ROUNDS):
        searches = [(index, pending) for index, pending in searches if index.has_grown]
        if not searches:
            return
        for index, _ in searches:
            index.start_round()
        passing = [_passing(index, pending, layout, memory) for index, pending in searches]
        for (index, pending), new in zip(searches, passing, strict=True):
            for candidate in new:
                pending.remove(candidate)
                data = _read(candidate.path, layout)
                index.add(candidate.path, data, index.references_in(candidate.path, data))
                yield candidate


def _passing(
    index: NameIndex, pending: Sequence[Candidate], layout: Layout, memory: Memory
) -> list[Candidate]:
    refers = partial(references_indexed_name, index=index, layout=layout)
    if index.names_library:
        return memory.select(index.plain(), pending, refers)
    # a conftest.py decides as well
    return [candidate for candidate in pending if refers(candidate)]


def conftests_above(files: Sequence[Candidate], layout: Layout) -> list[str]:
    """Return each conftest.py above the folders that are searched."""
    found = {file.path.rpartition("/")[0] for file in files if not file.named}
    roots: list[str] = []
    for folder in sorted(found, key=lambda path: path.split("/")):
        if not roots or not f"{folder}/".startswith(f"{roots[-1]}/"):
            roots.append(folder)
    above = dict.fromkeys(
        path for root in roots for path in layout.around(f"{root}/conftest.py")[1:]
    )
    return [path for path in above if path.rpartition("/")[0] not in found]


def _loaded_plugins(conftests: Iterable[str], layout: Layout) -> dict[str, list[str]]:
    """Return the files that pytest loads for all tests of a project, by the project."""
    found: dict[str, list[str]] = {}
    for path in conftests:
        project = layout.project(path)
        names = [*plugins(_read(path, layout)), *project.pytest.plugins]
        paths = (layout.find(name, 0, path) for name in names)
        found.setdefault(project.top, []).extend(one for one in paths if one.endswith(".py"))
    return found


def _support(paths: Iterable[str], layout: Layout, prefilter: Prefilter) -> Iterator[str]:
    """Yield the files with a trigger word that the files given by name may use.

    A hook passes single files: what they import, and each conftest.py above them, isn't among the
    paths then.
    """
    for path in paths:
        data = _read(path, layout)
        reached = layout.around(path)[1:]
        reached += [layout.find(name, level, path) for level, name, _ in imports(data)]
        for target in reached:
            if target.endswith(".py") and prefilter.passes(_read(target, layout)):
                yield target


def _names_library(path: str, data: bytes, layout: Layout) -> bool:
    """Return whether a file, or a conftest.py above it, names one of the libraries."""
    return names_library(data) or any(
        names_library(_read(conftest, layout)) for conftest in layout.around(path)[1:]
    )


def _read(path: str, layout: Layout, stamp: Stamp | None = None) -> bytes:
    data = layout.overlay.get(path)
    if data is None:
        content = read_found(path, stamp, max_size=layout.max_file_size)
        data = content if isinstance(content, bytes) else b""
    return data


class _Definition(NamedTuple):
    """A function, class or variable; ``parent`` is the number of the one around it, -1 for none."""

    start: int
    indent: int
    name: bytes
    parent: int


class NameIndex:
    """The names of test code that lead to a socket, and the files that define them.

    ``plugins``: files whose fixtures all tests below a folder have, with the folder.
    """

    def __init__(
        self, prefilter: Prefilter, memory: Memory, plugins: Mapping[str, str] | None = None
    ) -> None:
        self._prefilter = prefilter
        self._memory = memory
        self._plugins = plugins or {}
        self._by_stem: dict[bytes, set[bytes]] = {}
        self._by_folder: dict[str, set[bytes]] = {}
        self._autouse: set[str] = set()
        self.names_library = False
        self.has_grown = False
        # the stems and folders with new names, and those that this round searches for
        self._new: set[bytes | str] = set()
        self._wanted: set[bytes | str] = set()

    def add(self, path: str, data: bytes, referenced: AbstractSet[bytes] = frozenset()) -> None:
        """Add the names in a file whose code contains a trigger word or a ``referenced`` name."""
        find = partial(self._definitions, path, data, referenced)
        names, is_autouse, library = self._memory.definitions(path, referenced, find)
        if library and not self.names_library:
            self.names_library = True
            self._new |= {*self._by_stem, *self._by_folder}
        if not names:
            return
        folder, name = os.path.split(path)
        if name == "conftest.py":
            self._add_fixtures(folder, names, is_autouse=is_autouse)
            return
        if path in self._plugins:
            self._add_fixtures(self._plugins[path], names, is_autouse=is_autouse)
        module = os.path.basename(folder) if name == "__init__.py" else name[: -len(".py")]
        stem = module.encode("utf-8", "surrogateescape")
        known = self._by_stem.setdefault(stem, set())
        if not names <= known:
            self._new.add(stem)
        self.has_grown = self.has_grown or not names <= known
        known |= names

    def _add_fixtures(self, folder: str, names: AbstractSet[bytes], *, is_autouse: bool) -> None:
        """Add names that the tests below a folder know without an import."""
        known = self._by_folder.setdefault(folder, set())
        if is_autouse:
            self._autouse.add(folder)
        self._new.add(folder)
        self.has_grown = self.has_grown or not names <= known
        known |= names

    def start_round(self) -> None:
        """Search for the names that were added since the last round."""
        self.has_grown = False
        self._wanted, self._new = self._new, set()

    def is_referenced_in(self, path: str, data: bytes) -> bool:
        """Return whether a file refers to a name of this round."""
        return bool(self._references(path, data, self._wanted))

    def _definitions(self, path: str, data: bytes, referenced: AbstractSet[bytes]) -> Definitions:
        names = _names_holding(data, referenced or self._prefilter.pattern)
        if _IMPORTS_ALL.search(data):
            names |= referenced
        names |= referenced & _imported_words(data)
        has_tests_below = path.endswith("/conftest.py") or path in self._plugins
        is_autouse = has_tests_below and any(
            fixture.is_autouse and fixture.function in names for fixture in _fixtures(data)
        )
        return Definitions(frozenset(names), is_autouse, names_library(data))

    def plain(self) -> object:
        """Return the names as plain data."""
        return (
            sorted((stem, sorted(names)) for stem, names in self._by_stem.items()),
            sorted((folder, sorted(names)) for folder, names in self._by_folder.items()),
            sorted(self._autouse),
        )

    def references_in(self, path: str, data: bytes) -> set[bytes]:
        """Return the indexed names that a file refers to."""
        return self._references(path, data, {*self._by_stem, *self._by_folder})

    def _references(self, path: str, data: bytes, wanted: AbstractSet[bytes | str]) -> set[bytes]:
        folder = os.path.dirname(path)
        above = [part for part in self._by_folder
                 if part in wanted and f"{folder}/".startswith(f"{part}/")]  # fmt: skip
        stems = [stem for stem in wanted if isinstance(stem, bytes) and stem in data]
        if not above and not stems:
            return set()
        references: set[bytes] = set()
        for part in above:
            names = self._by_folder[part]
            references |= names if part in self._autouse else _words_among(names, data)
        imported = _imported_words(data) if stems else set()
        for stem in imported.intersection(stems):
            names = self._by_stem[stem]
            references |= names if _IMPORTS_ALL.search(data) else _words_among(names, data)
        return references


class _Fixture(NamedTuple):
    """A function that may be a fixture with these options; ``name`` is "" without one."""

    function: bytes
    name: bytes
    is_autouse: bool


def _fixtures(data: bytes) -> Iterator[_Fixture]:
    """Yield the functions below a decorator with an option of fixtures."""
    name, is_autouse = b"", False
    for decorator, autouse, given, function in _FIXTURE.findall(data):
        if function and (name or is_autouse):
            yield _Fixture(function, name, is_autouse)
        if decorator or function:
            name, is_autouse = b"", False
        name, is_autouse = given or name, is_autouse or bool(autouse)


def _words_among(names: AbstractSet[bytes], data: bytes) -> set[bytes]:
    # a quick check first, where names are few: most occur nowhere in most files
    if len(names) < _FEW and not any(name in data for name in names):
        return set()
    return set(_WORD.findall(data)) & names


def _imported_words(data: bytes) -> set[bytes]:
    return set(_WORD.findall(b" ".join(_IMPORT.findall(b"\n" + data))))


def _names_holding(data: bytes, wanted: AbstractSet[bytes] | re.Pattern[bytes]) -> set[bytes]:
    """Return the definitions of a file that contain a wanted word or pattern.

    Those that contain the name of such a definition are returned too. A fixture has two names if
    its decorator gives it one.
    """
    definitions = _definitions(data)
    fixtures = {fixture.function: fixture.name for fixture in _fixtures(data) if fixture.name}
    occurrences = _Occurrences(data)
    if isinstance(wanted, re.Pattern):
        pending = [_lines_of(data, wanted)]
    else:
        pending = [occurrences.lines(word) for word in wanted]
    found: set[bytes] = set()
    while pending:
        around = {name for line in pending.pop() for name in _around(data, line, definitions)}
        new = {name for name in around if not _CALLED_IMPLICITLY.fullmatch(name)} - found
        new |= {fixtures[name] for name in new if name in fixtures}
        found |= new
        pending += [occurrences.lines(name) for name in new]
    return found


class _Occurrences:
    """The lines on which the words of a file stand; for few words it is not read whole."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._searches = 0
        self._all: dict[bytes, set[int]] = {}

    def lines(self, word: bytes) -> set[int]:
        """Return the starts of the lines on which a word stands."""
        self._searches += 1
        if self._searches <= _FEW_SEARCHES:
            return set(_lines_of_word(self._data, word))
        if not self._all:
            for each in _WORD.finditer(self._data):
                line = self._data.rfind(b"\n", 0, each.start()) + 1
                self._all.setdefault(each[0], set()).add(line)
        return self._all.get(word, set())


def _lines_of_word(data: bytes, word: bytes) -> Iterator[int]:
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if not _WORD.match(data, end) and not (at and _WORD.match(data, at - 1)):
            yield data.rfind(b"\n", 0, at) + 1
        at = data.find(word, end)


def _lines_of(data: bytes, pattern: re.Pattern[bytes]) -> set[int]:
    """Return the starts of the lines on which a pattern matches."""
    lines: set[int] = set()
    at = 0
    while match := pattern.search(data, at):
        lines.add(data.rfind(b"\n", 0, match.start()) + 1)
        end = data.find(b"\n", match.end())
        if end < 0:
            break
        at = end
    return lines


def _definitions(data: bytes) -> list[_Definition]:
    found: list[_Definition] = []
    for match in _DEFINITION.finditer(data):
        indent = len((match[1] or b"").expandtabs())
        parent = len(found) - 1
        while parent >= 0 and found[parent].indent >= indent:
            parent = found[parent].parent
        found.append(_Definition(match.start(), indent, match[2] or match[3], parent))
    return found


def _around(data: bytes, line: int, definitions: Sequence[_Definition]) -> Iterable[bytes]:
    """Yield the definitions around what stands on a line, innermost first."""
    blank = _BLANK.match(data, line)
    inner = len(blank[0].expandtabs()) if blank else 0
    number = bisect_right(definitions, line, key=_start) - 1
    while number >= 0:
        start, indent, name, parent = definitions[number]
        if start == line or indent < inner:
            inner = indent
            yield name
        if not inner:
            return
        number = parent
