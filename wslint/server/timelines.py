"""The timelines of an open file, as text and as a page with a picture."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from wslint.server.judging import enter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wslint.findings.finding import Finding
    from wslint.server.judging import Judgement
    from wslint.timeline.model import Timeline

WIDTH = 80
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
{picture}
</html>
"""


def timelines(judgement: Judgement) -> Iterator[Timeline]:
    """Yield the timelines of the tests of a file with something to show."""
    from wslint.config.resolver import SettingsResolver
    from wslint.filesystem import snapshot
    from wslint.run.judge import is_relevant, traced_timelines
    from wslint.syntax.source import Source

    enter(judgement.root)
    buffer = judgement.buffer
    source = Source.from_bytes(buffer.path, buffer.data)
    if not isinstance(source, Source):
        return
    snapshot.forget()
    settings = SettingsResolver(judgement.settings).of(buffer.path)
    overlay = {**judgement.unsaved, buffer.path: buffer.data}
    yield from filter(is_relevant, traced_timelines(source, settings, overlay))


def drawn(timeline: Timeline, findings: Sequence[Finding]) -> str:
    """Return a timeline as text, with those of the findings that are about its test."""
    from wslint.output.colour import Paint
    from wslint.output.timeline import draw

    return draw(timeline, _own(findings, timeline), Paint(), width=WIDTH)


def page(timeline: Timeline, findings: Sequence[Finding], root: str) -> str:
    """Return a page with the picture of a timeline."""
    from wslint.output.svg import draw_svg

    picture = draw_svg(timeline, _own(findings, timeline), root=root)
    return _PAGE.format(title=html.escape(timeline.test.qualname), picture=picture)


def _own(findings: Sequence[Finding], timeline: Timeline) -> list[Finding]:
    return [finding for finding in findings if finding.test == timeline.test.qualname]
