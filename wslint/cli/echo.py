"""Writes to the terminal; characters that cannot be encoded are escaped."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

import click

from wslint.output.formats import render
from wslint.output.text import path_from_here, printable
from wslint.syntax.source import os_reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslint.cli.progress import Progress
    from wslint.config.settings import Settings
    from wslint.findings.report import Problem, Report


class Failure(click.ClickException):
    """An error that the user has to correct: one line, and exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """Print the message."""
        error(self.message)


def emit(text: str, stream: TextIO | None = None) -> None:
    """Write text with any characters. Raises Failure, for example if the disk is full."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    with _as_failure():
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


def emit_bytes(data: bytes) -> None:
    """Write encoded bytes to standard output. Raises Failure."""
    with _as_failure():
        click.echo(data, nl=False)


@contextmanager
def _as_failure() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # the reader closed the pipe: click handles this
    except OSError as problem:
        raise Failure(f"the output cannot be written: {os_reason(problem)}") from problem


def report(
    result: Report,
    output_format: str,
    stream: TextIO,
    settings: Settings,
    *,
    quiet: bool = False,
) -> None:
    """Print a report in one of the output formats."""
    emit(render(result, output_format, settings, colour=coloured(stream), quiet=quiet), stream)


def coloured(stream: TextIO) -> bool:
    """Return whether to colour a stream, from ``--color`` or the environment."""
    from wslint.output.colour import wants_colour

    context = click.get_current_context(silent=True)
    choice = context.color if context is not None else None
    return wants_colour(stream) if choice is None else choice


def progress(*, quiet: bool = False) -> Progress | None:
    """Return a progress bar if standard error is a terminal."""
    if quiet or not sys.stderr.isatty():
        return None
    from wslint.cli.progress import Progress

    return Progress(sys.stderr)


def _say(text: str) -> None:
    with suppress(Failure):  # it could not be printed either
        emit(text, sys.stderr)


def error(message: str) -> None:
    """Print one error."""
    _say(f"error: {printable(message)}\n")


def warning(message: str) -> None:
    """Print one warning."""
    _say(f"warning: {printable(message)}\n")


def warnings(result: Report) -> None:
    """Print the warnings of a run, each with its file and line."""
    for notice in result.warnings:
        warning(f"{path_from_here(notice.path)}:{notice.line}: {notice.message}")


def problem(cause: Problem) -> None:
    """Print a problem, with its traceback if WSLINT_TRACEBACK is set."""
    where = f"{path_from_here(cause.path)}: " if cause.path else ""
    error(f"{where}{cause.message}")
    if cause.detail and os.environ.get("WSLINT_TRACEBACK"):
        _say(cause.detail)
