"""The cases of the rules: ``tests/fixtures/<CODE>/<case>/``.

A case has ``case.toml``, ``before/`` (real test files) and, where it can be fixed, ``after/`` (the
files that the fix changes). To be linted and to be run, it is laid over a copy of
``tests/proofs/apps/``: a small Django project, small Starlette and FastAPI applications.

Where the hazard is a test that passes whatever the application does, ``broken/`` holds the files
of an application that is broken: with them the test as it is still passes, and the fixed one fails.
They are laid over either form once it is made. Keys:

title     what the case shows
kind      "hazard" or "silent" (a look-alike in which nothing is to be found)
findings  path, line and code of each
fix       "safe", "unsafe", "display-only" or "none"; with "none", ``reason`` is a part of what
          wslint says; one that is only shown is made as if the settings asked for it
before    what happens when it is run: ``outcome`` is "passes", "fails", "hangs", "not-collected" or
          "sometimes-hangs" (at least once in ``runs``); ``exception`` is how the failure begins,
          as "Class: message"
after     the same for the fixed form
before_broken, after_broken
          the same for the two forms with the files of ``broken/``
before_where, after_where, before_broken_where, after_broken_where
          what happens instead with some versions, as in
          ``[{ if = ["channels<4.2"], outcome = "passes" }]``; the first of which all conditions
          hold counts. A condition is a requirement on an installed library, or ``python<3.12``
needs     modules that must be installed for it to be run, or requirements as in the conditions
page      true for the case that the rule's page shows (else the shortest that can be fixed)
slow      true where it is run only by ``pytest -m proof_all``
leaves_patched
          true where Channels' own patch stays, as with communicators in one gather()
"""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from wslint.config.loader import load_settings
from wslint.config.settings import Selection, Settings
from wslint.filesystem import snapshot
from wslint.filesystem.toml import load_toml
from wslint.run.fix import Fixes, find_fixes, write_fixes

TESTS = Path(__file__).resolve().parent
APPS = TESTS / "proofs" / "apps"


@dataclass(frozen=True)
class Case:
    """One folder of ``tests/fixtures``."""

    folder: Path
    data: dict[str, Any] = field(compare=False)

    @property
    def id(self) -> str:
        return f"{self.code}-{self.folder.name}"

    @property
    def code(self) -> str:
        return self.folder.parent.name

    @property
    def is_hazard(self) -> bool:
        return bool(self.data["kind"] == "hazard")

    @property
    def fix(self) -> str:
        return str(self.data.get("fix", "none"))

    @property
    def findings(self) -> list[tuple[str, int, str]]:
        """Path, line and code of each finding, sorted."""
        found = self.data.get("findings", [])
        return sorted((entry["path"], entry["line"], entry["code"]) for entry in found)

    @property
    def expected(self) -> dict[str, str]:
        """The files that the fix changes, after the fix."""
        after = self.folder / "after"
        return read_tree(after) if after.is_dir() else {}

    @property
    def breaks(self) -> bool:
        """Return whether the case is also run with a broken application."""
        return (self.folder / "broken").is_dir()

    def declared(self, form: str) -> dict[str, Any]:
        """Return the declared outcome of a form, such as "before", with the installed versions."""
        declared = dict(self.data[form])
        for entry in self.data.get(f"{form}_where", []):
            if all(holds(condition) for condition in entry["if"]):
                different = {key: value for key, value in entry.items() if key != "if"}
                # the exception of a failure does not apply to another outcome
                return different if "outcome" in different else {**declared, **different}
        return declared

    def copy_to(self, folder: Path) -> None:
        """Copy the applications and the case into a new folder."""
        _lay_out_apps(folder)
        write_files(_files_of(self.folder / "before"), folder)

    def break_in(self, folder: Path) -> None:
        """Overwrite a form of the case with the files of the broken application."""
        write_files(_files_of(self.folder / "broken"), folder)


@contextmanager
def laid_out(case: Case) -> Iterator[Path]:
    """Give a folder with a case laid over the applications, which all cases of a process share.

    It is faster than a copy. What was made, changed or removed in it is undone afterwards.
    """
    shared = _shared_project()
    snapshot.forget()  # not each test begins a run, which does it too
    write_files(_files_of(case.folder / "before"), shared.folder)
    try:
        yield shared.folder
    finally:
        shared.undo()


