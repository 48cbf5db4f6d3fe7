"""The runs of the cases."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from cases import APPS, Case, all_cases, holds

# the columns of Channels' versions have none of these
_LIBRARIES = ("starlette", "fastapi", "httpx", "httpx_ws")
_IMPORT = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Job:
    """One form of a case, run with its application or with a broken one.

    ``arguments`` are further arguments for pytest; ``what`` names such a run.
    """

    case: Case
    fixed: bool
    broken: bool = False
    arguments: tuple[str, ...] = ()
    what: str = ""

    @property
    def form(self) -> str:
        return ("fixed" if self.fixed else "before") + "-broken" * self.broken

    @property
    def id(self) -> str:
        return f"{self.case.id}-{self.form}" + f"-{self.what}" * bool(self.what)

    @property
    def declared(self) -> dict[str, object]:
        form = ("after" if self.fixed else "before") + "_broken" * self.broken
        declared: dict[str, object] = self.case.declared(form)
        return declared

    @property
    def time_limit(self) -> tuple[str, ...]:
        """The arguments with which pytest-timeout ends a run that hangs."""
        limit = ("--timeout", "3", "--timeout-method", "signal")
        return limit if self.declared["outcome"] == "hangs" else ()

    @property
    def is_race(self) -> bool:
        return "runs" in self.case.data["before"]

    @property
    def runs(self) -> int:
        """The number of runs; the fixed form of a race runs as often as the race."""
        return int(os.environ.get("PROOF_TIMES") or self.case.data["before"].get("runs", 1))


def jobs() -> list[Job]:
    """Return the runs of all cases whose libraries are installed."""
    found: list[Job] = []
    missing = {name for name in _LIBRARIES if find_spec(name) is None}
    for case in all_cases():
        is_complete = not missing or missing.isdisjoint(imported(case.folder / "before"))
        if is_complete and all(map(is_there, case.data.get("needs", []))):
            forms = (False, True) if case.fix != "none" else (False,)
            for broken in (False, True) if case.breaks else (False,):
                found += [Job(case, fixed, broken) for fixed in forms]
    return found


def is_there(need: str) -> bool:
    """Return whether a module or a requirement such as ``python>=3.11`` is installed."""
    return holds(need) if any(sign in need for sign in "<>=") else find_spec(need) is not None


def imported(folder: Path) -> set[str]:
    """Return the modules that the files in a folder import, with those of the applications."""
    own = _names_imported(folder)
    return own.union(*(_names_imported(APPS / name) for name in own if (APPS / name).is_dir()))


@cache
def _names_imported(folder: Path) -> set[str]:
    texts = (path.read_text(errors="replace") for path in folder.rglob("*.py"))
    return {name for text in texts for name in _IMPORT.findall(text)}
