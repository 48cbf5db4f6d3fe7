"""The command lines of the compared tools."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.measure import Command

# flake8 runs plugins even if they are not selected, so plain flake8 has its own environment.
OTHERS = {
    "tools": ("ruff", "flake8", "fixit", "pylint"),
    "plugins": ("flake8", "flake8-async", "flake8-pytest-style"),
}
WORDS = "websocket_connect|ommunicator|override_(flag|switch|sample)"
# Parses each websocket test once: the least that a linter based on libcst has to do.
PARSE = """\
import pathlib, sys, libcst
from wslint.discovery.prefilter import Prefilter
prefilter = Prefilter()
for path in sorted(pathlib.Path('.').rglob('*.py')):
    if prefilter.passes(data := path.read_bytes()):
        libcst.parse_module(data)
"""


class Tools:
    """The programs; other tools have their own environment, as wslint is a flake8 plugin."""

    def __init__(self, folder: Path, *, others: bool = True) -> None:
        self.own = Path(sys.executable).parent
        self.cache = folder / "cache"
        os.environ["WSLINT_CACHE_DIR"] = str(self.cache)
        self.others = folder / "tools" / "bin" if others else self.own
        self.plugins = folder / "plugins" / "bin"
        for name, packages in OTHERS.items() if others else ():
            place = folder / name / "bin"
            if not (place / "flake8").exists():
                venv.create(folder / name, with_pip=True)
                pip = [str(place / "python"), "-m", "pip", "install", "--quiet", *packages]
                subprocess.run(pip, check=True, timeout=900)

    def python(self, code: str, folder: Path) -> Command:
        """Run a piece of Python."""
        return Command((sys.executable, "-c", code), folder)

    def wslint(
        self, folder: Path, *options: str, cold: bool = False, edited: Path | None = None
    ) -> Command:
        """Run ``wslint check``, after a file was ``edited``."""
        words = (str(self.own / "wslint"), "check", "--isolated", "--quiet", *options)
        return Command(words, folder, self.cache if cold else None, edited)

    def ruff(self, folder: Path, *, cold: bool = False, edited: Path | None = None) -> Command:
        """Run ruff with the rules of pyflakes, after a file was ``edited``."""
        words = (str(self.others / "ruff"), "check", "--isolated", "--select", "F", "--quiet", ".")
        return Command(words, folder, folder / ".ruff_cache" if cold else None, edited)

    def flake8(self, folder: Path) -> Command:
        """Run flake8 with the rules of pyflakes, in one process."""
        words = (str(self.others / "flake8"), "--isolated", "-j1", "--select=F", ".")
        return Command(words, folder)

    def flake8_with_plugins(self, folder: Path) -> Command:
        """Run flake8 with all that it has and the rules of two plugins for tests."""
        return Command((str(self.plugins / "flake8"), "--isolated", "-j1", "."), folder)

    def fixit(self, folder: Path) -> Command:
        """Run fixit's own rules."""
        return Command((str(self.others / "fixit"), "--quiet", "lint", "."), folder)

    def pylint(self, folder: Path) -> Command:
        """Run pylint's own rules in one process."""
        words = (str(self.others / "pylint"), "--recursive=y", "--jobs=1", "--score=n", ".")
        return Command(words, folder)

    def ripgrep(self, folder: Path) -> Command | None:
        """Search for the trigger words."""
        found = shutil.which("rg")
        return Command((found, "-l", "-t", "py", WORDS, "."), folder) if found else None

    def libcst(self, folder: Path) -> Command:
        """Parse each websocket test once."""
        return self.python(PARSE, folder)
