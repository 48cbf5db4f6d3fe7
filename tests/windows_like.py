"""Runs wslint as if on Windows: the files of this system, with drives and backslashes in paths.

``python -m windows_like FOLDER FORMAT`` prints what ``wslint check`` does there. All that handles
paths (``os.path``, ``os.sep``, ``os.getcwd``) works as on Windows; what opens files takes off the
drive and turns the slashes.
"""

from __future__ import annotations

import builtins
import importlib
import ntpath
import os
import pkgutil
import posixpath
import sys
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


def main(folder: str, output: str) -> None:
    """Check a folder, and print the report."""
    import wslint

    for info in pkgutil.walk_packages(wslint.__path__, "wslint."):
        if "__main__" not in info.name:
            importlib.import_module(info.name)
    from wslint.config.loader import load_settings, override
    from wslint.output import html
    from wslint.output.formats import render
    from wslint.run.check import check

    # pathlib would treat this system's paths as foreign
    assets = {name: html._asset(name) for name in ("report.css", "report.js")}
    setattr(html, "_asset", assets.__getitem__)  # noqa: B010
    os.chdir(folder)
    pretend()
    settings = override(load_settings(["."]), preview=True, cache=False)
    report = check(["."], settings)
    assert not report.errors, report.errors
    sys.stdout.write(render(report, output, settings))


if __name__ == "__main__":
    main(*sys.argv[1:])
