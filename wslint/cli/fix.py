"""``wslint fix``."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from wslint.cli import echo
from wslint.cli.check import UNNAMED
from wslint.cli.options import selection_options, settings_for
from wslint.output.text import path_from_here, plural, printable

if TYPE_CHECKING:
    from wslint.fixing import Fixes
    from wslint.report import Problem, Report


@click.command("fix")
@selection_options
@click.option("--unsafe-fixes", is_flag=True, help="Also make fixes that may change behaviour.")
@click.option("--diff", is_flag=True, help="Print the changes as a patch, and change nothing.")
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise"]),
    default="concise",
    show_default=True,
    help="How the problems that remain are printed.",
)
@click.option(
    "--stdin-filename",
    metavar="NAME",
    help=f"The name of what is read from standard input (-); {UNNAMED} if not given.",
)
def command(
    paths: tuple[str, ...],
    unsafe_fixes: bool,
    diff: bool,
    output_format: str,
    stdin_filename: str | None,
    **options: Any,
) -> None:
    """Repair what check finds in PATHS (the working directory by default).

    From standard input (-), the repaired text is printed. Exit codes: 0 nothing remains, 1
    problems remain (with --diff: there are changes), 2 something went wrong.
    """
    from wslint import engine
    from wslint.files import absolute_path
    from wslint.fixing import find_fixes, write_fixes

    stdin = None
    if "-" in paths or (stdin_filename and not paths):
        if paths not in ((), ("-",)):
            raise click.UsageError("- (standard input) cannot be combined with other paths")
        name = stdin_filename or UNNAMED
        paths = ()
        settings = settings_for([name], **options)
        stdin = name, sys.stdin.buffer.read()
    else:
        paths = paths or (".",)
        settings = settings_for(paths, **options)
    fixes = find_fixes(paths, settings, unsafe=unsafe_fixes, stdin=stdin)
    problems = list(fixes.report.errors)
    if diff:
        _print_diff(fixes)
        _finish(problems, found=bool(fixes.changes))
    if stdin is not None:
        after = {change.path: change.after for change in fixes.changes}
        path = absolute_path(stdin[0])
        click.echo(after.get(path, stdin[1]), nl=False)
        report = engine.check([], settings, stdin=(stdin[0], after.get(path, stdin[1])))
    else:
        problems += write_fixes(fixes)
        report = engine.check(paths, settings) if fixes.changes else fixes.report
        if not report.files_checked and not report.findings and not report.errors:
            echo.warning(f"no Python files found under {', '.join(paths)}")
    stream = sys.stderr if stdin is not None else sys.stdout
    _print_outcome(fixes, report, output_format, stream)
    _finish(problems, found=bool(report.findings))


def _print_diff(fixes: Fixes) -> None:
    from wslint.fix.diff import unified_diff

    for change in fixes.changes:
        patch = unified_diff(path_from_here(change.path), change.before, change.after)
        click.echo(patch, nl=False)
    if fixes.changes:
        files = plural(len(fixes.changes), "file")
        echo.emit(f"Would fix {plural(fixes.count, 'problem')} in {files}.\n", sys.stderr)
    else:
        echo.emit("Nothing to fix.\n", sys.stderr)
    _print_refused(fixes)


def _print_outcome(fixes: Fixes, report: Report, output_format: str, stream: Any) -> None:
    from wslint.output.colour import wants_colour

    _print_refused(fixes)
    if fixes.count:
        files = plural(len(fixes.changes), "file")
        echo.emit(f"Fixed {plural(fixes.count, 'problem')} in {files}:\n", stream)
    for applied in fixes.applied:
        what = f"{applied.code} {applied.title}"
        times = f"{applied.count} times " if applied.count > 1 else ""
        echo.emit(f"  {printable(path_from_here(applied.path))}: {times}{what}\n", stream)
    module = import_module(f"wslint.output.{output_format}")
    echo.emit(module.render(report, colour=wants_colour(stream)), stream)


def _print_refused(fixes: Fixes) -> None:
    for finding, reason in fixes.refused:
        where = f"{path_from_here(finding.path)}:{finding.span.line}:{finding.span.column + 1}"
        echo.warning(f"{where}: {finding.code} not fixed: {reason}")


def _finish(problems: list[Problem], *, found: bool) -> None:
    for problem in problems:
        echo.problem(problem)
    sys.exit(2 if problems else int(found))
