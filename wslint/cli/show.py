"""``wslint check --show-settings`` and ``--show-files``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wslint.cli import echo
from wslint.output.text import path_from_here, printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.config.settings import Settings


def show_settings(settings: Settings) -> None:
    """Print the effective settings as TOML."""
    echo.emit("".join(f"{line}\n" for line in _settings(settings)))


def show_files(paths: Sequence[str], settings: Settings) -> bool:
    """Print the files that would be checked; return whether every path exists."""
    from wslint.discovery.walk import find_files

    found_files = find_files(paths, settings)
    for candidate in found_files.files:
        if not found_files.ignores(candidate):
            echo.emit(f"{printable(path_from_here(candidate.path))}\n")
    for path in found_files.missing:
        echo.error(f"{path}: no such file or directory")
    return not found_files.missing


def _settings(settings: Settings) -> Iterator[str]:
    from wslint.config.schema import KEYS
    from wslint.rules import selected_rules

    yield f"# from {printable(path_from_here(settings.config_file) or 'no configuration file')}"
    on = [rule.code for rule in selected_rules(settings)]
    tables: list[str] = []
    values: dict[str, Any] = {"select": on}
    for key in KEYS:
        if key not in ("select", "ignore", "extend-select", "extend-ignore"):
            values[key] = getattr(settings, key.replace("-", "_"))
    for key, value in values.items():
        if not hasattr(value, "items"):
            yield f"{key} = {_toml(value)}"
        elif value:
            tables += ["", f"[{key}]"]
            tables += [f"{_toml(name)} = {_toml(item)}" for name, item in value.items()]
    yield from tables


def _toml(value: Any) -> str:
    """Return a value as TOML; strings and numbers are as in JSON."""
    if isinstance(value, (list, tuple)):
        one_line = f"[{', '.join(map(_toml, value))}]"
        if len(one_line) <= 80:
            return one_line
        return "[\n" + "".join(f"  {_toml(item)},\n" for item in value) + "]"
    return json.dumps(value)
