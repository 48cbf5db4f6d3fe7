"""``wslint check --add-ignore``."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

import click

from wslint.cli import echo
from wslint.output.text import path_from_here, plural, printable

if TYPE_CHECKING:
    from wslint.config.settings import Settings
    from wslint.findings.report import Problem, Report


def check_reason(reason: str) -> str:
    """Return the reason, stripped. Raises UsageError if it could not be parsed back."""
    from wslint.fixes.add_suppressions import is_reason

    reason = reason.strip()
    if not is_reason(reason):
        what = "cannot be parsed back: it must be one line, without a comment for another tool"
        raise click.UsageError(f"--add-ignore: the reason {reason!r} {what}")
    return reason


def add_ignores(
    report: Report, reason: str, settings: Settings, stream: TextIO
) -> tuple[list[Problem], bool]:
    """Write the comments; return the problems, and whether any file was changed."""
    from wslint.findings.report import Problem
    from wslint.fixes.add_suppressions import add_suppressions
    from wslint.fixes.write import CannotWrite, write_files

    added = add_suppressions(report, reason, max_size=settings.max_file_size)
    problems: list[Problem] = []
    try:
        write_files(added.changes)
    except CannotWrite as error:
        problems.append(Problem(error.path, f"no comment added: {error.reason}"))
    for finding, why in added.refused:
        where = f"{path_from_here(finding.path)}:{finding.span.line}"
        echo.warning(f"{where}: {finding.code} not suppressed: {why}")
    if not problems:
        files = plural(len(added.changes), "file")
        echo.emit(f"Suppressed {plural(added.count, 'problem')} in {files}:\n", stream)
        for change in added.changes:
            echo.emit(f"  {printable(path_from_here(change.path))}\n", stream)
    return problems, bool(added.changes)
