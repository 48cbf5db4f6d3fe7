"""The command lines of the tools that are compared."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.measure import Command

OTHERS = ("ruff", "flake8", "flake8-async", "flake8-pytest-style", "fixit", "pylint")
WORDS = "websocket_connect|ommunicator|override_(flag|switch|sample)|close_old_connections"
# What parsing each websocket test once costs: the least that a linter on libcst could do.
PARSE = """\
import pathlib, sys, libcst
from wslint.gate import Gate
gate = Gate()
for path in sorted(pathlib.Path('.').rglob('*.py')):
    if gate.passes(data := path.read_bytes()):
        libcst.parse_module(data)
"""


class Tools:
    """The programs, those of others in an environment of their own: wslint is a flake8 plugin."""

    def __init__(self, folder: Path, *, others: bool = True) -> None:
        self.own = Path(sys.executable).parent
        self.others = folder / "tools" / "bin"
        if others and not (self.others / "ruff").exists():
            venv.create(folder / "tools", with_pip=True)
            pip = [str(self.others / "python"), "-m", "pip", "install", "--quiet", *OTHERS]
            subprocess.run(pip, check=True, timeout=900)
        if not others:
            self.others = self.own

    def python(self, code: str, folder: Path) -> Command:
        """Run a piece of Python."""
        return Command((sys.executable, "-c", code), folder)

    def wslint(self, folder: Path, *options: str, cold: bool = False) -> Command:
        """Run ``wslint check``."""
        words = (str(self.own / "wslint"), "check", "--isolated", "--quiet", *options)
        return Command(words, folder, cold)

    def ruff(self, folder: Path, *, cold: bool = False) -> Command:
        """Run ruff with the rules of pyflakes."""
        words = (str(self.others / "ruff"), "check", "--isolated", "--select", "F", "--quiet", ".")
        return Command(words, folder, cold)

    def flake8(self, folder: Path, *options: str) -> Command:
        """Run flake8 in one process."""
        return Command((str(self.others / "flake8"), "--isolated", "-j1", *options, "."), folder)

    def fixit(self, folder: Path) -> Command:
        """Run fixit's own rules."""
        return Command((str(self.others / "fixit"), "--quiet", "lint", "."), folder)

    def pylint(self, folder: Path) -> Command:
        """Run pylint's own rules in one process."""
        words = (str(self.others / "pylint"), "--recursive=y", "--jobs=1", "--score=n", ".")
        return Command(words, folder)

    def ripgrep(self, folder: Path) -> Command | None:
        """Search for the words of the gate."""
        found = shutil.which("rg")
        return Command((found, "-l", "-t", "py", WORDS, "."), folder) if found else None

    def libcst(self, folder: Path) -> Command:
        """Parse each websocket test once."""
        return self.python(PARSE, folder)
