"""Where the reports of earlier runs lie."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wslint import __version__
from wslint.filesystem.safe_read import read_regular

if TYPE_CHECKING:
    from wslint.config.settings import Settings

FOLDER = ".wslint_cache"
SCHEMA = 3


def folder_of(settings: Settings) -> str:
    """Give the folder for the reports of runs with these settings."""
    return os.path.join(settings.root, FOLDER, f"{__version__}-{SCHEMA}")


def keeps_runs(settings: Settings) -> bool:
    """Tell whether some run is known, maybe the one that is asked for."""
    try:
        return settings.cache and bool(os.listdir(folder_of(settings)))
    except OSError:
        return False


def is_cache(folder: str) -> bool:
    """Tell whether a folder is one that wslint has made."""
    try:
        return b"Made by wslint" in read_regular(os.path.join(folder, "CACHEDIR.TAG"))
    except OSError:
        return False
