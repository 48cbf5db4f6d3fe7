"""Writing to the terminal: what its encoding cannot say is escaped, never a crash."""

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
    """Something that the user has to correct: exit code 2 and one line."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """Print the message."""
        error(self.message)


def emit(text: str, stream: TextIO | None = None) -> None:
    """Write text that may hold any character; Failure where the disk is full."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    with _told():
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()


def emit_bytes(data: bytes) -> None:
    """Write to standard output what is in the encoding of a file; Failure as above."""
    with _told():
        click.echo(data, nl=False)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of a pipe has seen enough, which click knows how to take
    except OSError as problem:
        raise Failure(f"the output cannot be written: {os_reason(problem)}") from problem


def report(result: Report, output_format: str, stream: TextIO, settings: Settings) -> None:
    """Print a report in one of the output formats."""
    emit(render(result, output_format, settings, colour=coloured(stream)), stream)


def coloured(stream: TextIO) -> bool:
    """Return whether a stream gets colours: as ``--color`` says, else as the surroundings do."""
    from wslint.output.colour import wants_colour

    context = click.get_current_context(silent=True)
    said = context.color if context is not None else None
    return wants_colour(stream) if said is None else said


def progress(*, quiet: bool = False) -> Progress | None:
    """Return a bar where a person watches: standard error is a terminal."""
    if quiet or not sys.stderr.isatty():
        return None
    from wslint.cli.progress import Progress

    return Progress(sys.stderr)


def _say(text: str) -> None:
    with suppress(Failure):  # which could not be said either
        emit(text, sys.stderr)


def error(message: str) -> None:
    """Print one error."""
    _say(f"error: {printable(message)}\n")


def warning(message: str) -> None:
    """Print one warning."""
    _say(f"warning: {printable(message)}\n")


def problem(cause: Problem) -> None:
    """Print what kept a run from doing its work, with the traceback where that is asked for."""
    where = f"{path_from_here(cause.path)}: " if cause.path else ""
    error(f"{where}{cause.message}")
    if cause.detail and os.environ.get("WSLINT_TRACEBACK"):
        _say(cause.detail)
