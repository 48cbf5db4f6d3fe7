"""Each case, run with the real libraries before and after ``wslint fix``."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib.util import find_spec

import pytest
from cases import Case, all_cases, holds

from proofs.bench import Run
from proofs.conftest import Runs
from proofs.database import with_database
from proofs.report import write_down

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forks of one process"),
]


@dataclass(frozen=True)
class Job:
    """One form of a case, run with its application or with a broken one."""

    case: Case
    fixed: bool
    broken: bool = False

    @property
    def form(self) -> str:
        return ("fixed" if self.fixed else "before") + "-broken" * self.broken

    @property
    def id(self) -> str:
        return f"{self.case.id}-{self.form}"

    @property
    def declared(self) -> dict[str, object]:
        form = ("after" if self.fixed else "before") + "_broken" * self.broken
        declared: dict[str, object] = self.case.declared(form)
        return declared

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
    for case in all_cases():
        if all(map(is_there, case.data.get("needs", []))):
            forms = (False, True) if case.fix != "none" else (False,)
            for broken in (False, True) if case.breaks else (False,):
                found += [Job(case, fixed, broken) for fixed in forms]
    return found


def is_there(need: str) -> bool:
    """Return whether a module or a requirement such as ``python>=3.11`` is installed."""
    return holds(need) if any(sign in need for sign in "<>=") else find_spec(need) is not None


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(
            job, id=job.id, marks=[pytest.mark.proof_all] * bool(job.case.data.get("slow"))
        )
        for job in jobs()
    ],
)
def test_outcome(job: Job, runs: Runs) -> None:
    ended = [future.result() for future in runs[job.id]]
    outcome = str(job.declared["outcome"])
    exception = with_database(str(job.declared.get("exception", "")))
    write_down(job.case, job.form, outcome, exception, ended)
    if outcome == "sometimes-hangs":
        hung = sum(run.hung for run in ended)
        print(f"{job.id}: hangs in {hung} of {len(ended)} runs")  # noqa: T201 - shown by -rP
        assert hung
        return
    for run in ended:
        expect(run, outcome, exception)
        if job.fixed or not job.case.is_hazard:
            assert run.left_patched == []


def expect(run: Run, outcome: str, exception: str) -> None:
    """Compare a run with the declaration of the case."""
    assert run.hung == (outcome == "hangs"), run.log
    if outcome == "passes":
        assert run.passed, run.log
        assert not run.failures, run.log
        assert not run.collection_errors, run.log
    elif outcome == "fails":
        assert run.failures, run.log
        assert not run.collection_errors, run.log
        assert all(failure.startswith(exception) for failure in run.failures), run.log
    elif outcome == "not-collected":
        assert run.ended, run.log
        assert not run.of_kind("start"), run.log
        assert any(exception in error for error in run.collection_errors), run.log
