"""Each public report has cases in which wslint finds it, or a reason why it can't."""

from __future__ import annotations

from cases import all_cases
from field_reports import count, field_reports

REPORTS = field_reports()
CASES = {case.id: case for case in all_cases()}


def test_every_report_is_public_and_named_once() -> None:
    assert len({report.id for report in REPORTS}) == len(REPORTS) == 115
    assert len({report.url for report in REPORTS}) == 115
    assert all(report.url.startswith("https://") for report in REPORTS)
    assert all(report.source and report.symptom for report in REPORTS)


def test_a_report_has_cases_or_a_reason() -> None:
    for report in REPORTS:
        # the tests of the cases show that wslint finds it there
        assert all(CASES[name].findings for name in report.cases), report.id
        assert bool(report.reason) is not report.is_caught, report.id
        assert not report.beside or report.cases, report.id
        assert bool(report.run) is report.project.is_dir(), report.id
        assert not (report.run and report.gone), report.id


def test_count_leaves_out_what_is_found_beside_the_cause() -> None:
    beside = [report for report in REPORTS if report.beside]
    without = [report for report in REPORTS if not report.cases]
    assert beside
    assert count() == f"caught at the cause: {115 - len(beside) - len(without)} of 115"
