"""Finds and reads configuration files, and applies the options of the command line.

Errors name file, line and key.
"""

from __future__ import annotations

import os
import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from wslint.config.schema import read_table
from wslint.config.selection import check_selectors
from wslint.config.settings import CONFIGURATIONS, ConfigError, Selection, Settings
from wslint.filesystem.safe_read import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_HEADER = re.compile(r"\s*\[+\s*(.*?)\s*\]+\s*(?:#.*)?")
_QUOTES = re.compile("[\"']")


def load_settings(
    paths: Sequence[str] = (), *, config: str | None = None, isolated: bool = False
) -> Settings:
    """Return the settings of a run on ``paths``.

    They come from the nearest configuration at or above the common directory, unless ``config``
    names one. Files further down may have a nearer one.
    """
    if isolated:
        return Settings()
    if config is not None:
        if not os.path.isfile(config):
            raise ConfigError(f"{config}: no such configuration file")
        path: str | None = os.path.abspath(config)
    else:
        path = find_config(_common_directory(paths))
    if not path:
        return Settings(fixed=False)
    return replace(settings_from(path), fixed=config is not None)


def find_config(directory: str) -> str | None:
    """Return the nearest wslint.toml, or pyproject.toml with [tool.wslint], going up."""
    while True:
        own = config_in(directory)
        if own is not None:
            return own
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def config_in(directory: str) -> str | None:
    """Return the configuration file in a directory itself."""
    own, shared = (os.path.join(directory, name) for name in CONFIGURATIONS)
    if os.path.isfile(own):
        return own
    if os.path.isfile(shared) and _mentions_wslint(shared) and table_of(shared) is not None:
        return shared
    return None


def override(settings: Settings, **options: Any) -> Settings:
    """Return the settings with the options of the command line; None means not given."""
    values = {key: value for key, value in options.items() if value is not None}
    return replace(settings, **values, given={**settings.given, **values})


def with_selection(settings: Settings, selection: Selection) -> Settings:
    """Return the settings with one more selection, which overrides the others."""
    for option in fields(selection):
        selectors = getattr(selection, option.name) or ()
        check_selectors(f"--{option.name.replace('_', '-')}", selectors)
    return replace(
        settings,
        selections=(*settings.selections, selection),
        given_selections=(*settings.given_selections, selection),
    )


def shown(path: str) -> str:
    """Return a path as shown in messages: relative to the working directory if it is below it."""
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
    # Avoids importing the TOML parser, and errors in files that have nothing to do with wslint.
    try:
        return b"wslint" in read_regular(path)
    except OSError:
        return True  # reading it will report the error


def table_of(path: str) -> Mapping[str, Any] | None:
    """Read the settings of a file; None if a pyproject.toml has no [tool.wslint]."""
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


def settings_from(path: str) -> Settings:
    """Return the settings of a file.

    A key overrides the same key of the file that is extended. Tables are merged, ``extend-…`` keys
    add up, and the ``select`` and ``ignore`` of the extending file win. Patterns are relative to
    the folder of ``path``.
    """
    values: dict[str, Any] = {}
    selections: list[Selection] = []
    for file, table in reversed(list(_layers(path))):
        own = _read(file, table)
        selections.append(
            Selection(
                own.pop("select", None),
                (*own.pop("ignore", ()), *own.pop("extend_ignore", ())),
                own.pop("extend_select", ()),
            )
        )
        if own.get("baseline"):
            own["baseline"] = os.path.join(os.path.dirname(file), own["baseline"])
        for key, value in own.items():
            if isinstance(value, dict):
                values[key] = {**values.get(key, {}), **value}
            elif key.startswith("extend_"):
                values[key] = (*values.get(key, ()), *value)
            else:
                values[key] = value
    root = os.path.dirname(path).replace(os.sep, "/")
    return Settings(root=root, config_file=path, selections=tuple(selections), **values)


def _layers(path: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield a file and its table, then those that it extends."""
    seen: set[str] = set()
    while True:
        table = table_of(path)
        if table is None:
            raise ConfigError(f"{shown(path)}: has no table [tool.wslint]")
        seen.add(os.path.realpath(path))
        yield path, {key: value for key, value in table.items() if key != "extend"}
        if "extend" not in table:
            return
        base = table["extend"]
        where = f"{_place(path, 'extend')}extend"
        if not isinstance(base, str) or not base:
            raise ConfigError(f"{where}: must be the path of a configuration file")
        path = os.path.join(os.path.dirname(path), os.path.expanduser(base))
        path = os.path.normpath(path)
        if not os.path.isfile(path):
            raise ConfigError(f"{where}: no such configuration file: {shown(path)}")
        if os.path.realpath(path) in seen:
            raise ConfigError(f"{where}: {shown(path)} is extended already")


def _read(path: str, table: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    key = ""
    try:
        for key, value in sorted(table.items(), key=lambda item: item[0] != "plugins"):
            values.update(read_table({key: value}, ""))
    except ConfigError as error:
        message = str(error)
        is_own = os.path.basename(path) != "pyproject.toml"
        if is_own and key == "tool" and isinstance(value, dict) and "wslint" in value:
            hint = "settings stand at the top, without [tool.wslint]"
            message += f" (in {os.path.basename(path)} {hint})"
        raise ConfigError(f"{_place(path, key, message)}{message}") from None
    return values


def _place(path: str, key: str, message: str = "") -> str:
    """Return the prefix of a key in a message: file, line and section."""
    prefix = "tool.wslint." if os.path.basename(path) == "pyproject.toml" else ""
    inner = message[len(key) + 1 :].strip('"') if message.startswith(f"{key}.") else ""
    line = _line_of(path, prefix, key, inner)
    return f"{shown(path)}:{line}: {prefix}" if line else f"{shown(path)}: {prefix}"


def _line_of(path: str, prefix: str, key: str, inner: str) -> int:
    """Find the line of a key in its usual spelling; 0 if it can't be found.

    TOML readers give no positions. ``inner`` starts with the key within a table, if the
    message concerns one.
    """
    try:
        text = read_regular(path).decode("utf-8")
        lines = [_QUOTES.sub("", line) for line in text.splitlines()]
    except (OSError, ValueError):
        return 0
    header, first = "", 0
    for number, line in enumerate(lines, start=1):
        match = _HEADER.fullmatch(line.rstrip("\n"))
        if match and "=" not in line:
            header = f"{match[1]}."
            first = first or number * header.startswith(f"{prefix}{key}.")
            continue
        name = f"{header}{line.partition('=')[0].strip()}"
        if name == f"{prefix}{key}" or name.startswith(f"{prefix}{key}."):
            rest = name[len(prefix) + len(key) + 1 :]
            if rest and inner.startswith(rest):
                return number
            first = first or number
    return first
