"""Settings: what they are, where they are found, how the command line changes them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from wslint.filesystem.safe_read import read_regular
from wslint.syntax.source import DEFAULT_MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONFIGURATIONS = ("wslint.toml", "pyproject.toml")
DEFAULT_EXCLUDE = (
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".git-rewrite",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyenv",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    ".wslint_cache",
    "__pypackages__",
    "_build",
    "buck-out",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
)


class ConfigError(Exception):
    """A setting that wslint cannot use; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What one place (a file, the command line) says about which rules are on."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, with the defaults.

    ``root`` is where the settings are written (else the working directory): patterns are relative
    to it. ``selections`` holds the file's selection, then the command line's.

    ``given`` and ``given_selections`` are what the command line says, which holds for every file;
    ``fixed`` tells that no file may have a nearer configuration (see ``nearest.py``).
    """

    root: str = field(default_factory=lambda: os.getcwd().replace(os.sep, "/"))
    config_file: str = ""
    selections: tuple[Selection, ...] = ()
    preview: bool = False
    unsafe_fixes: bool = False
    extend_safe_fixes: tuple[str, ...] = ()
    extend_unsafe_fixes: tuple[str, ...] = ()
    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    max_file_size: int = DEFAULT_MAX_SIZE
    roles: Mapping[str, str] = field(default_factory=dict)
    test_database: str = "unknown"
    versions: Mapping[str, str] = field(default_factory=dict)
    keepalive_style: str = "decorator"
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cache: bool = True
    jobs: int | None = field(default=None, repr=False, compare=False)
    baseline: str = ""
    given: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    given_selections: tuple[Selection, ...] = field(default=(), repr=False, compare=False)
    fixed: bool = field(default=True, compare=False)

    @property
    def baseline_file(self) -> str:
        """The path of the baseline, which is given from where it is set; empty for none."""
        return os.path.join(self.root, self.baseline) if self.baseline else ""


def load_settings(
    paths: Sequence[str] = (), *, config: str | None = None, isolated: bool = False
) -> Settings:
    """Return the settings of a run on ``paths``.

    They are those of the configuration that is the nearest at or above the common directory, unless
    ``config`` names one. A file below may have a nearer one.
    """
    if isolated:
        return Settings()
    if config is not None:
        if not os.path.isfile(config):
            raise ConfigError(f"{config}: no such configuration file")
        found: str | None = os.path.abspath(config)
    else:
        found = find_config(_common_directory(paths))
    if not found:
        return Settings(fixed=False)
    from wslint.config.loader import settings_from

    return replace(settings_from(found), fixed=config is not None)


def find_config(directory: str) -> str | None:
    """Return the nearest wslint.toml, or pyproject.toml with a section for wslint, going up."""
    while True:
        own = config_in(directory)
        if own is not None:
            return own
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def config_in(directory: str) -> str | None:
    """Return the configuration that lies in a directory itself."""
    own, shared = (os.path.join(directory, name) for name in CONFIGURATIONS)
    if os.path.isfile(own):
        return own
    if os.path.isfile(shared) and _mentions_wslint(shared) and table_of(shared) is not None:
        return shared
    return None


def override(settings: Settings, **given: Any) -> Settings:
    """Return the settings with the values that the command line gave; None means not given."""
    said = {key: value for key, value in given.items() if value is not None}
    return replace(settings, **said, given={**settings.given, **said})


def with_selection(settings: Settings, selection: Selection) -> Settings:
    """Return the settings with one more selection, which speaks last."""
    from wslint.config.schema import check_selectors

    for option in fields(selection):
        selectors = getattr(selection, option.name) or ()
        check_selectors(f"--{option.name.replace('_', '-')}", selectors)
    return replace(
        settings,
        selections=(*settings.selections, selection),
        given_selections=(*settings.given_selections, selection),
    )


def shown(path: str) -> str:
    """Return a path as messages name it: from the working directory, where it lies below it."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


def _common_directory(paths: Sequence[str]) -> str:
    directories = [
        path if os.path.isdir(path) else os.path.dirname(path)
        for path in map(os.path.abspath, paths)
    ]
    try:
        return os.path.commonpath(directories) if directories else os.getcwd()
    except ValueError:  # on different drives
        return os.getcwd()


def _mentions_wslint(path: str) -> bool:
    # Spares most runs the TOML parser, and the user an error in a file that is not about wslint.
    try:
        return b"wslint" in read_regular(path)
    except OSError:
        return True  # it may: to read it is an error that is told


def table_of(path: str) -> Mapping[str, Any] | None:
    """Read the settings of a file; None where a pyproject.toml has no section for wslint."""
    from wslint.filesystem.toml import load_toml

    try:
        document = load_toml(path)
    except ValueError as error:
        raise ConfigError(f"{shown(path)}: not valid TOML: {error}") from None
    except OSError as error:
        raise ConfigError(f"{shown(path)}: cannot be read: {error.strerror}") from None
    if os.path.basename(path) != "pyproject.toml":
        return document
    tool = document.get("tool")
    table = tool.get("wslint") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{shown(path)}: tool.wslint: must be a table")
    return table
