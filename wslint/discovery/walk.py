"""Turns the paths on the command line into the files to judge, in a fixed order."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from wslint.config.resolver import SettingsResolver
from wslint.config.settings import CONFIGURATIONS
from wslint.discovery import ignore_files as gitfiles
from wslint.filesystem import snapshot as disk
from wslint.filesystem.patterns import Patterns
from wslint.syntax.source import Unreadable, os_reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.config.settings import Settings


class Candidate(NamedTuple):
    """A file to look at; ``path`` is absolute, with ``/``. ``named``: given by name.

    Whether git or a setting ignores the file is left to ``FoundFiles.ignores``, for the few files
    that pass the gate. ``stamp`` tells whether it has changed since another run.
    """

    path: str
    named: bool
    level: gitfiles.Level | None = None
    stamp: disk.Stamp | None = None


@dataclass(slots=True)
class FoundFiles:
    """What the paths led to."""

    resolver: SettingsResolver
    files: list[Candidate] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def ignores(self, candidate: Candidate) -> bool:
        """Return whether an ignore file or a setting leaves out the file itself."""
        return ignores(candidate, self.resolver)


class Exclude(NamedTuple):
    """The settings ``exclude`` and ``extend-exclude``, relative to where they are written."""

    root: str
    patterns: Patterns

    def matches(self, path: str, *, is_directory: bool) -> bool:
        """Return whether the settings leave out this entry."""
        inside = path.startswith(self.root.rstrip("/") + "/")
        subject = gitfiles.relative(path, self.root) if inside else os.path.basename(path)
        return bool(self.patterns.match(subject, is_directory=is_directory))


def ignores(candidate: Candidate, resolver: SettingsResolver) -> bool:
    """Return whether an ignore file or a setting leaves out the file itself."""
    if candidate.named:
        return False
    if exclude_of(resolver.of(candidate.path)).matches(candidate.path, is_directory=False):
        return True
    level = candidate.level
    return level is not None and level.ignores(candidate.path, is_directory=False)


def find_files(paths: Sequence[str], settings: Settings) -> FoundFiles:
    """Find the files that ``paths`` name or contain; the same file is found once."""
    found = FoundFiles(SettingsResolver(settings))
    seen: set[str] = set()
    for path in paths:
        absolute = absolute_path(path)
        if absolute in seen and path:
            continue
        seen.add(absolute)
        if not path:
            found.missing.append(path)
        elif disk.is_folder(absolute):
            if not _left_out(absolute, found.resolver, directory=True):
                _Walk(found, settings).start(absolute)
        elif not os.path.lexists(absolute):
            found.missing.append(path)
        elif not _left_out(absolute, found.resolver):
            found.files.append(Candidate(absolute, True, stamp=disk.stamp_of(absolute)))
    unique = {candidate.path: candidate for candidate in reversed(found.files)}
    # A file that is both named and found in a directory counts as named.
    unique.update({candidate.path: candidate for candidate in found.files if candidate.named})
    found.files = [unique[path] for path in sorted(unique)]
    return found


def absolute_path(path: str) -> str:
    """Make a path absolute, with ``/``, without following links."""
    return os.path.abspath(path).replace(os.sep, "/")


@cache
def _patterns(lines: tuple[str, ...]) -> Patterns:
    return Patterns.parse(lines)


def exclude_of(settings: Settings) -> Exclude:
    """Return what the settings leave out."""
    return Exclude(settings.root, _patterns((*settings.exclude, *settings.extend_exclude)))


def is_excluded(path: str, resolver: SettingsResolver, *, directory: bool = False) -> bool:
    """Return whether a path given by name, or a directory above it, is excluded or ignored.

    Of each directory the settings decide that hold where it lies.
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
    root = gitfiles.repository_root(os.path.dirname(path))
    if root is None:
        return False
    level = gitfiles.repository_level(root)
    at = root
    parts = gitfiles.relative(path, root).split("/")
    for index, part in enumerate(parts):
        level = gitfiles.directory_level(at, level)
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
        """Walk a directory that was given by name, which nothing outside it can exclude."""
        level = None
        if self.respect_gitignore and not _is_git_ignored(directory, directory=True):
            level = gitfiles.levels_above(directory)
        self.walk(directory, level)

    def walk(self, directory: str, level: gitfiles.Level | None) -> None:
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
            disk.walked(directory, names)
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
                    disk.kind(f"{prefix}/{name}")  # a link to nothing may lead to a file later


def _leaves_out(directory: str, level: gitfiles.Level | None, exclude: Exclude) -> bool:
    """Return whether not to go down into a directory."""
    if exclude.matches(directory, is_directory=True):
        return True
    return level is not None and level.ignores(directory, is_directory=True)


def _own_level(
    directory: str, names: set[str], level: gitfiles.Level | None
) -> gitfiles.Level | None:
    if ".git" in names:
        level = gitfiles.repository_level(directory)
    if ".gitignore" in names:
        level = gitfiles.directory_level(directory, level)
    return level


def _stamp(entry: os.DirEntry[str]) -> disk.Stamp | None:
    """Return the stamp of a regular file; None for anything else."""
    try:
        status = entry.stat()
    except OSError:  # a loop of symbolic links, or gone meanwhile
        return None
    return disk.stamp(status) if stat.S_ISREG(status.st_mode) else None
