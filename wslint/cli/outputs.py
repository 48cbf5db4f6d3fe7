"""Writes a report in any number of formats, each to standard output or to a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO, TypeVar

import click

from wslint.cli import echo
from wslint.output.formats import FORMATS, render
from wslint.output.text import path_from_here

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from wslint.config.settings import Settings
    from wslint.findings.report import Report

F = TypeVar("F", bound=Callable[..., Any])


class Target(NamedTuple):
    """An output format and its file; empty for standard output."""

    format: str
    file: str = ""


class FormatType(click.ParamType):  # type: ignore[type-arg]  # generic since click 8.3
    """``FORMAT`` or ``FORMAT:FILE``."""

    name = "format"

    def convert(self, value: Any, param: Any, ctx: Any) -> Target:
        """Split the value and check the format."""
        if isinstance(value, Target):
            return value
        name, colon, file = value.partition(":")
        if name not in FORMATS:
            known = ", ".join(map(repr, FORMATS))
            self.fail(f"{name!r} is not one of {known}.", param, ctx)
        if colon and not file:
            self.fail(f"{value!r} has no file after the colon.", param, ctx)
        return Target(name, file)

    def shell_complete(self, ctx: Any, param: Any, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        """Complete the formats."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(name) for name in FORMATS if name.startswith(incomplete)]


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--output-format",
        "targets",
        type=FormatType(),
        multiple=True,
        metavar="FORMAT[:FILE]",
        help="The output format, or FORMAT:FILE; may be given several times. "
        f"One of {', '.join(FORMATS)}.  [default: full]",
    ),
    click.option(
        "--output-file",
        "-o",
        metavar="FILE",
        type=click.Path(readable=False),
        help="Write to this file instead of standard output.",
    ),
    click.option("--statistics", is_flag=True, help="Only count the findings of each rule."),
    click.option("--quiet", "-q", is_flag=True, help="Print only findings and errors."),
    click.option("--verbose", "-v", is_flag=True, help="Print details of the run on stderr."),
)


def output_options(function: F) -> F:
    """Add the output options."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def targets_of(requested: Sequence[Target], output_file: str | None) -> list[Target]:
    """Combine the options. Raises UsageError if two formats go to one place."""
    targets = list(requested) or [Target("full")]
    if output_file:
        if all(target.file for target in targets):
            raise click.UsageError("--output-file: nothing would go to standard output")
        targets = [Target(target.format, target.file or output_file) for target in targets]
    places = [os.path.abspath(target.file) if target.file else "" for target in targets]
    for place in places:
        if places.count(place) > 1:
            where = path_from_here(place) if place else "standard output"
            raise click.UsageError(f"--output-format: two formats go to {where}")
    return targets


def is_for_programs(targets: Sequence[Target]) -> bool:
    """Return whether standard output is in a format for programs."""
    return any(not target.file and not FORMATS[target.format].for_people for target in targets)


def write(
    report: Report,
    targets: Sequence[Target],
    stream: TextIO,
    settings: Settings,
    *,
    show_unresolved: bool,
    statistics: bool,
    quiet: bool,
) -> bool:
    """Print and write a report; return whether all files could be written."""
    done = True
    for target in targets:
        colour = not target.file and echo.coloured(stream)
        if statistics:
            text = _statistics(report, target.format, colour=colour, quiet=quiet)
        else:
            text = render(
                report,
                target.format,
                settings,
                colour=colour,
                show_unresolved=show_unresolved,
                quiet=quiet,
            )
        if target.file:
            done = write_file(target.file, text) and done
        else:
            echo.emit(text, stream)
    if not quiet and all(target.file for target in targets):
        from wslint.output.summary import summary

        if last := summary(report, show_unresolved=show_unresolved):
            echo.emit(f"{last}\n", sys.stderr)
    return done


def write_file(file: str, text: str) -> bool:
    """Write a text file; on failure print the error and return False."""
    data = text.encode("utf-8", "backslashreplace")
    try:
        if _is_replaceable(file):
            _replace(file, data)
        else:
            with open(file, "wb") as opened:
                opened.write(data)
    except OSError as error:
        echo.error(f"{file}: cannot be written: {error.strerror}")
        return False
    return True


def _is_replaceable(file: str) -> bool:
    """Return whether a file is made anew, which is not true of a pipe or a device."""
    folder = os.path.dirname(os.path.abspath(file))
    is_special = os.path.exists(file) and not os.path.isfile(file)
    return not (is_special or folder.startswith(("/dev", "/proc"))) and os.access(folder, os.W_OK)


def _replace(file: str, data: bytes) -> None:
    """Write a whole file or none; a link is replaced, not followed: a repository may hold one."""
    temporary = f"{file}.{os.getpid()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)
    try:
        with open(descriptor, "wb") as opened:
            opened.write(data)
        if os.path.isfile(file) and not os.path.islink(file):
            os.chmod(temporary, os.stat(file).st_mode & 0o7777)
        os.replace(temporary, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _statistics(report: Report, output_format: str, *, colour: bool, quiet: bool) -> str:
    from wslint.output import statistics

    if FORMATS[output_format].for_people:
        return statistics.render(report, colour=colour, quiet=quiet)
    if output_format == "json":
        return statistics.render_json(report)
    raise click.UsageError(f"--statistics is not available as {output_format}; use full or json")


def print_details(report: Report, settings: Settings, seconds: float, gone: int) -> None:
    """Print what a run has checked."""
    from wslint.output.text import plural, printable

    lines = [f"settings: {path_from_here(settings.config_file) or 'no configuration file'}"]
    looked = f"{plural(report.files_checked, 'file')} checked"
    lines.append(f"{looked}, {plural(report.tests_judged, 'test')} judged in {seconds:.2f} s")
    if report.unresolved:
        lines.append(f"{plural(len(report.unresolved), 'place')} left unjudged (--show-unresolved)")
    for finding, by in report.suppressed:
        where = f"{path_from_here(finding.path)}:{finding.span.line}"
        reason = f": {by.reason}" if by.reason else ", without a reason"
        lines.append(f"{where}: {finding.code} suppressed on line {by.line}{reason}")
    if report.baselined or gone:
        rest = " (fixed, of rules that are off, or in files not checked)" if gone else ""
        lines.append(f"baseline: {report.baselined} found again, {gone} not{rest}")
    for line in lines:
        echo.emit(f"{printable(line)}\n", sys.stderr)
