"""The keys of a configuration, and how their values are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wslint.config.own_rules import canonical, learn_rules
from wslint.config.rule_names import rule_names
from wslint.config.selection import check_selectors, did_you_mean
from wslint.config.settings import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Reader = Callable[[Any, str], Any]

KEEPALIVE_STYLES = ("decorator", "fixture", "plugin")
DATABASES = ("unknown", "sqlite-memory", "sqlite-file", "postgresql", "mysql", "mariadb", "oracle")


def read_table(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Check a table and return its values under the field names of ``Settings``.

    ``where`` precedes the key in messages: ``pyproject.toml: tool.wslint.``.
    """
    values: dict[str, Any] = {}
    for key, value in table.items():
        reader = KEYS.get(key)
        if reader is None:
            raise ConfigError(f"{where}{key}: unknown key{did_you_mean(key, (*KEYS, 'extend'))}")
        values[key.replace("-", "_")] = reader(value, where + key)
    return values


def _selectors(value: Any, where: str) -> tuple[str, ...]:
    selectors = _strings(value, where)
    check_selectors(where, selectors)
    return selectors


def _strings(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _wrong(where, "a list of strings", value)
    return tuple(value)


def _string(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise _wrong(where, "a string", value)
    return value


def _rule_url(value: Any, where: str) -> str:
    address = _string(value, where)
    is_absolute = address.startswith(("https://", "http://", "file:///"))
    if address and not (is_absolute and "{code}" in address):
        raise _wrong(where, "an address with {code}", value)
    return address


def _plugins(value: Any, where: str) -> tuple[str, ...]:
    packages = tuple(map(canonical, _strings(value, where)))
    try:
        learn_rules(packages, rule_names())
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    return packages


def _boolean(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(where, "true or false", value)
    return value


def _size(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
        raise _wrong(where, "a number of bytes above 0", value)
    return value


def _choice(*choices: str) -> Reader:
    def read(value: Any, where: str) -> str:
        if value in choices:
            return str(value)
        listed = ", ".join(f'"{choice}"' for choice in choices)
        near = did_you_mean(value, choices) if isinstance(value, str) else ""
        raise ConfigError(f"{where}: must be one of {listed}, not {_toml(value)}{near}")

    read.choices = choices  # type: ignore[attr-defined]
    return read


def _string_table(value: Any, where: str) -> dict[str, str]:
    table = _any_table(value, where)
    for key, item in table.items():
        if not isinstance(item, str):
            raise _wrong(f"{where}.{key}", "a string", item)
    return table


def _roles(value: Any, where: str) -> dict[str, str]:
    from wslint.vocabulary import USER_ROLES

    read = _choice(*USER_ROLES)
    return {key: read(item, f"{where}.{key}") for key, item in _any_table(value, where).items()}


def _versions(value: Any, where: str) -> dict[str, str]:
    table = _string_table(value, where)
    for key, item in table.items():
        if not _is_version(item):
            raise _wrong(f"{where}.{key}", 'a version such as "4.3.2"', item)
    return table


def _is_version(text: str) -> bool:
    from packaging.version import Version

    try:
        Version(text)
    except ValueError:  # InvalidVersion, or a number of thousands of digits
        return False
    return True


def _selector_table(value: Any, where: str) -> dict[str, tuple[str, ...]]:
    table = _any_table(value, where)
    return {key: _selectors(item, f'{where}."{key}"') for key, item in table.items()}


def _any_table(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _wrong(where, "a table", value)
    return value


def _wrong(where: str, wanted: str, value: Any) -> ConfigError:
    return ConfigError(f"{where}: must be {wanted}, not {_toml(value)}")


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "a table"
    return "a list" if isinstance(value, list) else str(value)


KEYS: dict[str, Reader] = {
    # first, as selectors may be of their rules
    "plugins": _plugins,
    "select": _selectors,
    "ignore": _selectors,
    "extend-select": _selectors,
    "extend-ignore": _selectors,
    "preview": _boolean,
    "unsafe-fixes": _boolean,
    "extend-safe-fixes": _selectors,
    "extend-unsafe-fixes": _selectors,
    "exclude": _strings,
    "extend-exclude": _strings,
    "force-exclude": _boolean,
    "respect-gitignore": _boolean,
    "max-file-size": _size,
    "roles": _roles,
    "test-database": _choice(*DATABASES),
    "versions": _versions,
    "keepalive-style": _choice(*KEEPALIVE_STYLES),
    "per-file-ignores": _selector_table,
    "baseline": _string,
    "rule-url": _rule_url,
}