class _Shared:
    """The applications, laid out for one case after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        _lay_out_apps(folder)
        self._contents = {str(folder / name): (name, data) for name, data in _files_of(APPS)}
        self._states = {path: _state(path) for path in self._contents}
        self._folders = {here for here, _, _ in os.walk(folder)}

    def undo(self) -> None:
        """Leave only the files of the applications, each as it was."""
        missing = dict(self._states)
        for here, folders, names in os.walk(self.folder):
            for name in list(folders):
                path = os.path.join(here, name)
                if path not in self._folders or os.path.islink(path):
                    folders.remove(name)
                    os.unlink(path) if os.path.islink(path) else shutil.rmtree(path)
            for name in names:
                path = os.path.join(here, name)
                if missing.get(path) == _state(path):
                    del missing[path]
                else:
                    os.unlink(path)
        for path in missing:
            _lay_out(*self._contents[path], self.folder)
            self._states[path] = _state(path)


@cache
def _shared_project() -> _Shared:
    return _Shared(_own_folder("wslint-cases-") / "project")


def _state(path: str) -> tuple[int, int]:
    """Return what changes when a file is written or replaced."""
    found = os.lstat(path)
    return found.st_ino, found.st_mtime_ns


def write_files(files: Sequence[tuple[str, bytes]], folder: Path) -> None:
    """Write files by their paths below a folder."""
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be a link
        path.write_bytes(content)


@cache
def _files_of(folder: Path) -> list[tuple[str, bytes]]:
    """Return path and content of each file below a folder; most tests copy the same ones."""
    return [
        (str(path.relative_to(folder)), path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        if "__pycache__" not in path.parts and path.suffix not in (".sqlite3", ".pyc")
    ]


def _lay_out_apps(folder: Path) -> None:
    """Make the modules of the applications as links to one copy, which is several times faster.

    A fix refuses a file with several links; that nothing else writes into them is checked here.
    """
    for name, content in _files_of(APPS):
        _lay_out(name, content, folder)


def _lay_out(name: str, content: bytes, folder: Path) -> None:
    source, times = _copied_apps()
    path, original = folder / name, source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith(".py"):
        assert original.stat().st_mtime_ns == times[name], f"a test has changed {name}"
        with suppress(OSError):  # another file system
            path.hardlink_to(original)
            return
    path.write_bytes(content)


@cache
def _copied_apps() -> tuple[Path, dict[str, int]]:
    """Copy the applications for this process; return where, and when each file was written."""
    folder = _own_folder("wslint-apps-")
    files = _files_of(APPS)
    write_files(files, folder)
    return folder, {name: (folder / name).stat().st_mtime_ns for name, _ in files}


def _own_folder(prefix: str) -> Path:
    """Make a folder that is removed when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    made_by = os.getpid()

    def remove() -> None:
        if os.getpid() == made_by:  # not a fork of it
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


@cache
def holds(condition: str) -> bool:
    """Return whether an installed version satisfies a requirement, such as ``channels<4.2``."""
    requirement = Requirement(condition)
    if requirement.name == "python":
        installed = platform.python_version()
    else:
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            return False
    return requirement.specifier.contains(installed, prereleases=True)


def all_cases() -> list[Case]:
    """Return the cases by code and name."""
    return list(_all_cases())


@cache
def _all_cases() -> tuple[Case, ...]:
    found = sorted((TESTS / "fixtures").glob("WS*/*/case.toml"))
    return tuple(Case(path.parent, dict(load_toml(str(path)))) for path in found)


def settings_of(case: Case, folder: Path) -> Settings:
    """Return the settings of a case in a folder: its own rule is on, even in preview."""
    found = load_settings([str(folder)])
    own = Selection(extend_select=(case.code,))
    return replace(found, selections=(*found.selections, own))


def fixing_settings(case: Case, folder: Path) -> Settings:
    """Return settings that allow every fix of a case."""
    settings = replace(settings_of(case, folder), unsafe_fixes=True)
    if case.fix != "display-only":
        return settings
    return replace(settings, extend_unsafe_fixes=(case.code,))


def fix(case: Case, folder: Path) -> Fixes:
    """Make every fix of a case in a folder, like ``wslint fix --unsafe-fixes``."""
    settings = fixing_settings(case, folder)
    fixes = find_fixes([str(folder)], settings)
    problems = write_fixes(fixes)
    assert not problems
    return fixes


def read_tree(folder: Path) -> dict[str, str]:
    """Return the text of each file below a folder by its path."""
    found: dict[str, str] = {}
    for above, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            path = os.path.join(above, name)
            with open(path, "rb") as file:
                found[relative(path, folder)] = file.read().decode("utf-8", "surrogateescape")
    return dict(sorted(found.items()))


def relative(path: str, folder: Path) -> str:
    """Return a path as written in case.toml."""
    return os.path.relpath(path, folder).replace(os.sep, "/")
