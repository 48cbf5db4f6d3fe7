"""Rootdir, import roots and pytest's settings, with pytest's own precedence."""

from __future__ import annotations

from pathlib import Path

import pytest

from wslint import project
from wslint.filesystem import snapshot
from wslint.project import (
    PytestSettings,
    base_folder,
    import_roots,
    is_pytest_file,
    is_unittest_file,
    project_of,
)
from wslint.project.ini import NAMES, read_settings


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    snapshot.forget()


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_ini", ".ini").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


DECLARED = {
    "pytest.toml": '[pytest]\npython_files = ["check_*.py"]\n',
    ".pytest.toml": '[pytest]\npython_files = ["check_*.py"]\n',
    "pytest.ini": "[pytest]\npython_files = check_*.py\n",
    ".pytest.ini": "[pytest]\npython_files = check_*.py\n",
    "pyproject.toml": '[tool.pytest.ini_options]\npython_files = "check_*.py"\n',
    "tox.ini": "[pytest]\npython_files = check_*.py\n",
    "setup.cfg": "[tool:pytest]\npython_files = check_*.py\n",
}
EMPTY = {
    "pyproject.toml": "[project]\nname = 'x'\n",
    "tox.ini": "[tox]\nenvlist = py\n",
    "setup.cfg": "[metadata]\nname = x\n",
}


