"""``wslint fix``."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from wslint.cli import echo
from wslint.cli.baseline import baseline_option, without_known
from wslint.cli.options import (
    UNNAMED,
    WithPaths,
    fixing_options,
    read_input,
    selection_options,
    with_unsafe_fixes,
)
from wslint.cli.unfixed import elsewhere, unfixed
from wslint.output.text import display, path_from_here, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wslint.config.settings import Settings
    from wslint.findings.report import Problem, Report
    from wslint.run.fix import Fixes


EXAMPLES = """\
\b
Examples:
  wslint fix tests/
  wslint fix --unsafe-fixes --diff | git apply
  wslint fix --select WS301 --unsafe-fixes tests/test_chat.py
  wslint fix --unsafe-fixes --verify "python -m pytest"
"""


@click.command("fix", short_help="Fix problems.", cls=WithPaths, epilog=EXAMPLES)
@selection_options
@fixing_options
@click.option("--diff", is_flag=True, help="Print the changes as a patch instead of writing them.")
@click.option("--fix-only", is_flag=True, help="Neither report remaining problems nor exit with 1.")
@click.option(
    "--verify",
    metavar="COMMAND",
    help="Run the affected tests with COMMAND (pytest, unittest or manage.py test) before and "
    "after, and revert the files whose tests got worse.",
)
@click.option(
    "--verify-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=600,
    show_default=True,
    help="Limit of each run in seconds; the test running then counts as hanging.",
)
@baseline_option
@click.option(
    "--output-format",
    type=click.Choice(["full", "concise"]),
    default="concise",
    show_default=True,
    help="Output format of the remaining problems.",
)
@click.option("--statistics", is_flag=True, help="Only count the remaining findings of each rule.")
@click.option("-q", "--quiet", is_flag=True, help="Print only remaining findings and errors.")
@click.option(
    "--stdin-filename",
    metavar="NAME",
    help=f"The file name for standard input (-); {UNNAMED} by default.",
)
def command(
    *,
    paths: tuple[str, ...],
    unsafe_fixes: bool | None,
    exit_non_zero_on_fix: bool,
    diff: bool,
    fix_only: bool,
    verify: str | None,
    verify_timeout: float,
    baseline: str | None,
    output_format: str,
    statistics: bool,
    quiet: bool,
    stdin_filename: str | None,
    **options: Any,
) -> None:
    """Fix problems in PATHS (the working directory by default).

    FILE::TEST or FILE::CLASS::TEST fixes only that test.

    For standard input (-), the fixed source is printed. Exit codes: 0 no problems remain, 1
    problems remain (with --diff: there are changes), 2 an error occurred.
    """
    paths, stdin, settings = read_input(paths, stdin_filename, **options)
    settings = with_unsafe_fixes(settings, unsafe_fixes)
    if verify is not None and (diff or stdin is not None):
        raise click.UsageError("--verify cannot be combined with --diff or -.")
    if diff:
        print_diff(paths, settings, stdin, quiet=quiet)
    stream = sys.stderr if stdin is not None else sys.stdout
    if verify is None:
        fixes, report, problems = apply_fixes(paths, settings, stdin, None if quiet else stream)
        put_back: Mapping[str, str] = {}
    else:
        fixes, report, problems, put_back = _verified(paths, settings, verify, verify_timeout)
    echo.warnings(report)
    if fix_only:
        _finish(problems, has_problems=exit_non_zero_on_fix and bool(fixes.count))
    report, _ = without_known(report, settings, baseline)
    if statistics:
        from wslint.output.statistics import render

        echo.emit(render(report, colour=echo.coloured(stream), quiet=quiet), stream)
    else:
        echo.report(report, output_format, stream, settings, quiet=quiet)
    if not quiet:
        _print_unfixed(unfixed(report.findings, fixes, settings, problems, put_back), stream)
    has_problems = bool(report.findings) or (exit_non_zero_on_fix and bool(fixes.count))
    _finish(problems, has_problems=has_problems)


def apply_fixes(
    paths: tuple[str, ...],
    settings: Settings,
    stdin: tuple[str, bytes] | None,
    stream: TextIO | None,
) -> tuple[Fixes, Report, list[Problem]]:
    """Write the fixes, list them on ``stream`` if there is one, and check again."""
    from wslint.discovery.walk import absolute_path
    from wslint.run.check import check
    from wslint.run.fix import written_fixes

    fixes = _compute_fixes(paths, settings, stdin)
    problems = list(fixes.report.errors)
    if stdin is not None:
        after = {change.path: change.after for change in fixes.changes}
        text = after.get(absolute_path(stdin[0]), stdin[1])
        echo.emit_bytes(text)
        report = check([], settings, stdin=(stdin[0], text))
    else:
        fixes, unwritten = written_fixes(fixes)
        problems += unwritten
        report = _what_is_left(paths, settings, fixes)
    if stream is not None:
        _print_outcome(fixes, stream)
    return fixes, report, problems


def _verified(
    paths: tuple[str, ...], settings: Settings, command: str, timeout: float
) -> tuple[Fixes, Report, list[Problem], Mapping[str, str]]:
    """Write the fixes that pass ``--verify``, and check again; also return what was reverted."""
    from wslint.cli import verify
    from wslint.run.fix import find_fixes

    fixes = _compute_fixes(paths, settings, None)
    problems, put_back = verify.write(
        fixes,
        command,
        timeout,
        sys.stdout,
        lambda code: find_fixes(paths, settings, without=code),
        lambda: _print_outcome(fixes, sys.stdout),
    )
    report = _what_is_left(paths, settings, fixes)
    return fixes, report, [*fixes.report.errors, *problems], put_back


def _what_is_left(paths: tuple[str, ...], settings: Settings, fixes: Fixes) -> Report:
    from wslint.fixes.materialise import materialise_fixes
    from wslint.run.check import check

    if fixes.changes:
        report = check(paths, settings)
    else:
        findings = materialise_fixes(fixes.report.findings, {}, settings.max_file_size)
        report = replace(fixes.report, findings=tuple(findings))
    if not report.files_checked and not report.findings and not report.errors:
        echo.warning(f"no Python files found under {', '.join(paths)}")
    return report


def _compute_fixes(
    paths: tuple[str, ...], settings: Settings, stdin: tuple[str, bytes] | None
) -> Fixes:
    from wslint.run.fix import find_fixes

    bar = echo.progress()
    fixes = find_fixes(paths, settings, stdin=stdin, progress=bar)
    if bar is not None:
        bar.clear()
    return fixes


def print_diff(
    paths: tuple[str, ...],
    settings: Settings,
    stdin: tuple[str, bytes] | None,
    *,
    quiet: bool,
) -> NoReturn:
    """Print what fixes would change, and exit."""
    fixes = _compute_fixes(paths, settings, stdin)
    _print_patch(fixes)
    if not quiet:
        _print_counts(fixes, settings)
    echo.warnings(fixes.report)
    _finish(list(fixes.report.errors), has_problems=bool(fixes.changes))


def _print_patch(fixes: Fixes) -> None:
    from wslint.fixes.diff import unified_diff

    for change in fixes.changes:
        patch = unified_diff(path_from_here(change.path), change.before, change.after)
        if sys.stdout.isatty():  # to be read, not applied
            echo.emit(_displayed(patch))
        else:
            echo.emit_bytes(patch)


def _print_counts(fixes: Fixes, settings: Settings) -> None:
    from wslint.config.resolver import SettingsResolver
    from wslint.run.fix import is_wanted

    refused = [finding for finding, _ in fixes.refused]
    resolver = SettingsResolver(settings)
    others = [
        finding
        for finding in fixes.report.findings
        if not is_wanted(finding, resolver.of(finding.path))
    ]
    left = list(unfixed([*refused, *others], fixes, settings))
    if fixes.changes:
        files = plural(len(fixes.changes), "file")
        echo.emit(f"Would fix {plural(fixes.count, 'problem')} in {files}.\n", sys.stderr)
    else:
        echo.emit("Would fix nothing.\n" if left else "Nothing to fix.\n", sys.stderr)
    _print_unfixed(left, sys.stderr)


def _displayed(patch: bytes) -> str:
    """Return a patch for a terminal, which no character of a file controls."""
    lines = patch.decode("utf-8", "replace").removesuffix("\n").split("\n")
    return "".join(f"{display(line.removesuffix(chr(13)))[0]}\n" for line in lines)


def _print_outcome(fixes: Fixes, stream: TextIO) -> None:
    if fixes.count:
        files = plural(len(fixes.changes), "file")
        echo.emit(f"Fixed {plural(fixes.count, 'problem')} in {files}:\n", stream)
    for applied in fixes.applied:
        what = f"{applied.code} {applied.title}"
        times = f"{applied.count} times " if applied.count > 1 else ""
        echo.emit(f"  {printable(path_from_here(applied.path))}: {times}{what}\n", stream)


def _print_unfixed(lines: Iterable[str], stream: TextIO) -> None:
    for number, line in enumerate(lines):
        echo.emit(line + "\n" if number else f"Not fixed:\n{line}\n", stream)


def print_refused(fixes: Fixes) -> None:
    """Warn about the fixes that could not be made."""
    for finding, reason in fixes.refused:
        where = f"{path_from_here(finding.path)}:{finding.span.line}:{finding.span.column + 1}"
        why = elsewhere(finding, fixes) or reason
        echo.warning(f"{where}: {finding.code} not fixed: {why}")


def _finish(problems: list[Problem], *, has_problems: bool) -> NoReturn:
    for problem in problems:
        echo.problem(problem)
    sys.exit(2 if problems else int(has_problems))
