"""A run with the witness names the cause of public reports that no rule finds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from cases import APPS
from field_reports import Report, field_reports

from proofs.bench import Bench
from proofs.test_witness import ARGUMENTS

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forks of one process"),
]
RUNS = [report for report in field_reports() if report.run]


@pytest.mark.parametrize("report", RUNS, ids=lambda report: report.id)
def test_the_run_names_the_cause(report: Report, bench: Bench, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(APPS, project)
    shutil.copytree(report.project, project, dirs_exist_ok=True)
    run = bench.run(project, arguments=ARGUMENTS).result()
    assert run.failures, run.log
    seen = [f"{seen['rule'] or seen['name']} {seen['message']}" for seen in run.seen]
    told = [*run.explanations, *seen]
    assert any(report.run in " ".join(text.split()) for text in told), run.log
