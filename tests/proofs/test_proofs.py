"""Each case, run with the real libraries before and after ``wslint fix``."""

from __future__ import annotations

import os

import pytest

from proofs.bench import Run
from proofs.conftest import Runs
from proofs.database import with_database
from proofs.jobs import Job, jobs
from proofs.report import write_down

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forks of one process"),
]


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
            assert bool(run.left_patched) is job.case.data.get("leaves_patched", False)
            if outcome == "passes":
                assert not run.explanations


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
