"""Runs wslint as if on Windows: the files of this system, with drives and backslashes in paths.

``python -m windows_like FOLDER FORMAT FILE ...`` writes what ``wslint check`` prints there into the
file; each three arguments are a run in a fork of its own. All that handles paths (``os.path``,
``os.sep``, ``os.getcwd``) works as on Windows; what opens files takes off the drive and turns the
slashes.
"""

from __future__ import annotations

import builtins
import importlib
import ntpath
import os
import pkgutil
import posixpath
import sys
import traceback
from collections.abc import Callable
from typing import Any

PURE = ("join", "dirname", "basename", "split", "splitext", "splitdrive", "normpath", "isabs",
        "relpath", "commonpath", "abspath", "normcase")  # fmt: skip
FILES = ("open", "stat", "lstat", "scandir", "listdir", "readlink")


def real(path: Any) -> Any:
    """Return the real path."""
    if isinstance(path, str) and (path[1:3] in (":\\", ":/") or "\\" in path):
        return path.removeprefix("C:").replace("\\", "/")
    return path


def on_real(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any, *rest: Any, **options: Any) -> Any:
        return function(real(path), *rest, **options)

    return call


def pretend() -> None:
    """Make this process see Windows paths."""
    for name in FILES:
        setattr(os, name, on_real(getattr(os, name)))
    builtins.open = on_real(builtins.open)
    here = "C:" + os.getcwd().replace("/", "\\")
    os.getcwd = lambda: here
    os.sep, os.altsep = "\\", "/"
    for name in PURE:
        setattr(posixpath, name, getattr(ntpath, name))
    posixpath.lexists = on_real(posixpath.lexists)
    setattr(posixpath, "realpath", lambda path, **_: path)  # noqa: B010
    assert os.path.join("C:\\a", "b") == "C:\\a\\b"


def import_all() -> None:
    """Import all of wslint: pathlib and the import system would treat these paths as foreign."""
    import wslint

    for info in pkgutil.walk_packages(wslint.__path__, "wslint."):
        if "__main__" not in info.name:
            importlib.import_module(info.name)


def check_in(folder: str, output: str) -> str:
    """Check a folder, and return the report."""
    from wslint.config.loader import load_settings, override
    from wslint.output import html
    from wslint.output.formats import render
    from wslint.run.check import check

    assets = {name: html._asset(name) for name in ("report.css", "report.js")}
    setattr(html, "_asset", assets.__getitem__)  # noqa: B010
    os.chdir(folder)
    pretend()
    settings = override(load_settings(["."]), preview=True, cache=False)
    report = check(["."], settings)
    assert not report.errors, report.errors
    return render(report, output, settings)


def main(*runs: str) -> None:
    """Make each run in a fork; one that fails writes no file, and why to standard error."""
    import_all()
    for folder, output, name in zip(runs[::3], runs[1::3], runs[2::3], strict=True):
        pid = os.fork()
        if pid:
            os.waitpid(pid, 0)
            continue
        try:
            report = check_in(folder, output)
            with open(name, "w", encoding="utf-8", newline="") as file:
                file.write(report)
        except BaseException:
            print(f"{folder} as {output}:\n{traceback.format_exc()}", file=sys.stderr)  # noqa: T201
        finally:
            sys.stderr.flush()
            os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
