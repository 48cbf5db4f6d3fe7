"""``wslint clean``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from wslint.cli import echo

if TYPE_CHECKING:
    from collections.abc import Iterator


@click.command(
    "clean",
    short_help="Remove the caches.",
    epilog="\b\nExamples:\n  wslint clean\n  wslint clean packages/one",
)
@click.argument("paths", nargs=-1)
def command(paths: tuple[str, ...]) -> None:
    """Remove the caches in PATHS (the working directory by default) and in the folders below.

    A cache is only ever a copy: the next run is slower, and finds the same.
    """
    import shutil

    from wslint.output.text import path_from_here, printable

    for path in paths or (".",):
        if not os.path.isdir(path):
            raise echo.Failure(f"{path}: no such directory")
        for folder in _caches(path):
            shown = printable(path_from_here(os.path.abspath(folder)))
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise echo.Failure(f"{shown}: {error.strerror}") from None
            echo.emit(f"Removed {shown}\n")


def _caches(path: str) -> Iterator[str]:
    from wslint.run.cache_folder import FOLDER, is_cache

    for folder, names, _ in os.walk(path):
        if FOLDER in names:
            names.remove(FOLDER)
            cache = os.path.join(folder, FOLDER)
            # a link, or a folder that merely has the name, is somebody else's
            if not os.path.islink(cache) and is_cache(cache):
                yield cache
