"""Caches which files pass the prefilters, so unchanged files are not searched again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslint.discovery.indirect_prefilter import Definitions, Memory
from wslint.run.cache import ProjectCache, digest, is_settled
from wslint.run.result_cache import settings_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from wslint.discovery.walk import Candidate
    from wslint.run.file_checker import FileChecker

    Search = Callable[[Sequence[Candidate]], Iterator[bool]]


class SearchCache(Memory):
    """The outcome of the search for some paths.

    A file is unchanged if no stamp in its folder has changed. ``began`` is the start of the run in
    nanoseconds.
    """

    def __init__(
        self,
        project: ProjectCache,
        checker: FileChecker,
        paths: Sequence[str],
        files: Sequence[Candidate],
        began: int,
    ) -> None:
        self._project = project
        settings = [repr(each) for each in checker.resolver.all()]
        self._name = f"search-{digest(settings_key(checker), tuple(paths), settings)}"
        self._files = frozenset(candidate.path for candidate in files)
        self._folders = _digests(files, began)
        known = project.read(self._name)
        self._known = known
        before = self._section("folders")
        self._unchanged = {
            folder for folder, was in self._folders.items() if was and before.get(folder) == was
        }
        self._passed = _texts(known.get("passed")) or frozenset()
        self._new_passed: list[str] = []
        self._rounds: dict[str, list[str]] = {}
        self._definitions: dict[str, list[Any]] = {}

    @property
    def key(self) -> str:
        """What identifies the searched files and their content; "" if it may change."""
        known = all(self._folders.values())
        return digest(self._name, sorted(self._folders.items())) if known else ""

    def search(self, files: Sequence[Candidate], search: Search) -> Iterator[bool]:
        """Yield for each file whether it passes the prefilter; what is not known is searched."""
        unchanged = [self._is_unchanged(candidate.path) for candidate in files]
        searched = search([file for file, known in zip(files, unchanged, strict=True) if not known])
        for candidate, is_known in zip(files, unchanged, strict=True):
            passes = candidate.path in self._passed if is_known else next(searched)
            if passes:
                self._new_passed.append(candidate.path)
            yield passes

    def select(
        self, names: object, pending: Sequence[Candidate], refers: Callable[[Candidate], bool]
    ) -> list[Candidate]:
        """Return the files that refer to one of some names, as ``refers`` finds.

        ``names`` is plain data that identifies them.
        """
        key = digest(names, [candidate.path for candidate in pending])
        before = _texts(self._section("rounds").get(key))
        found = [
            candidate
            for candidate in pending
            if (
                refers(candidate)
                if before is None or not self._is_unchanged(candidate.path)
                else candidate.path in before
            )
        ]
        self._rounds[key] = [candidate.path for candidate in found]
        return found

    def definitions(
        self, path: str, referenced: AbstractSet[bytes], find: Callable[[], Definitions]
    ) -> Definitions:
        """Return what a file defines around the names that it refers to, as ``find`` finds."""
        key = f"{path} {digest(sorted(referenced))}" if referenced else path
        known = self._section("definitions").get(key) if self._is_unchanged(path) else None
        found = _definitions(known) or find()
        self._definitions[key] = [sorted(map(bytes.decode, found.names)), *found[1:]]
        return found

    def _section(self, name: str) -> dict[str, Any]:
        section = self._known.get(name)
        return section if isinstance(section, dict) else {}

    def save(self) -> None:
        """Write what was found, if anything is new."""
        # none where the outcome of all rounds was known
        rounds = self._rounds or self._section("rounds")
        new: dict[str, Any] = {
            "folders": {folder: now for folder, now in self._folders.items() if now},
            "passed": self._new_passed,
            "rounds": rounds,
            "definitions": self._definitions or self._section("definitions"),
        }
        if new["folders"] and new != self._known:
            self._project.write(self._name, new)

    def _is_unchanged(self, path: str) -> bool:
        return path in self._files and path.rpartition("/")[0] in self._unchanged


def _digests(files: Sequence[Candidate], began: int) -> dict[str, str]:
    """Return a digest of the files of each folder; "" if they may have changed meanwhile."""
    folders: dict[str, list[Any]] = {}
    changing: set[str] = set()
    for path, named, _, stamp in files:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append((name, named, stamp))
        if stamp is None or not is_settled(stamp, began):
            changing.add(folder)
    return {
        folder: "" if folder in changing else digest(listed)[:32]
        for folder, listed in folders.items()
    }


def _texts(known: Any) -> frozenset[str] | None:
    if isinstance(known, list) and all(isinstance(text, str) for text in known):
        return frozenset(known)
    return None


def _definitions(known: Any) -> Definitions | None:
    try:
        names, is_autouse, names_library = known
        encoded = frozenset(name.encode() for name in names)
    except (TypeError, ValueError, AttributeError):
        return None
    return Definitions(encoded, bool(is_autouse), bool(names_library))
