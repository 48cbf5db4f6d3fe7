"""What is read from a settings module, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from wslint.filesystem import snapshot
from wslint.project.django_settings import read_django_settings, settings_module
from wslint.project.layout import Layout

SQLITE = '{"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "a.db"%s}}'


def read(path: Path):
    snapshot.forget()
    return read_django_settings(str(path), Layout())


@pytest.mark.parametrize(
    ("text", "database"),
    [
        ("DATABASES = {}", "none"),
        (f"DATABASES = {SQLITE % ''}", "sqlite-memory"),
        (f"DATABASES = {SQLITE % ', **more'}", "unknown"),
        (f"""DATABASES = {SQLITE % ', "TEST": {"NAME": HERE / "t.db"}'}""", "sqlite-file"),
        ('DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql"}}', "postgresql"),
        ("DATABASES = {'default': env.db()}", "unknown"),
        (f"DATABASES = {SQLITE % ''}\nif CI:\n    DATABASES = other", "unknown"),
        (f"DATABASES = {SQLITE % ''}\nDATABASES['default']['TEST'] = t", "unknown"),
        ("DATABASES = {", "unknown"),
        ("INSTALLED_APPS = ['chat']", "none"),
        (
            "INSTALLED_APPS = ['chat']\ntry:\n    from .local import *\nfinally:\n    pass",
            "unknown",
        ),
        ("A = 1\nfrom split_settings.tools import include\ninclude('base.py')", "unknown"),
        ("A = 1\nfrom .base import DATABASES", "unknown"),
        ("", "unknown"),
    ],
)
def test_database(tmp_path: Path, text: str, database: str):
    path = tmp_path / "settings.py"
    path.write_text(text, encoding="utf-8")
    assert read(path).test_database == database


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("ALLOWED_HOSTS = []", ()),
        ('ALLOWED_HOSTS = ["a.example", "*"]', ("a.example", "*")),
        ("ALLOWED_HOSTS = env.list('HOSTS')", None),
        ("ALLOWED_HOSTS = ['a.example']\nALLOWED_HOSTS += more", None),
        ("", None),
    ],
)
def test_allowed_hosts(tmp_path: Path, text: str, hosts: tuple[str, ...] | None):
    path = tmp_path / "settings.py"
    path.write_text(text, encoding="utf-8")
    assert read(path).allowed_hosts == hosts


def test_what_a_base_module_says(tmp_path: Path):
    (tmp_path / "base.py").write_text("DATABASES = {}\nALLOWED_HOSTS = ['a.example']\n")
    path = tmp_path / "settings.py"
    path.write_text("from .base import *\nALLOWED_HOSTS = ['*']\n")
    snapshot.forget()
    found = read_django_settings(str(path), Layout())
    assert found.test_database == "none"
    assert found.allowed_hosts == ("*",)


def test_modules_that_import_each_other_are_read_once(tmp_path: Path):
    names = [f"part{n}" for n in range(12)]
    for name in names:
        stars = "".join(f"from .{other} import *\n" for other in names)
        (tmp_path / f"{name}.py").write_text(stars * 4 + "DATABASES = {}\n")
    path = tmp_path / "settings.py"
    path.write_text("from .part0 import *\n")
    snapshot.forget()
    found = read_django_settings(str(path), Layout())
    assert found.test_database == "none"


def test_the_settings_that_manage_names(tmp_path: Path):
    (tmp_path / "manage.py").write_text(
        'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
    )
    snapshot.forget()
    assert settings_module(str(tmp_path), "", Layout()) == "shop.settings"
    assert settings_module(str(tmp_path), "tests.settings", Layout()) == "tests.settings"
    assert settings_module(str(tmp_path / "other"), "", Layout()) == ""


def test_unsaved_files_count(tmp_path: Path):
    settings, base = str(tmp_path / "settings.py"), str(tmp_path / "base.py")
    for path in (settings, base):
        Path(path).write_text("ALLOWED_HOSTS = ['saved']\n")
    unsaved = {settings: b"from .base import *\n", base: b"ALLOWED_HOSTS = ['unsaved']\n"}
    snapshot.forget()
    assert read_django_settings(settings, Layout(unsaved)).allowed_hosts == ("unsaved",)
    assert read_django_settings(settings, Layout({settings: b""})).allowed_hosts is None
