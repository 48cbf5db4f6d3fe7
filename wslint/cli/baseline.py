"""Baselines: known findings are left out of a report, or written."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NoReturn

import click

from wslint.cli import echo
from wslint.cli.options import FILE

if TYPE_CHECKING:
    from wslint.config.settings import Settings
    from wslint.findings.report import Report

baseline_option = click.option(
    "--baseline",
    metavar="FILE",
    type=FILE,
    help="Report only findings that are not in this baseline.",
)


def without_known(report: Report, settings: Settings, baseline: str | None) -> tuple[Report, int]:
    """Return a report of what is not in the baseline, and how many of that are gone."""
    path = settings.baseline_file if baseline is None else baseline
    if not path:
        return report, 0
    from wslint.config.settings import ConfigError
    from wslint.output import baseline as known

    try:
        return known.without_known(report, known.read_baseline(path), path)
    except ConfigError as error:
        raise echo.Failure(str(error)) from None


def write_baseline(report: Report, path: str) -> NoReturn:
    """Write the findings of a report to a baseline, and exit."""
    from wslint.cli.outputs import write_file
    from wslint.output.baseline import baseline_text
    from wslint.output.text import plural

    for problem in report.errors:
        echo.problem(problem)
    if report.errors:
        raise echo.Failure(f"{path}: not written, as not everything could be judged")
    if not write_file(path, baseline_text(report.findings, path)):
        sys.exit(2)
    echo.emit(f"Wrote {plural(len(report.findings), 'problem')} to {path}.\n")
    sys.exit(0)
