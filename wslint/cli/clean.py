"""``wslint clean``."""

from __future__ import annotations

import os

import click

from wslint.cli import echo


@click.command(
    "clean",
    short_help="Remove the caches.",
    epilog="\b\nExamples:\n  wslint clean\n  wslint clean packages/one",
)
@click.argument("paths", nargs=-1)
def command(paths: tuple[str, ...]) -> None:
    """Remove the caches of the projects at or below PATHS (the working directory by default).

    They are in the user's cache folder, or in WSLINT_CACHE_DIR. Only the speed of the next run
    changes.
    """
    import shutil

    from wslint.output.text import path_from_here, printable
    from wslint.run.cache import project_caches

    for path in paths or (".",):
        if not os.path.isdir(path):
            raise echo.Failure(f"{path}: no such directory")
        for project, folder in project_caches(path):
            shown = printable(path_from_here(project))
            try:
                shutil.rmtree(folder)
            except OSError as error:
                raise echo.Failure(f"{shown}: {error.strerror}") from None
            echo.emit(f"Removed the cache of {shown}\n")
