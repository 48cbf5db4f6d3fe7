"""What a project's Django settings say, read from the text of the settings module.

Only literals count. What is computed, or assigned in several places, is unknown.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from wslint.filesystem import snapshot
from wslint.filesystem.paths import inside

if TYPE_CHECKING:
    from wslint.project.layout import Layout

_NAMED = re.compile(rb"""DJANGO_SETTINGS_MODULE["'],\s*["']([\w.]+)["']""")
_ENGINES = {
    "django.db.backends.postgresql": "postgresql",
    "django.contrib.gis.db.backends.postgis": "postgresql",
    "django.db.backends.mysql": "mysql",
    "django.db.backends.oracle": "oracle",
}
_MAY_SET_DATABASES = re.compile(
    rb"DATABASES|import[ \t]*\*|\b(?:include|globals|locals|exec)[ \t]*\("
)
_SQLITE = ("django.db.backends.sqlite3", "django.contrib.gis.db.backends.spatialite")


class DjangoSettings(NamedTuple):
    """The settings that matter to tests.

    ``test_database`` is as in wslint's own setting, or "none" for a project without databases;
    ``allowed_hosts`` is None if it isn't known, ``asgi_application`` "".
    """

    test_database: str = "unknown"
    allowed_hosts: tuple[str, ...] | None = None
    asgi_application: str = ""


def settings_module(rootdir: str, named_by_pytest: str, layout: Layout) -> str:
    """Return the dotted name of the settings module, "" if nothing names it."""
    if named_by_pytest:
        return named_by_pytest
    manage = inside(rootdir, "manage.py")
    found = _NAMED.search(layout.text(manage)) if layout.exists(manage) else None
    return found[1].decode() if found else ""


@snapshot.per_run
def read_django_settings(path: str, layout: Layout) -> DjangoSettings:
    """Read the settings module at ``path``, and those that it imports with a star."""
    values = _assigned(path, layout, {})
    databases, hosts = values.get("DATABASES"), values.get("ALLOWED_HOSTS")
    application = _text(values.get("ASGI_APPLICATION"))
    has_none = bool(values) and not _MAY_SET_DATABASES.search(layout.text(path))
    database = "none" if has_none else _test_database(databases)
    return DjangoSettings(database, _texts(hosts), application)


def _assigned(
    path: str, layout: Layout, read: dict[str, dict[str, ast.expr | None]]
) -> dict[str, ast.expr | None]:
    """Return what a module assigns to each name; None if it does so more than once.

    ``read`` has the modules that were read already: each is read once, however they import
    each other.
    """
    if path in read:
        return read[path]
    read[path] = {}
    try:
        tree = ast.parse(layout.text(path))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, ast.expr | None] = {}
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
            base = layout.find(statement.module or "", statement.level, path)
            if base.endswith(".py"):
                found |= _assigned(base, layout, read)
        elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            found[statement.targets[0].id] = statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            found[statement.target.id] = statement.value
        else:
            # it may change any name that it mentions
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and node.id in found:
                    found[node.id] = None
    read[path] = found
    return found


def _test_database(databases: ast.expr | None) -> str:
    if not isinstance(databases, ast.Dict):
        return "unknown"
    if not databases.keys:
        return "none"
    default = _entry(databases, "default")
    engine = _text(_entry(default, "ENGINE"))
    if engine in _SQLITE:
        test = _entry(default, "TEST")
        is_plain = isinstance(default, ast.Dict) and None not in default.keys
        if test is None and is_plain:
            return "sqlite-memory"
        return "sqlite-file" if _entry(test, "NAME") is not None else "unknown"
    return _ENGINES.get(engine, "unknown")


def _entry(mapping: ast.expr | None, name: str) -> ast.expr | None:
    pairs = zip(mapping.keys, mapping.values, strict=True) if isinstance(mapping, ast.Dict) else ()
    return next((value for key, value in pairs if _text(key) == name), None)


def _text(node: ast.expr | None) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) else ""


def _texts(node: ast.expr | None) -> tuple[str, ...] | None:
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    texts = tuple(_text(item) for item in node.elts)
    return texts if all(texts) else None
