"""Expands the paths of the command line to files, in a fixed order."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from wslint.config.resolver import SettingsResolver
from wslint.config.settings import CONFIGURATIONS
from wslint.discovery import ignore_files
from wslint.filesystem import snapshot
from wslint.filesystem.patterns import Patterns
from wslint.syntax.source import Unreadable, os_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.config.settings import Settings


class Candidate(NamedTuple):
    """A file that may be checked; ``path`` is absolute, with ``/``. ``named``: passed by name.

    Whether git or a setting ignores the file is decided in ``FoundFiles.ignores``, and only for
    the few files that pass the prefilter. ``stamp`` identifies its version for the cache.
    """

    path: str
    named: bool
    level: ignore_files.Level | None = None
    stamp: snapshot.Stamp | None = None


@dataclass(slots=True)
class FoundFiles:
    """The files below the given paths, and what could not be read."""

    resolver: SettingsResolver
    files: list[Candidate] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def ignores(self, candidate: Candidate) -> bool:
        """Return whether an ignore file or a setting excludes the file itself."""
        return ignores(candidate, self.resolver)


class Exclude(NamedTuple):
    """The settings ``exclude`` and ``extend-exclude``, relative to their configuration file."""

    root: str
    patterns: Patterns

    def matches(self, path: str, *, is_directory: bool) -> bool:
        """Return whether the settings exclude this entry."""
        inside = path.startswith(self.root.rstrip("/") + "/")
        subject = ignore_files.relative(path, self.root) if inside else os.path.basename(path)
        return bool(self.patterns.match(subject, is_directory=is_directory))


def ignores(candidate: Candidate, resolver: SettingsResolver) -> bool:
    """Return whether an ignore file or a setting excludes the file itself."""
    if candidate.named:
        return False
    if exclude_of(resolver.of(candidate.path)).matches(candidate.path, is_directory=False):
        return True
    level = candidate.level
    return level is not None and level.ignores(candidate.path, is_directory=False)


def find_files(paths: Sequence[str], settings: Settings) -> FoundFiles:
    """Find the files that ``paths`` name or contain, without duplicates."""
    result = FoundFiles(SettingsResolver(settings))
    seen: set[str] = set()
    for path in paths:
        absolute = absolute_path(path)
        if absolute in seen and path:
            continue
        seen.add(absolute)
        if not path:
            result.missing.append(path)
        elif snapshot.is_folder(absolute):
            if not _left_out(absolute, result.resolver, directory=True):
                _Walk(result, settings).start(absolute)
        elif not os.path.lexists(absolute):
            result.missing.append(path)
        elif not _left_out(absolute, result.resolver):
            result.files.append(Candidate(absolute, True, stamp=snapshot.stamp_of(absolute)))
    unique = {candidate.path: candidate for candidate in reversed(result.files)}
    # a file that is both named and in a directory counts as named
    unique.update({candidate.path: candidate for candidate in result.files if candidate.named})
    result.files = [unique[path] for path in sorted(unique)]
    return result


def absolute_path(path: str) -> str:
    """Return an absolute path with ``/``, without resolving links."""
    return os.path.abspath(path).replace(os.sep, "/")


@cache
def _patterns(lines: tuple[str, ...]) -> Patterns:
    return Patterns.parse(lines)


def exclude_of(settings: Settings) -> Exclude:
    """Return the exclude patterns of some settings."""
    return Exclude(settings.root, _patterns((*settings.exclude, *settings.extend_exclude)))


def is_excluded(path: str, resolver: SettingsResolver, *, directory: bool = False) -> bool:
    """Return whether a path passed by name, or a directory above it, is excluded or ignored.

    For each directory, the settings of that directory decide.
    """
    parts = path.split("/")
    for count in range(2, len(parts) + 1):
        part = "/".join(parts[:count])
        settings = resolver.of(part)
        is_directory = directory or count < len(parts)
        inside = part.startswith(settings.root.rstrip("/") + "/")
        if (inside or count == len(parts)) and exclude_of(settings).matches(
            part, is_directory=is_directory
        ):
            return True
    return resolver.of(path).respect_gitignore and _is_git_ignored(path, directory=directory)


def _left_out(path: str, resolver: SettingsResolver, *, directory: bool = False) -> bool:
    forced = resolver.of(path).force_exclude
    return forced and is_excluded(path, resolver, directory=directory)


def _is_git_ignored(path: str, *, directory: bool) -> bool:
    root = ignore_files.repository_root(os.path.dirname(path))
    if root is None:
        return False
    level = ignore_files.repository_level(root)
    at = root
    parts = ignore_files.relative(path, root).split("/")
    for index, part in enumerate(parts):
        level = ignore_files.directory_level(at, level)
        at = f"{at.rstrip('/')}/{part}"
        is_directory = directory or index + 1 < len(parts)
        if level is not None and level.ignores(at, is_directory=is_directory):
            return True
    return False


class _Walk:
    """Walks one directory."""

    def __init__(self, found: FoundFiles, settings: Settings) -> None:
        self.found = found
        self.respect_gitignore = settings.respect_gitignore

    def start(self, directory: str) -> None:
        """Walk a directory that was passed by name; nothing outside can exclude it."""
        level = None
        if self.respect_gitignore and not _is_git_ignored(directory, directory=True):
            level = ignore_files.levels_above(directory)
        self.walk(directory, level)

    def walk(self, directory: str, level: ignore_files.Level | None) -> None:
        """Collect the files of a directory and of those below it."""
        pending = [(directory, level, exclude_of(self.found.resolver.inside(directory)))]
        while pending:
            directory, level, exclude = pending.pop()
            try:
                with os.scandir(directory) as entries:
                    listed = list(entries)
            except OSError as error:
                reason = f"a directory that cannot be listed: {os_reason(error)}"
                self.found.unreadable.append(Unreadable(directory, 1, 0, reason))
                continue
            names = {entry.name for entry in listed}
            snapshot.walked(directory, names)
            if self.respect_gitignore:
                level = _own_level(directory, names, level)
            if not names.isdisjoint(CONFIGURATIONS):
                exclude = exclude_of(self.found.resolver.inside(directory))
            prefix = directory.rstrip("/")
            for entry in listed:
                name = entry.name
                stamp = _stamp(entry) if name.endswith(".py") else None
                if stamp is not None:
                    self.found.files.append(Candidate(f"{prefix}/{name}", False, level, stamp))
                elif entry.is_dir(follow_symlinks=False):
                    path = f"{prefix}/{name}"
                    if not _leaves_out(path, level, exclude):
                        pending.append((path, level, exclude))
                elif name.endswith(".py"):
                    snapshot.kind(f"{prefix}/{name}")  # a broken link may become a file later


def _leaves_out(directory: str, level: ignore_files.Level | None, exclude: Exclude) -> bool:
    """Return whether a directory is skipped."""
    if exclude.matches(directory, is_directory=True):
        return True
    return level is not None and level.ignores(directory, is_directory=True)


def _own_level(
    directory: str, names: set[str], level: ignore_files.Level | None
) -> ignore_files.Level | None:
    if ".git" in names:
        level = ignore_files.repository_level(directory)
    if ".gitignore" in names:
        level = ignore_files.directory_level(directory, level)
    return level


def _stamp(entry: os.DirEntry[str]) -> snapshot.Stamp | None:
    """Return the stamp of a regular file; None for anything else."""
    try:
        status = entry.stat()
    except OSError:  # a loop of symbolic links, or deleted meanwhile
        return None
    return snapshot.stamp(status) if stat.S_ISREG(status.st_mode) else None
