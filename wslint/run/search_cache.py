"""Caches which files pass the prefilters, so unchanged files are not searched again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslint.run.cache import ProjectCache, digest, is_settled
from wslint.run.result_cache import settings_key

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wslint.discovery.walk import Candidate
    from wslint.run.file_checker import FileChecker


class SearchCache:
    """The outcome of the search for some paths.

    A folder in which no stamp has changed is unchanged. ``began`` is the start of the run in
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
        self._checker = checker
        settings = [repr(each) for each in checker.resolver.all()]
        self._name = f"search-{digest(settings_key(checker), tuple(paths), settings)}"
        self._folders = _digests(files, began)
        known = project.read(self._name)
        self._known = known
        before, passed = known.get("folders"), known.get("passed")
        before = before if isinstance(before, dict) else {}
        self._unchanged = {
            folder for folder, was in self._folders.items() if was and before.get(folder) == was
        }
        self._passed = frozenset(passed if isinstance(passed, list) else ())
        self._new_passed: list[str] = []
        self._rounds: dict[str, list[str]] = {}

    def passes(self, candidate: Candidate) -> bool:
        """Return whether a file passes the prefilter."""
        if self._is_unchanged(candidate):
            passes = candidate.path in self._passed
        else:
            passes = self._checker.passes(candidate)
        if passes:
            self._new_passed.append(candidate.path)
        return passes

    def select(
        self, names: object, pending: Sequence[Candidate], refers: Callable[[Candidate], bool]
    ) -> list[Candidate]:
        """Return the files that refer to one of some names, as ``refers`` finds.

        ``names`` is plain data that identifies them.
        """
        key = digest(names, [candidate.path for candidate in pending])
        rounds = self._known.get("rounds")
        known = rounds.get(key) if isinstance(rounds, dict) else None
        if isinstance(known, list):
            before = frozenset(known)
            found = [
                candidate
                for candidate in pending
                if (
                    candidate.path in before if self._is_unchanged(candidate) else refers(candidate)
                )
            ]
        else:
            found = [candidate for candidate in pending if refers(candidate)]
        self._rounds[key] = [candidate.path for candidate in found]
        return found

    def save(self) -> None:
        """Write what was found, if anything is new."""
        new: dict[str, Any] = {
            "folders": {folder: now for folder, now in self._folders.items() if now},
            "passed": self._new_passed,
            "rounds": self._rounds,
        }
        if new != self._known:
            self._project.write(self._name, new)

    def _is_unchanged(self, candidate: Candidate) -> bool:
        return candidate.path.rpartition("/")[0] in self._unchanged


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
