"""The settings, as plain data."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wslint.syntax.source import DEFAULT_MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """The rules that one source (a file or the command line) turns on and off."""

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their defaults.

    ``root`` is the folder of the configuration file (or the working directory): patterns are
    relative to it. ``selections``: the file's selections, then the command line's.

    ``tests``: the names of the chosen tests of a file, if not all are to be judged.
    ``given`` and ``given_selections`` are the options of the command line, which apply to every
    file. ``fixed``: files don't look for a nearer configuration (see ``resolver.py``).
    """

    root: str = field(default_factory=lambda: os.getcwd().replace(os.sep, "/"))
    config_file: str = ""
    selections: tuple[Selection, ...] = ()
    plugins: tuple[str, ...] = ()
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
    tests: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    jobs: int | None = field(default=None, repr=False, compare=False)
    baseline: str = ""
    rule_url: str = ""
    given: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    given_selections: tuple[Selection, ...] = field(default=(), repr=False, compare=False)
    fixed: bool = field(default=True, compare=False)

    @property
    def baseline_file(self) -> str:
        """The path of the baseline, resolved from the folder of its setting; empty for none."""
        return os.path.join(self.root, self.baseline) if self.baseline else ""