@pytest.mark.parametrize("name", NAMES)
def test_every_file_may_declare(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(DECLARED[name])
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert settings.python_files == ("check_*.py",)


@pytest.mark.parametrize(
    ("value", "keeps"),
    [("auto", True), ("off", False), ("auto\naddopts = -p no:wslint", False)],
)
def test_mode_of_the_plugin(tmp_path: Path, value: str, keeps: bool) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\nwslint_keep_db_connections = {value}\n")
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert settings.keeps_connections is keeps


@pytest.mark.parametrize("name", EMPTY)
def test_a_file_without_a_section_declares_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(EMPTY[name])
    assert read_settings(str(tmp_path)) is None


@pytest.mark.parametrize("name", ["pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini"])
def test_pytests_own_files_count_though_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("")
    assert read_settings(str(tmp_path)) == PytestSettings()


@pytest.mark.parametrize(
    ("first", "second"), [(a, b) for i, a in enumerate(NAMES) for b in NAMES[i + 1 :]]
)
def test_the_first_of_several_counts(tmp_path: Path, first: str, second: str) -> None:
    (tmp_path / first).write_text(DECLARED[first].replace("check_", "first_"))
    (tmp_path / second).write_text(DECLARED[second])
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert settings.python_files == ("first_*.py",)


@pytest.mark.parametrize("name", ["pytest.ini", "pyproject.toml", "setup.cfg"])
@pytest.mark.parametrize("data", [b"\xff\xfe[pytest", b"[[[", b"[pytest\n=", b"\0"])
def test_a_broken_file_is_no_error(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    settings = read_settings(str(tmp_path))
    assert settings is None or settings == PytestSettings()


@pytest.mark.parametrize(
    ("line", "mode", "plugins"),
    [
        ("addopts = -p a.b -q", "strict", ("a.b",)),
        ("addopts = -pa.b", "strict", ("a.b",)),
        ("addopts = -p no:cacheprovider", "strict", ("no:cacheprovider",)),
        ("addopts = --asyncio-mode=auto", "auto", ()),
        ("addopts = --asyncio-mode auto -p a", "auto", ("a",)),
        ("asyncio_mode = auto", "auto", ()),
        ("asyncio_mode = auto\naddopts = --asyncio-mode=strict", "strict", ()),
        ("addopts = \n  -q\n  -p a\n  -p b", "strict", ("a", "b")),
        ("addopts = -k 'it''s", "strict", ()),
    ],
)
def test_options(tmp_path: Path, line: str, mode: str, plugins: tuple[str, ...]) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{line}\n")
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert (settings.asyncio_mode, settings.plugins) == (mode, plugins)


@pytest.mark.parametrize(
    ("lines", "module"),
    [
        ("DJANGO_SETTINGS_MODULE = shop.settings", "shop.settings"),
        ("addopts = -q --ds=shop.tests.settings", "shop.tests.settings"),
        ("DJANGO_SETTINGS_MODULE = shop.settings\naddopts = --ds shop.testing", "shop.testing"),
        ("addopts = -q", ""),
    ],
)
def test_settings_of_django(tmp_path: Path, lines: str, module: str) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{lines}\n")
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert settings.settings_module == module


def test_lists_in_both_notations(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(
        "[pytest]\nusefixtures = a b\npythonpath =\n  src\n  lib # the other\n"
        "python_classes = Test *Suite\npython_functions = test check_*\n"
        "DJANGO_SETTINGS_MODULE = site.settings\n"
    )
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert settings.usefixtures == ("a", "b")
    assert settings.pythonpath == ("src", "lib")
    assert settings.python_classes == ("Test", "*Suite")
    assert settings.python_functions == ("test", "check_*")
    assert settings.settings_module == "site.settings"
    (tmp_path / "pytest.toml").write_text("[pytest]\nusefixtures = ['a', 'b']\n")
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert settings.usefixtures == ("a", "b")


def test_the_rootdir_is_the_nearest_folder_with_settings(tmp_path: Path) -> None:
    write(tmp_path, pytest_ini="[pytest]\n", one__pytest_ini="", one__tests__sub__x="")
    (tmp_path / ".git").mkdir()
    project = project_of(str(tmp_path / "one/tests/sub"))
    assert project.rootdir == str(tmp_path / "one")
    assert project.top == str(tmp_path)
    assert project_of(str(tmp_path)).rootdir == str(tmp_path)


@pytest.mark.parametrize("name", ["setup.py", "manage.py", "pyproject.toml"])
def test_without_settings_a_marked_folder_is_the_rootdir(tmp_path: Path, name: str) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, one__tests__x="")
    (tmp_path / "one" / name).write_text("")
    assert project_of(str(tmp_path / "one/tests")).rootdir == str(tmp_path / "one")


def test_nothing_above_the_checkout_counts(tmp_path: Path) -> None:
    write(tmp_path, pytest_ini="[pytest]\nusefixtures = a\n", one__tests__x="")
    (tmp_path / "one/.git").mkdir()
    project = project_of(str(tmp_path / "one/tests"))
    assert project.rootdir == str(tmp_path / "one")
    assert project.pytest == PytestSettings()


def test_a_folder_without_anything(tmp_path: Path) -> None:
    write(tmp_path, a__b__x="")
    assert project_of(str(tmp_path / "a/b")).rootdir == str(tmp_path / "a/b")
    invoked = project_of(str(tmp_path / "a/b"), str(tmp_path))
    assert invoked.rootdir == str(tmp_path)
    other = project_of(str(tmp_path / "a/b"), str(tmp_path / "a/bc"))
    assert other.rootdir == str(tmp_path / "a/b")


def test_several_rootdirs_of_one_checkout(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name, mode in (("one", "auto"), ("two", "strict")):
        (tmp_path / name).mkdir()
        text = f"[tool.pytest.ini_options]\nasyncio_mode = '{mode}'\n"
        (tmp_path / name / "pyproject.toml").write_text(text)
    assert project_of(str(tmp_path / "one")).pytest.asyncio_mode == "auto"
    assert project_of(str(tmp_path / "two")).pytest.asyncio_mode == "strict"


def test_import_roots(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, pytest_ini="[pytest]\npythonpath = lib\n", src__x="", lib__x="")
    write(tmp_path, pkg____init___py="", tests__sub__x="")
    (tmp_path / "tests/__init__.py").write_text("")
    (tmp_path / "tests/sub/__init__.py").write_text("")
    folder = str(tmp_path / "tests/sub")
    roots = import_roots(folder, project_of(folder))
    assert base_folder(folder) == str(tmp_path)
    assert roots[:2] == (str(tmp_path), str(tmp_path / "lib"))
    assert str(tmp_path / "src") in roots


@pytest.mark.parametrize(
    ("path", "patterns", "answer"),
    [
        ("/p/test_a.py", (), True),
        ("/p/a_test.py", (), True),
        ("/p/tests.py", (), False),
        ("/p/a.py", (), False),
        ("/p/tests.py", ("tests.py",), True),
        ("/p/check_a.py", ("check_*.py",), True),
        ("/p/x/a.py", ("x/*.py",), True),
        ("/p/y/a.py", ("x/*.py",), False),
        ("/p/x/a.py", ("*.py",), True),
    ],
)
def test_which_files_pytest_collects(path: str, patterns: tuple[str, ...], answer: bool) -> None:
    project = project_of("/p")
    if patterns:
        settings = PytestSettings(python_files=patterns)
        project = type(project)(project.rootdir, project.top, settings)
    assert is_pytest_file(path, project) is answer


def test_which_files_unittest_takes() -> None:
    assert is_unittest_file("/p/tests.py")
    assert is_unittest_file("/p/test_a.py")
    assert not is_unittest_file("/p/a_test.py")


def test_what_tells_of_a_project_is_watched() -> None:
    assert project._TELLING <= snapshot.WATCHED


@pytest.mark.parametrize("below", ["", "a", "a/b"])
def test_a_folder_that_tells_nothing_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "pytest.ini").write_text("[pytest]\npython_files = check_*.py\n", encoding="utf-8")
    snapshot.forget()
    folder = f"{tmp_path}/{below}".rstrip("/")
    asked = project.project_of(folder)
    snapshot.forget()
    snapshot.walked(f"{tmp_path}/a", {"b"})
    snapshot.walked(f"{tmp_path}/a/b", set())
    read: list[str] = []
    whole = read_settings

    def watched(path: str) -> PytestSettings | None:
        read.append(path)
        return whole(path)

    monkeypatch.setattr(project, "read_settings", watched)
    assert project.project_of(folder) == asked
    assert asked.rootdir == str(tmp_path)
    assert read[0] == str(tmp_path)


@pytest.mark.parametrize(
    ("line", "has_timeout"),
    [
        ("timeout = 60", True),
        ("timeout = 0", False),
        ("timeout =", False),
        ("addopts = -q --timeout=5", True),
        ("addopts = --timeout 5", True),
        ("timeout_method = thread", False),
    ],
)
def test_timeout_of_all_tests(tmp_path: Path, line: str, has_timeout: bool) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{line}\n")
    settings = read_settings(str(tmp_path))
    assert settings is not None
    assert settings.has_timeout is has_timeout
