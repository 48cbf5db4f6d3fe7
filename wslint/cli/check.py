"""``wslint check``."""

from __future__ import annotations

import sys
from typing import Any

import click

from wslint.cli import echo
from wslint.cli.options import (
    UNNAMED,
    fixing_options,
    read_input,
    selection_options,
    with_unsafe_fixes,
)


@click.command("check")
@selection_options
@click.option(
    "--output-format",
    type=click.Choice(list(echo.FORMATS)),
    default="full",
    show_default=True,
    help="How findings are printed.",
)
@click.option("--fix", is_flag=True, help="Repair what can be repaired, as wslint fix does.")
@fixing_options
@click.option("--show-unresolved", is_flag=True, help="List what could not be judged, and why.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even where problems are found.")
@click.option(
    "--stdin-filename",
    metavar="NAME",
    help=f"The name of what is read from standard input (-); {UNNAMED} if not given.",
)
def command(
    paths: tuple[str, ...],
    output_format: str,
    fix: bool,
    unsafe_fixes: bool | None,
    exit_non_zero_on_fix: bool,
    show_unresolved: bool,
    exit_zero: bool,
    stdin_filename: str | None,
    **options: Any,
) -> None:
    """Report problems in PATHS (the working directory by default, - for standard input).

    Exit codes: 0 nothing found, 1 problems found, 2 wrong usage, wrong configuration or an
    error of wslint's own.
    """
    paths, stdin, settings = read_input(paths, stdin_filename, **options)
    settings = with_unsafe_fixes(settings, unsafe_fixes)
    fixed = False
    stream = sys.stdout
    if fix:
        from wslint.cli.fix import repair

        # what a program reads, and repaired standard input, must come alone
        beside = stdin is not None or output_format not in echo.FOR_PEOPLE
        fixes, report, problems = repair(
            paths, settings, stdin, sys.stderr if beside else sys.stdout
        )
        fixed = bool(fixes.count)
        stream = sys.stderr if stdin is not None else sys.stdout
    else:
        from wslint.engine import check

        report = check(paths, settings, stdin=stdin)
        problems = list(report.errors)
        if not report.files_checked and not report.findings and not report.errors and paths:
            echo.warning(f"no Python files found under {', '.join(paths)}")
    for problem in problems:
        echo.problem(problem)
    echo.report(report, output_format, stream, show_unresolved=show_unresolved)
    code = 2 if problems else report.exit_code or int(fixed and exit_non_zero_on_fix)
    sys.exit(0 if exit_zero and code == 1 else code)
