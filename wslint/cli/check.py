"""``wslint check``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from wslint.cli import echo
from wslint.cli.baseline import baseline_option, without_known
from wslint.cli.baseline import write_baseline as save_baseline
from wslint.cli.options import (
    FILE,
    UNNAMED,
    WithPaths,
    fixing_options,
    read_input,
    selection_options,
    with_unsafe_fixes,
)
from wslint.cli.outputs import Target, is_for_programs, output_options, targets_of

if TYPE_CHECKING:
    from wslint.config.settings import Settings
    from wslint.findings.report import Problem, Report

EXAMPLES = """\
\b
Examples:
  wslint check tests/
  wslint check tests/test_chat.py::test_join
  wslint check --select WS3 --show-unresolved
  wslint check --output-format github --output-format sarif:wslint.sarif
  wslint check --write-baseline wslint-baseline.json
  wslint check --baseline wslint-baseline.json
  wslint check --add-ignore="left as it is: see #12" tests/test_old.py
"""


@click.command("check", short_help="Report problems.", cls=WithPaths, epilog=EXAMPLES)
@selection_options
@output_options
@click.option("--fix", is_flag=True, help="Also apply fixes, like wslint fix.")
@click.option("--diff", is_flag=True, help="Print what fixes would change, like wslint fix --diff.")
@fixing_options
@click.option("--show-unresolved", is_flag=True, help="List what could not be judged, and why.")
@baseline_option
@click.option(
    "--write-baseline",
    metavar="FILE",
    type=FILE,
    help="Write the findings to a baseline, and exit with 0.",
)
@click.option(
    "--witness",
    metavar="FILE",
    type=FILE,
    help="Mark the findings that a run with pytest --wslint-witness-report FILE has shown.",
)
@click.option(
    "--add-ignore",
    metavar="[=REASON]",
    help="Add a suppression comment for each finding, with the reason.",
)
@click.option("--show-settings", is_flag=True, help="Print the effective settings, and exit.")
@click.option("--show-files", is_flag=True, help="Print the files that would be checked, and exit.")
@click.option("--watch", is_flag=True, help="Check again whenever a file changes.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if problems are found.")
@click.option(
    "--stdin-filename",
    metavar="NAME",
    help=f"The file name for standard input (-); {UNNAMED} by default.",
)
def command(
    *,
    paths: tuple[str, ...],
    targets: tuple[Target, ...],
    output_file: str | None,
    statistics: bool,
    quiet: bool,
    verbose: bool,
    fix: bool,
    diff: bool,
    unsafe_fixes: bool | None,
    exit_non_zero_on_fix: bool,
    show_unresolved: bool,
    baseline: str | None,
    write_baseline: str | None,
    witness: str | None,
    add_ignore: str | None,
    show_settings: bool,
    show_files: bool,
    watch: bool,
    exit_zero: bool,
    stdin_filename: str | None,
    **options: Any,
) -> None:
    """Report problems in PATHS (the working directory by default, - for standard input).

    FILE::TEST or FILE::CLASS::TEST judges only that test.

    Exit codes: 0 no problems, 1 problems found, 2 wrong usage, wrong configuration or an
    internal error.
    """
    if sum((fix, diff, add_ignore is not None, write_baseline is not None)) > 1:
        what = "--fix, --diff, --add-ignore and --write-baseline"
        raise click.UsageError(f"{what} cannot be combined")
    if watch:
        from wslint.cli.watch import repeat

        if "-" in paths or stdin_filename:
            raise click.UsageError("--watch cannot be used with standard input")
        context = click.get_current_context()
        once = {**context.params, "watch": False}
        repeat(lambda: context.invoke(command, **once), paths or (".",))
    to = targets_of(targets, output_file)
    paths, stdin, settings = read_input(paths, stdin_filename, **options)
    settings = with_unsafe_fixes(settings, unsafe_fixes)
    if show_settings or show_files:
        _show(paths, settings, show_settings=show_settings, show_files=show_files)
    if diff:
        from wslint.cli.fix import print_diff

        print_diff(paths, settings, stdin, quiet=quiet)
    began = _now() if verbose else 0.0
    fixed = False
    stream = sys.stdout
    if fix:
        from wslint.cli.fix import apply_fixes, print_refused

        # nothing else may mix with output for programs, or with fixed standard input
        beside = stdin is not None or is_for_programs(to)
        fixes, report, problems = apply_fixes(
            paths, settings, stdin, sys.stderr if beside else sys.stdout
        )
        print_refused(fixes)
        fixed = bool(fixes.count)
        stream = sys.stderr if stdin is not None else sys.stdout
    else:
        report, problems = _checked(paths, settings, stdin, quiet=quiet)
    report = _witnessed(report, witness)
    echo.warnings(report)
    if write_baseline is not None:
        save_baseline(report, write_baseline)
    report, gone = without_known(report, settings, baseline)
    if add_ignore is not None:
        report, problems = _silenced(report, add_ignore, paths, settings, stdin, to)
        report = _witnessed(report, witness)
        report, gone = without_known(report, settings, baseline)
    for problem in problems:
        echo.problem(problem)
    from wslint.cli.outputs import print_details, write

    written = write(
        report,
        to,
        stream,
        settings,
        show_unresolved=show_unresolved,
        statistics=statistics,
        quiet=quiet,
    )
    if verbose:
        print_details(report, settings, _now() - began, gone)
    code = 2 if problems else report.exit_code or int(fixed and exit_non_zero_on_fix)
    code = 0 if exit_zero and code == 1 else code
    sys.exit(code if written else 2)


def _show(
    paths: tuple[str, ...], settings: Settings, *, show_settings: bool, show_files: bool
) -> NoReturn:
    from wslint.cli import show

    if show_settings:
        show.show_settings(settings)
    there = show.show_files(paths, settings) if show_files else True
    sys.exit(0 if there else 2)


def _checked(
    paths: tuple[str, ...],
    settings: Settings,
    stdin: tuple[str, bytes] | None,
    *,
    quiet: bool = False,
) -> tuple[Report, list[Problem]]:
    from wslint.run.check import check

    bar = echo.progress(quiet=quiet)
    report = check(paths, settings, stdin=stdin, progress=bar)
    if bar is not None:
        bar.clear()
    if not report.files_checked and not report.findings and not report.errors and paths:
        echo.warning(f"no Python files found under {', '.join(paths)}")
    return report, list(report.errors)


def _witnessed(report: Report, path: str | None) -> Report:
    if path is None:
        return report
    from wslint.config.settings import ConfigError
    from wslint.output.witness import read_witness, with_witness

    try:
        return with_witness(report, read_witness(path))
    except ConfigError as error:
        raise echo.Failure(str(error)) from None


def _silenced(
    report: Report,
    reason: str,
    paths: tuple[str, ...],
    settings: Settings,
    stdin: tuple[str, bytes] | None,
    to: list[Target],
) -> tuple[Report, list[Problem]]:
    from wslint.cli.add_ignore import add_ignores, check_reason

    if stdin is not None:
        raise click.UsageError("--add-ignore cannot be used with standard input")
    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        hint = "" if reason else f' (pass a reason as --add-ignore="{missing[-1]}")'
        raise echo.Failure(f"{missing[-1]}: no such file or directory; nothing was added{hint}")
    problems, changed = add_ignores(
        report, check_reason(reason), settings, sys.stderr if is_for_programs(to) else sys.stdout
    )
    if not changed:
        return report, problems + list(report.errors)
    after, errors = _checked(paths, settings, None)
    return after, problems + errors


def _now() -> float:
    import time

    return time.perf_counter()
