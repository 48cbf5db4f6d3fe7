"""Reads pytest's settings, with pytest's precedence.

https://docs.pytest.org/en/stable/reference/customize.html: in each folder, the first of
pytest.toml, pytest.ini, pyproject.toml, tox.ini and setup.cfg with a pytest section is used
(pytest.toml and pytest.ini even when empty).
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from wslint.filesystem import snapshot
from wslint.filesystem.paths import inside
from wslint.filesystem.toml import toml_of
from wslint.project.model import PytestSettings

_INI_SECTIONS = {"pytest.ini": "pytest", ".pytest.ini": "pytest", "tox.ini": "pytest",
                 "setup.cfg": "tool:pytest"}  # fmt: skip
_TOML_NAMES = ("pytest.toml", ".pytest.toml", "pyproject.toml")
_OWN_NAMES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
NAMES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini",
         "setup.cfg")  # fmt: skip


@snapshot.per_run
def read_settings(folder: str) -> PytestSettings | None:
    """Return the pytest settings declared in ``folder``, or None."""
    for name in NAMES:
        path = inside(folder, name)
        if not snapshot.is_file(path):
            continue
        section = _toml(path, name) if name in _TOML_NAMES else _ini(path, _INI_SECTIONS[name])
        if section is None and name in _OWN_NAMES:
            section = {}
        if section is not None:
            return _settings(section)
    return None


def _ini(path: str, section: str) -> Mapping[str, Any] | None:
    import configparser

    parser = configparser.RawConfigParser()
    # pytest keeps the case of DJANGO_SETTINGS_MODULE
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(snapshot.read(path).decode("utf-8"))
    except (configparser.Error, UnicodeDecodeError, OSError):
        return None
    return dict(parser[section]) if parser.has_section(section) else None


def _toml(path: str, name: str) -> Mapping[str, Any] | None:
    data = toml_of(path)
    if name != "pyproject.toml":
        section = data.get("pytest")
    else:
        tool = data.get("tool", {})
        pytest = tool.get("pytest", {}) if isinstance(tool, dict) else {}
        section = pytest.get("ini_options", pytest or None) if isinstance(pytest, dict) else None
    return section if isinstance(section, dict) else None


def _settings(section: Mapping[str, Any]) -> PytestSettings:
    default = PytestSettings()
    addopts = _words(section.get("addopts", ""))
    following = (*addopts[1:], "")
    plugins = [word[2:] for word in addopts if word.startswith("-p") and len(word) > 2]
    mode = str(section.get("asyncio_mode", default.asyncio_mode))
    django = str(section.get("DJANGO_SETTINGS_MODULE", ""))
    for word, after in zip(addopts, following, strict=False):
        if word == "-p":
            plugins.append(after)
        elif word == "--asyncio-mode":
            mode = after
        elif word.startswith("--asyncio-mode="):
            mode = word.partition("=")[2]
        elif word in ("-o", "--override-ini") and after.startswith("asyncio_mode="):
            mode = after.partition("=")[2]
        elif word.startswith(("-oasyncio_mode=", "--override-ini=asyncio_mode=")):
            mode = word.rpartition("=")[2]
        elif word == "--ds":
            django = after
        elif word.startswith("--ds="):
            django = word.partition("=")[2]
    return PytestSettings(
        python_files=_words(section.get("python_files", "")) or default.python_files,
        python_classes=_words(section.get("python_classes", "")) or default.python_classes,
        python_functions=_words(section.get("python_functions", "")) or default.python_functions,
        pythonpath=_words(section.get("pythonpath", "")),
        usefixtures=_words(section.get("usefixtures", "")),
        plugins=tuple(plugins),
        asyncio_mode=mode,
        settings_module=django,
        keeps_connections=section.get("wslint_keep_db_connections") == "auto"
        and "no:wslint" not in plugins,
        test_loop_scope=_scope(section, "test") or default.test_loop_scope,
        fixture_loop_scope=_scope(section, "fixture"),
        has_timeout=_is_limit(section.get("timeout")) or any(map(_sets_timeout, addopts)),
    )


def _scope(section: Mapping[str, Any], what: str) -> str:
    """Return pytest-asyncio's default scope for the event loops of tests, or of fixtures."""
    return str(section.get(f"asyncio_default_{what}_loop_scope", "") or "")


def _sets_timeout(word: str) -> bool:
    return word == "--timeout" or word.startswith("--timeout=")


def _is_limit(value: Any) -> bool:
    """Return whether a timeout is set; 0 is none."""
    return value is not None and str(value).strip() not in ("", "0")


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(str(item) for item in value)
    lines = [line.partition("#")[0] for line in str(value).splitlines()]
    try:
        return tuple(shlex.split(" ".join(lines), posix=True))
    except ValueError:
        return tuple(str(value).split())
