"""``wslint check --watch``: check again whenever a file changes."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from wslint.cli import echo
from wslint.config.settings import CONFIGURATIONS, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Sources, settings, and files that name the versions of libraries.
_ENDINGS = (".py", ".toml", ".ini", ".cfg", ".lock", ".txt", ".gitignore")
# milliseconds: how long to wait for more changes, and for the first one
_TOGETHER = 50
_WAIT = 100


def repeat(run: Callable[[], object], paths: Iterable[str]) -> NoReturn:
    """Call ``run`` now and after each change in the projects of ``paths``, until interrupted."""
    try:
        from watchfiles import DefaultFilter, watch
    except ImportError:
        needed = "--watch needs watchfiles: pip install 'wslint[watch]'"
        raise echo.Failure(needed) from None

    relevant = DefaultFilter()
    # watching starts before the first run, so nothing that changes meanwhile is missed
    is_first = True
    for changes in watch(
        *sorted({folder for path in paths for folder in _folders(path)}),
        watch_filter=lambda change, path: path.endswith(_ENDINGS) and relevant(change, path),
        step=_TOGETHER,
        rust_timeout=_WAIT,
        yield_on_timeout=True,
    ):
        if changes or is_first:
            is_first = False
            _once(run)
    sys.exit(0)


def _once(run: Callable[[], object]) -> None:
    if sys.stdout.isatty():
        click.clear()
    try:
        run()
    except SystemExit:
        pass  # its exit code is that of one run
    except click.ClickException as error:
        error.show()
    except ConfigError as error:  # it may be half typed
        echo.error(str(error))
    echo.emit("Waiting for changes; Ctrl+C ends it.\n", sys.stderr)


def _folders(path: str) -> Iterator[str]:
    """Yield the folders with what a check of a path depends on: its project, and its settings."""
    from wslint.discovery.chosen_tests import chosen_tests
    from wslint.discovery.walk import absolute_path
    from wslint.project import project_of

    (path,), _ = chosen_tests([path])
    absolute = absolute_path(path)
    if not os.path.lexists(absolute):
        raise echo.Failure(f"{path}: no such file or directory")
    folder = absolute if os.path.isdir(absolute) else os.path.dirname(absolute)
    yield project_of(folder, absolute_path(".")).top
    while not any(os.path.isfile(os.path.join(folder, name)) for name in CONFIGURATIONS):
        if folder == os.path.dirname(folder):
            return
        folder = os.path.dirname(folder)
    yield folder
