"""Resolves the settings of each file: those of the nearest configuration at or above it.

A configuration is never merged with another one further up. Options of the command line apply to
all files; with ``--config`` or ``--isolated`` nothing is searched.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from wslint.config.loader import config_in
from wslint.config.settings import CONFIGURATIONS, Settings
from wslint.filesystem import snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator


class SettingsResolver:
    """Finds settings and reads each configuration once; ``top``: the settings of the run."""

    def __init__(self, top: Settings) -> None:
        self.top = top
        self._by_folder: dict[str, Settings] = {}
        self._by_file: dict[str, Settings] = {top.config_file: top}

    def __getstate__(self) -> dict[str, object]:
        """Leave out the lookups by folder, which another process quickly repeats."""
        return {**vars(self), "_by_folder": {}}

    def of(self, path: str) -> Settings:
        """Return the settings of a file, or of anything in its folder."""
        return self.inside(os.path.dirname(path))

    def inside(self, folder: str) -> Settings:
        """Return the settings of the files in a folder."""
        if self.top.fixed:
            return self.top
        visited: list[str] = []
        settings: Settings | None = None
        while settings is None:
            settings = self._by_folder.get(folder)
            if settings is None:
                visited.append(folder)
                above = os.path.dirname(folder)
                settings = self._own(folder) or (self._without_file() if above == folder else None)
                folder = above
        self._by_folder.update(dict.fromkeys(visited, settings))
        return settings

    @property
    def several(self) -> bool:
        """Whether some file had other settings than those of the run."""
        return len(self._by_file) > 1

    def all(self) -> Iterator[Settings]:
        """Yield the settings of the run, then the others that were found."""
        yield from self._by_file.values()

    def roles(self) -> dict[str, str]:
        """Return the roles of all settings."""
        return {name: role for settings in self.all() for name, role in settings.roles.items()}

    def _own(self, folder: str) -> Settings | None:
        # looked up in the snapshot, so the cache notices a configuration that is added
        if not any(snapshot.is_file(f"{folder.rstrip('/')}/{name}") for name in CONFIGURATIONS):
            return None
        file = config_in(folder)
        if file is None:
            return None
        file = os.path.normpath(file)
        if file not in self._by_file:
            from wslint.config.loader import settings_from

            self._by_file[file] = self._with_options(settings_from(file))
        return self._by_file[file]

    def _without_file(self) -> Settings:
        if "" not in self._by_file:
            self._by_file[""] = self._with_options(Settings())
        return self._by_file[""]

    def _with_options(self, settings: Settings) -> Settings:
        top = self.top
        return replace(
            settings,
            **top.given,
            given=top.given,
            given_selections=top.given_selections,
            selections=(*settings.selections, *top.given_selections),
            fixed=top.fixed,
        )
