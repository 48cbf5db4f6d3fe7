"""``wslint check``."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import click

from wslint.cli import echo
from wslint.cli.options import selection_options, settings_for

# A name that test runners collect: under another one, nothing in it would be judged.
UNNAMED = "test_stdin.py"
FORMATS = {"full": "full", "concise": "concise", "json": "json_format"}


@click.command("check")
@selection_options
@click.option(
    "--output-format",
    type=click.Choice(list(FORMATS)),
    default="full",
    show_default=True,
    help="How findings are printed.",
)
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
    show_unresolved: bool,
    exit_zero: bool,
    stdin_filename: str | None,
    **options: Any,
) -> None:
    """Report problems in PATHS (the working directory by default, - for standard input).

    Exit codes: 0 nothing found, 1 problems found, 2 wrong usage, wrong configuration or an
    error of wslint's own.
    """
    from wslint.engine import check

    stdin = None
    if "-" in paths or (stdin_filename and not paths):
        if paths not in ((), ("-",)):
            raise click.UsageError("- (standard input) cannot be combined with other paths")
        name = stdin_filename or UNNAMED
        paths, where = (), [name]
        settings = settings_for(where, **options)
        stdin = name, sys.stdin.buffer.read(settings.max_file_size + 1)
    else:
        paths = paths or (".",)
        settings = settings_for(paths, **options)
    report = check(paths, settings, stdin=stdin)
    for problem in report.errors:
        echo.problem(problem)
    if not report.files_checked and not report.findings and not report.errors and paths:
        echo.warning(f"no Python files found under {', '.join(paths)}")
    _print(report, output_format, show_unresolved=show_unresolved)
    code = report.exit_code
    sys.exit(0 if exit_zero and code == 1 else code)


def _print(report: Any, output_format: str, *, show_unresolved: bool) -> None:
    from wslint.output.colour import wants_colour

    module = import_module(f"wslint.output.{FORMATS[output_format]}")
    colour = wants_colour(sys.stdout)
    echo.emit(module.render(report, colour=colour, show_unresolved=show_unresolved))
