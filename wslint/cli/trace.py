"""``wslint trace``."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from wslint.cli.echo import Failure, coloured, emit
from wslint.cli.options import FILE, colour_option, settings_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.config.settings import Settings
    from wslint.findings.finding import Finding
    from wslint.syntax.source import Source
    from wslint.timeline.model import Timeline


EXAMPLES = """\
\b
Examples:
  wslint trace tests/test_chat.py::test_join
  wslint trace tests/test_chat.py::ChatTests
  wslint trace tests/test_chat.py::test_join --output-format svg >join.svg
"""


@click.command("trace", short_help="Draw the timeline of a test.", epilog=EXAMPLES)
@click.argument("target", metavar="FILE[::TEST]", type=FILE)
@click.option("--config", metavar="FILE", type=FILE, help="Use this configuration file.")
@click.option("--isolated", is_flag=True, help="Use no configuration file.")
@click.option("--output-format", type=click.Choice(["text", "svg"]), default="text")
@colour_option
def command(target: str, config: str | None, isolated: bool, output_format: str) -> None:
    """Draw the timeline of a test: what is open while what happens."""
    from wslint.discovery.chosen_tests import is_chosen, no_such_test
    from wslint.discovery.walk import absolute_path
    from wslint.run.judge import traced_timelines

    file, _, wanted = target.partition("::")
    if os.path.isdir(file):
        raise Failure(f"{file} is a directory: give a file, or FILE::TEST")
    settings = settings_for([file], config=config, isolated=isolated)
    source = _read(file, absolute_path(file), settings)
    names: list[str] = []
    chosen: list[_Judged] = []
    for timeline in traced_timelines(source, settings):
        if timeline.never_runs is None:
            names.append(timeline.test.qualname)
            if is_chosen(names[-1], wanted):
                chosen.append(_Judged(timeline, _findings(timeline, settings)))
    if not chosen:
        raise Failure(f"{file}: {no_such_test(wanted, names)}")
    if output_format == "text":
        emit(_as_text(chosen))
        return
    if len(chosen) > 1:
        several = ", ".join(judged.timeline.test.qualname for judged in chosen)
        raise Failure(f"{target}: a picture shows one test; choose one of {several}")
    emit(_as_svg(chosen[0]))


class _Judged(NamedTuple):
    timeline: Timeline
    findings: list[Finding]


def _as_text(chosen: Sequence[_Judged]) -> str:
    from wslint.output.colour import Paint
    from wslint.output.timeline import ASCII, Glyphs, draw

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    paint = Paint(coloured(sys.stdout))
    width = shutil.get_terminal_size((100, 24)).columns
    glyphs = Glyphs() if unicode else ASCII
    pictures = (
        draw(judged.timeline, judged.findings, paint, glyphs=glyphs, width=width)
        for judged in chosen
    )
    return "\n".join(pictures)


def _as_svg(judged: _Judged) -> str:
    """Return the SVG in ASCII, which is the same in every encoding."""
    from wslint.output.svg import draw_svg

    here = os.getcwd().replace(os.sep, "/")
    drawn = draw_svg(judged.timeline, judged.findings, root=here)
    return drawn.encode("ascii", "xmlcharrefreplace").decode()


def _read(file: str, path: str, settings: Settings) -> Source:
    from wslint.syntax.source import Unreadable, read_source

    if not os.path.lexists(path):
        raise Failure(f"{file}: no such file")
    source = read_source(path, max_size=settings.max_file_size)
    if isinstance(source, Unreadable):
        raise Failure(f"{file}:{source.line}:{source.column + 1}: {source.reason}")
    return source


def _findings(timeline: Timeline, settings: Settings) -> list[Finding]:
    from wslint.rules import selected_rules
    from wslint.run.judge import judge_timeline

    return judge_timeline(timeline, selected_rules(settings))
