"""Creates projects and runs them, several at a time, in forks of a warm process."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cases import Case, fix, relative, write_files

from proofs.forks import Forker

HANGS_AFTER = 6.0
# for races, of which many runs may hang
RACE_HANGS_AFTER = 3.0
# what pytest-timeout ends, on a machine that does much else
ENDED_BY_PYTEST_AFTER = 30.0
NEVER_LONGER_THAN = 120.0


@dataclass(frozen=True)
class Run:
    """The outcome of one pytest run; ``entries`` are those of ``proofs.recorder``."""

    ended: bool
    entries: list[dict[str, Any]] = field(default_factory=list)
    log: str = ""

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [entry for entry in self.entries if entry["kind"] == kind]

    @property
    def passed(self) -> int:
        """The number of tests that passed."""
        reports = self.of_kind("report")
        return sum(r["when"] == "call" and r["outcome"] == "passed" for r in reports)

    @property
    def failures(self) -> list[str]:
        """The errors of phases that did not pass, as "Class: message"."""
        return [
            f"{report['exception']}: {report['message']}"
            for report in self.of_kind("report")
            if report["outcome"] != "passed"
        ]

    @property
    def collection_errors(self) -> list[str]:
        return [entry["message"] for entry in self.of_kind("error")]

    @property
    def hung(self) -> bool:
        """Return whether the timeout was reached while a test was running."""
        return not self.ended and bool(self.of_kind("start"))

    @property
    def explanations(self) -> list[str]:
        """What wslint's plugin has added to reports."""
        return [
            text
            for kind in ("report", "error")
            for entry in self.of_kind(kind)
            for text in entry["explanations"]
        ]

    @property
    def seen(self) -> list[dict[str, Any]]:
        """What ``--wslint-witness`` saw; fails if a signal was off."""
        entries = self.of_kind("witness")
        assert not any(entry["off"] for entry in entries), entries
        return [seen for entry in entries for seen in entry["seen"]]

    @property
    def left_patched(self) -> list[str]:
        """The names in Channels that were still patched at the end."""
        return [name for entry in self.of_kind("end") for name in entry["changed"]]


class Bench:
    """A warm process and the folder in which its forks work."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0
        self._fixed: dict[str, list[tuple[str, bytes]]] = {}
        self._forker = Forker()
        self._pool = ThreadPoolExecutor((os.cpu_count() or 1) + 4)  # some wait for a timeout
        self._hanging = ThreadPoolExecutor(24)  # they use no processor

    def start(
        self,
        case: Case,
        *,
        fixed: bool,
        broken: bool = False,
        race: bool = False,
        arguments: Sequence[str] = (),
    ) -> Future[Run]:
        """Create a case, fix and break it if requested, and run it in a free process."""
        self._count += 1
        project = self._folder / f"{self._count}-{case.id}" / "project"
        case.copy_to(project)
        if fixed:
            self._fix(case, project)
        if broken:
            case.break_in(project)
        form = ("after" if fixed else "before") + "_broken" * broken
        outcome = case.declared(form)["outcome"]
        limit = NEVER_LONGER_THAN
        if outcome == "hangs":
            limit = ENDED_BY_PYTEST_AFTER if "--timeout" in arguments else HANGS_AFTER
        pool = self._hanging if outcome == "hangs" else self._pool
        limit = RACE_HANGS_AFTER if race else limit
        return pool.submit(self._run, project, limit, arguments)

    def _fix(self, case: Case, project: Path) -> None:
        """Fix a case; what a fix has changed is remembered, as most are run several times."""
        if case.id in self._fixed:
            write_files(self._fixed[case.id], project)
            return
        changed = [Path(change.path) for change in fix(case, project).changes]
        self._fixed[case.id] = [
            (relative(str(path), project), path.read_bytes()) for path in changed
        ]

    def run(
        self, project: Path, limit: float = NEVER_LONGER_THAN, arguments: Sequence[str] = ()
    ) -> Future[Run]:
        """Run the tests of a project when there is room."""
        return self._pool.submit(self._run, project, limit, arguments)

    def _run(self, project: Path, limit: float, arguments: Sequence[str]) -> Run:
        report, log = project.with_name("report.jsonl"), project.with_name("log.txt")
        ended = self._forker.run(project, report, log, limit, arguments)
        shutil.rmtree(project)
        lines = report.read_text(encoding="utf-8").splitlines() if report.exists() else []
        return Run(
            ended,
            [json.loads(line) for line in lines],
            log.read_text(encoding="utf-8", errors="replace") if log.exists() else "",
        )

    def close(self) -> None:
        """End the process."""
        for pool in (self._pool, self._hanging):
            pool.shutdown(cancel_futures=True)
        self._forker.close()
